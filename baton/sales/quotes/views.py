"""Pages and verbs of quotes for the people who write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.platform.files import open_file
from baton.platform.files.models import StoredFile
from baton.platform.pages import capped_count, page_of
from baton.sales.deals.forms import possible_owners
from baton.sales.deals.models import Deal
from baton.sales.deals.reads import with_names as deals_with_names
from baton.sales.quotes import actions, editor, page, reads
from baton.sales.quotes.models import Quote
from baton.sales.quotes.paper import quote_pdf
from baton.sales.signatures.actions import remind_signer
from baton.sales.signatures.models import SignatureRequest, Signer


def quote_of(request: Request, quote_id: int) -> Quote:
    """The quote, if the reader may see its deal; 404 otherwise."""
    quotes = Quote.objects.visible_to(request.user).select_related(
        "deal__owner", "deal__company", "company", "contact", "document"
    )
    return get_object_or_404(quotes, pk=quote_id)


@require_GET
@may("sales.view")
def quote_list(request: Request) -> HttpResponse:
    """Quotes as rows, fifty at a time."""
    chosen = reads.QuoteFilter.read(request.GET)
    key = request.GET.get("sort", "")
    sort = key if key in reads.SORTS else "newest"
    quotes = chosen.narrow(Quote.objects.visible_to(request.user), request.user)
    count, is_capped = capped_count(quotes)
    found = page_of(reads.with_names(quotes), reads.SORTS[sort], request.GET.get("after", ""))
    context = {
        "quotes": found.rows,
        "next": found.next,
        "is_first": not request.GET.get("after"),
        "count": count + 1 if is_capped else count,
        "filter": chosen,
        "states": reads.STATES,
        "sort": sort,
        "sorts": [(name, order.label) for name, order in reads.SORTS.items()],
        "owners": [("me", _("me")), *((str(person.pk), person.name) for person in possible_owners(request.user))],
        "today": timezone.localdate(),
    }
    return render(request, "sales/quotes/list.html", context)


@require_GET
@may("sales.change")
def new_quote(request: Request) -> HttpResponse:
    """Choose the deal of a new quote."""
    text = request.GET.get("q", "").strip()[:100]
    deals = deals_with_names(Deal.objects.visible_to(request.user).filter(state=Deal.State.OPEN))
    if text:
        deals = deals.filter(name__icontains=text)
    context = {"deals": list(deals.order_by("-changed_at")[:30]), "text": text}
    return render(request, "sales/quotes/new.html", context)


@require_POST
@may("sales.change")
def draft(request: Request) -> HttpResponse:
    """POST: begin a quote on a deal."""
    deal_id = request.POST.get("deal", "")
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=int(deal_id) if deal_id.isdecimal() else 0)
    if not deal.is_open:
        messages.error(request, _("This deal is closed. Reopen it first."))
        return redirect(deal)
    return redirect(actions.draft_quote(deal, actor=request.user, now=timezone.now()))


@require_GET
@may("sales.view")
def quote_page(request: Request, quote_id: int) -> HttpResponse:
    """A draft with its editor, or a sent quote with its pages, signers and what happened."""
    quote = quote_of(request, quote_id)
    return render(request, "sales/quotes/quote.html", page.context(request, quote))


@require_POST
@may("sales.change")
def change(request: Request, quote_id: int) -> HttpResponse:
    """POST: save a draft. What cannot be read is shown again as typed, and nothing is saved."""
    quote = quote_of(request, quote_id)
    typed = page.typed(request, quote)
    if not typed.is_good:
        return render(request, "sales/quotes/quote.html", page.context(request, quote, typed=typed), status=422)
    try:
        actions.change_quote(
            quote,
            typed.offer,
            typed.lines,
            actor=request.user,
            now=timezone.now(),
            seen_revision=_number(request.POST.get("revision", "")),
        )
    except Refusal as refusal:
        context = page.context(request, quote_of(request, quote_id), typed=typed, conflict=str(refusal))
        return render(request, "sales/quotes/quote.html", context, status=409)
    if request.POST.get("then") == "send":
        return redirect(quote.get_absolute_url() + "#send")
    return redirect(quote)


@require_POST
@may("sales.change")
def totals(request: Request, quote_id: int) -> HttpResponse:
    """POST by htmx: what the draft as typed comes to. Saves nothing."""
    quote = quote_of(request, quote_id)
    return render(request, "sales/quotes/_totals.html", page.preview(request, quote))


@require_POST
@may("sales.change")
def row(request: Request, quote_id: int) -> HttpResponse:
    """POST by htmx: one row anew after a product was chosen. Saves nothing."""
    quote = quote_of(request, quote_id)
    rows = editor.read_rows(request.POST)
    if not rows:
        raise Http404
    products = {str(product.pk): product for product in reads.sold_products(quote)}
    product = products.get(rows[0].product)
    filled = editor.row_of_product(product, rows[0]) if product else rows[0]
    context = {"row": filled, "quote": quote, "products": list(products.values()), "line": None}
    answer = render(request, "sales/quotes/_row.html", context)
    answer["HX-Trigger-After-Settle"] = "row-filled"
    return answer


@require_POST
@may("sales.change")
def send(request: Request, quote_id: int) -> HttpResponse:
    """POST: freeze the draft and mail every signer a link."""

    def done(quote: Quote) -> str:
        signers = editor.read_signers(request.POST, quote)
        for signer in signers:
            try:
                validate_email(signer.email)
            except ValidationError:
                raise Refusal(_("%(email)s is no e-mail address.") % {"email": signer.email or signer.name}) from None
        actions.send_quote(
            quote,
            signers,
            actor=request.user,
            now=timezone.now(),
            seen_revision=_number(request.POST.get("revision", "")) if quote.is_draft else None,
        )
        return _("Sent. You are told when it is opened and signed.")

    return _do(request, quote_id, done)


@require_POST
@may("sales.change")
def version(request: Request, quote_id: int) -> HttpResponse:
    """POST: a new version as a draft; the sent one is replaced."""
    quote = quote_of(request, quote_id)
    try:
        copy = actions.new_version(quote, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(quote)
    return redirect(copy)


@require_POST
@may("sales.change")
def discard(request: Request, quote_id: int) -> HttpResponse:
    """POST: put a draft into the bin."""
    quote = quote_of(request, quote_id)
    try:
        actions.discard_draft(quote, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(quote)
    messages.success(request, _("The draft is in the bin."))
    return redirect(quote.deal)


@require_POST
@may("sales.change")
def accept(request: Request, quote_id: int) -> HttpResponse:
    """POST: the customer accepted in another way, on paper or by mail."""

    def done(quote: Quote) -> str:
        actions.accept_on_paper(quote, actor=request.user, now=timezone.now())
        return _("Accepted: the deal is won and its order is booked.")

    return _do(request, quote_id, done)


@require_POST
@may("sales.change")
def remind(request: Request, quote_id: int, signer_id: int) -> HttpResponse:
    """POST: mail a signer the link once more."""

    def done(quote: Quote) -> str:
        signer = get_object_or_404(Signer.objects.select_related("request"), pk=signer_id, request__quote=quote)
        remind_signer(signer, actor=request.user, now=timezone.now())
        return _("The link goes to %(name)s once more.") % {"name": signer.name}

    return _do(request, quote_id, done)


@require_GET
@xframe_options_sameorigin
@may("sales.view")
def paper(request: Request, quote_id: int) -> HttpResponseBase:
    """The quote's PDF: as sent, or a draft's preview."""
    quote = quote_of(request, quote_id)
    if quote.document:
        return pdf_of(quote.document)
    return HttpResponse(quote_pdf(quote, on=timezone.localdate()), content_type="application/pdf")


@require_GET
@may("sales.view")
def signed(request: Request, quote_id: int) -> HttpResponseBase:
    """The sealed PDF."""
    found = get_object_or_404(SignatureRequest.objects.select_related("sealed"), quote=quote_of(request, quote_id))
    if found.sealed is None:
        raise Http404
    return pdf_of(found.sealed)


@require_GET
@may("sales.view")
def picture(request: Request, quote_id: int, number: int) -> HttpResponseBase:
    """One page of the sent quote as a picture."""
    return picture_of(quote_of(request, quote_id), number)


def pdf_of(stored: StoredFile) -> FileResponse:
    """A stored PDF to look at; its name is offered when it is saved."""
    answer = FileResponse(open_file(stored), content_type="application/pdf", filename=stored.name)
    answer["Content-Security-Policy"] = "frame-ancestors 'self'"  # PDF viewers refuse to work under the pages' policy
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def picture_of(quote: Quote, number: int) -> HttpResponseBase:
    """Page `number` (from 1) of a sent quote as SVG."""
    if not 1 <= number <= len(quote.pictures):
        raise Http404
    stored = get_object_or_404(StoredFile, pk=quote.pictures[number - 1])
    answer = FileResponse(open_file(stored), content_type=stored.content_type)
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


def _do(request: Request, quote_id: int, done: Callable[[Quote], str]) -> HttpResponse:
    quote = quote_of(request, quote_id)
    try:
        messages.success(request, done(quote))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(quote)


def _number(text: Any) -> int | None:
    return int(text) if str(text).isdecimal() else None
