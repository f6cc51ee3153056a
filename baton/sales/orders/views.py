"""Pages of orders, and recording what is paid."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.platform.money import decimals, format_scaled, parse_scaled
from baton.platform.pages import capped_count, page_of
from baton.sales.orders import actions, reads
from baton.sales.orders.models import Order


def order_of(request: Request, order_id: int) -> Order:
    """The order, if the reader may see its deal; 404 otherwise."""
    orders = Order.objects.visible_to(request.user).select_related("deal__company", "deal__owner", "quote")
    return get_object_or_404(orders, pk=order_id)


@require_GET
@may("sales.view")
def order_list(request: Request) -> HttpResponse:
    """Orders as rows, fifty at a time."""
    paid, text = request.GET.get("paid", ""), request.GET.get("q", "").strip()[:100]
    paid = paid if paid in dict(reads.PAID) else ""
    orders = reads.narrowed(reads.with_paid(Order.objects.visible_to(request.user)), paid=paid, text=text)
    count, is_capped = capped_count(orders)
    found = page_of(orders, reads.NEWEST, request.GET.get("after", ""))
    context = {
        "orders": found.rows,
        "next": found.next,
        "is_first": not request.GET.get("after"),
        "count": count + 1 if is_capped else count,
        "paid": paid,
        "paid_choices": reads.PAID,
        "text": text,
    }
    return render(request, "sales/orders/list.html", context)


@require_GET
@may("sales.view")
def order_page(request: Request, order_id: int) -> HttpResponse:
    """One order: what was sold, at which margin, and what is paid."""
    return render(request, "sales/orders/order.html", _context(request, order_of(request, order_id)))


@require_POST
@may("sales.change")
def pay(request: Request, order_id: int) -> HttpResponse:
    """POST: record a payment; the same reference twice is one."""
    order = order_of(request, order_id)
    try:
        amount, paid_on = _amount(request.POST.get("amount", ""), order), _day(request.POST.get("paid_on", ""))
        if amount is None or paid_on is None:
            raise Refusal(_("Write an amount such as 12,400.50 and the day it was paid."))
        actions.record_payment(
            order,
            amount_minor=amount,
            paid_on=paid_on,
            reference=request.POST.get("reference", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except Refusal as refusal:
        context = {**_context(request, order), "wrong": str(refusal), "typed": request.POST}
        return render(request, "sales/orders/order.html", context, status=422)
    messages.success(request, _("Recorded."))
    return redirect(order)


def _context(request: Request, order: Order) -> dict[str, Any]:
    paid, digits = order.paid_minor, decimals(order.currency)
    left = max(order.total_minor - paid, 0)
    locale = translation.get_language() or "en"
    return {
        "order": order,
        "deal": order.deal,
        "lines": list(order.lines.order_by("pk")),
        "payments": list(order.payments.select_related("recorded_by")),
        "paid": paid,
        "left": left,
        "left_text": format_scaled(left, scale=10**digits, locale=locale, least=digits, most=digits) if left else "",
        "today": timezone.localdate(),
        "may_change": request.user.may("sales.change"),
        "wrong": "",
        "typed": {},
    }


def _amount(text: str, order: Order) -> int | None:
    try:
        return parse_scaled(text, scale=10 ** decimals(order.currency), locale=translation.get_language() or "en")
    except ValueError:
        return None


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None
