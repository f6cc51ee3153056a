"""The deal's page and the verbs on it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.contacts.models import Contact
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.sales.deals import actions, lines, page
from baton.sales.deals.amounts import to_minor
from baton.sales.deals.custom import with_typed
from baton.sales.deals.forms import ChangeForm, DealForm, LineForm, LoseForm, PartForm, first_error
from baton.sales.deals.models import Deal


def deal_of(request: Request, deal_id: int) -> Deal:
    """The deal, if the reader may see it; 404 otherwise."""
    deals = Deal.objects.visible_to(request.user).select_related(
        "company", "owner", "stage", "pipeline", "lead__contact"
    )
    return get_object_or_404(deals, pk=deal_id)


@may("sales.view")
def deal_page(request: Request, deal_id: int) -> HttpResponse:
    """One deal: where it stands, what comes next, who takes part and all that happened."""
    deal = deal_of(request, deal_id)
    return render(request, "sales/deals/deal.html", page.context(request, deal))


@may("sales.change")
def new_deal(request: Request) -> HttpResponse:
    """The form of a new deal; company, contact and stage may come with the address."""
    given = {name: request.GET[name] for name in ("company", "contact", "stage", "name") if request.GET.get(name)}
    form = DealForm(initial=given, user=request.user)
    return render(request, "sales/deals/new.html", page.new_context(request.user, form, given))


@require_POST
@may("sales.change")
def open_deal(request: Request) -> HttpResponse:
    """POST: make a deal."""
    form = DealForm(request.POST, user=request.user)
    if not form.is_valid():
        return render(request, "sales/deals/new.html", page.new_context(request.user, form, request.POST), status=422)
    owner = form.cleaned_data["owner"] or request.user
    try:
        deal = actions.open_deal(actor=request.user, now=timezone.now(), owner=owner, **form.values())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("new_deal")
    messages.success(request, _("Deal opened. What is the next step?"))
    return redirect(deal)


@require_POST
@may("sales.change")
def change_deal(request: Request, deal_id: int) -> HttpResponse:
    """POST: set the fields sent. When somebody was quicker nothing is saved and what was typed is shown again."""
    deal = deal_of(request, deal_id)
    form = ChangeForm(request.POST, user=request.user, deal=deal)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect(deal)
    try:
        actions.change_deal(
            deal,
            form.values(),
            actor=request.user,
            now=timezone.now(),
            seen_revision=form.cleaned_data["revision"],
        )
    except Refusal as refusal:
        typed = {name: form.data[name] for name in form.fields if name != "revision"}
        context = page.context(request, deal_of(request, deal_id), conflict=str(refusal), typed=typed)
        return render(request, "sales/deals/deal.html", context, status=409)
    if not Deal.objects.visible_to(request.user).filter(pk=deal.pk).exists():
        messages.success(request, _("%(deal)s now belongs to %(owner)s.") % {"deal": deal, "owner": deal.owner})
        return redirect("deals")
    return redirect(deal)


@require_POST
@may("sales.change")
def change_custom(request: Request, deal_id: int) -> HttpResponse:
    """POST: set the custom fields sent."""

    def done(deal: Deal) -> str:
        changes = {"custom": with_typed(deal, request.POST)}
        actions.change_deal(deal, changes, actor=request.user, now=timezone.now(), seen_revision=_seen(request))
        return _("Saved.")

    return _do(request, deal_id, done)


@require_POST
@may("sales.change")
def win(request: Request, deal_id: int) -> HttpResponse:
    """POST: book the deal as won."""

    def done(deal: Deal) -> str:
        actions.win_deal(deal, actor=request.user, now=timezone.now(), seen_revision=_seen(request))
        return _("Won and booked. Its open tasks are closed.")

    return _do(request, deal_id, done)


@require_POST
@may("sales.change")
def lose(request: Request, deal_id: int) -> HttpResponse:
    """POST: book the deal as lost, with the reason."""
    form = LoseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose why the deal was lost."))
        return redirect(deal_of(request, deal_id))

    def done(deal: Deal) -> str:
        told = form.cleaned_data
        actions.lose_deal(
            deal,
            reason=told["reason"],
            note=told["note"],
            actor=request.user,
            now=timezone.now(),
            seen_revision=told["revision"],
        )
        return _("Booked as lost. The reason helps the next one.")

    return _do(request, deal_id, done)


@require_POST
@may("sales.change")
def reopen(request: Request, deal_id: int) -> HttpResponse:
    """POST: open a closed deal again."""

    def done(deal: Deal) -> str:
        actions.reopen_deal(deal, actor=request.user, now=timezone.now())
        return _("The deal is open again. What is the next step?")

    return _do(request, deal_id, done)


@require_POST
@may("sales.change")
def add_contact(request: Request, deal_id: int) -> HttpResponse:
    """POST: give a contact a part in the deal or change it."""
    deal = deal_of(request, deal_id)
    form = PartForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect(deal)
    told = form.cleaned_data
    actions.add_contact(
        deal,
        told["contact"],
        actor=request.user,
        now=timezone.now(),
        role=told["role"],
        is_primary=told["is_primary"],
    )
    return redirect(deal)


@require_POST
@may("sales.change")
def remove_contact(request: Request, deal_id: int, contact_id: int) -> HttpResponse:
    """POST: take a contact out of the deal."""
    deal = deal_of(request, deal_id)
    contact = get_object_or_404(Contact.objects.filter(pk__in=deal.parts.values("contact_id")), pk=contact_id)
    actions.remove_contact(deal, contact, actor=request.user, now=timezone.now())
    messages.success(request, _("%(contact)s has no part in this deal any more.") % {"contact": contact})
    return redirect(deal)


@require_POST
@may("sales.change")
def add_line(request: Request, deal_id: int) -> HttpResponse:
    """POST: put a product into the deal."""
    form = LineForm(request.POST)

    def done(deal: Deal) -> str:
        if not form.is_valid():
            raise Refusal(first_error(form))
        told = form.cleaned_data
        lines.add_line(
            deal,
            told["product"],
            quantity_thousandths=told["quantity"],
            amount_minor=to_minor(told["amount"], deal.currency),
            seen_revision=_seen(request),
            actor=request.user,
            now=timezone.now(),
        )
        return _("%(product)s added; the amount is the sum of the products.") % {"product": told["product"]}

    return _do(request, deal_id, done)


@require_POST
@may("sales.change")
def remove_line(request: Request, deal_id: int, line_id: int) -> HttpResponse:
    """POST: take a product out of the deal."""

    def done(deal: Deal) -> str:
        line = get_object_or_404(deal.lines, pk=line_id)
        lines.remove_line(deal, line, actor=request.user, now=timezone.now())
        return _("Taken out.")

    return _do(request, deal_id, done)


def _seen(request: Request) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else None


def _do(request: Request, deal_id: int, done: Callable[[Deal], str]) -> HttpResponse:
    deal = deal_of(request, deal_id)
    try:
        messages.success(request, done(deal))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(deal)
