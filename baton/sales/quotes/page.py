"""All that a quote's page shows, read in one place."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from baton.platform.accounts.access import Request
from baton.platform.money import decimals
from baton.sales.orders.models import Order
from baton.sales.quotes import editor, reads
from baton.sales.quotes.editor import Typed
from baton.sales.quotes.models import Quote, totals_of
from baton.sales.quotes.rules import PricedLine, quote_totals
from baton.sales.signatures.chain import broken_at
from baton.sales.signatures.models import SignatureRequest

SIGNER_ROWS = 3


def context(request: Request, quote: Quote, *, typed: Typed | None = None, conflict: str = "") -> dict[str, Any]:
    """What the template needs. `typed` is shown in place of what is kept; `conflict` says why it was not saved."""
    lines = list(quote.lines.select_related("product").order_by("position", "pk"))
    may_change = request.user.may("sales.change")
    found: dict[str, Any] = {
        "quote": quote,
        "deal": quote.deal,
        "lines": lines,
        "totals": totals_of(quote, lines),
        "may_change": may_change,
        "versions": reads.versions_of(quote),
        "today": timezone.localdate(),
        "conflict": conflict,
        "typed": typed,
    }
    if quote.is_draft:
        found |= _draft(quote, lines, typed)
    else:
        found |= _sent(quote)
    return found


def typed(request: Request, quote: Quote) -> Typed:
    """The posted draft."""
    products = {str(product.pk): product for product in reads.sold_products(quote)}
    wanted = request.POST.get("contact", "")
    contact = next((one for one in reads.possible_contacts(quote) if str(one.pk) == wanted), None)
    return editor.read_draft(request.POST, quote, products=products, contact=contact)


def preview(request: Request, quote: Quote) -> dict[str, Any]:
    """What the posted draft comes to, with each row's own net; rows that cannot be read count as nothing."""
    found = typed(request, quote)
    priced = [
        PricedLine(line.quantity_thousandths, line.price_micros, line.discount_bp, line.tax_bp, line.cost_micros)
        for line in found.lines
    ]
    return {
        "quote": quote,
        "totals": quote_totals(
            priced, currency=quote.currency, discount_bp=found.offer.discount_bp, rounding=found.offer.rounding
        ),
        "discount_bp": found.offer.discount_bp,
        "may_change": True,
        "has_wrong": not found.is_good,
    }


def _draft(quote: Quote, lines: list[Any], typed: Typed | None) -> dict[str, Any]:
    offer = typed.offer if typed else quote
    contact = quote.contact
    return {
        "rows": typed.rows if typed else editor.rows_of(lines, quote.currency),
        "offer": offer,
        "discount_bp": offer.discount_bp,
        "discount_text": editor.percent_text(offer.discount_bp),
        "products": reads.sold_products(quote),
        "contacts": reads.possible_contacts(quote),
        "signers": [(contact.name, contact.email)] if contact else [],
        "signer_rows": SIGNER_ROWS,
        "digits": decimals(quote.currency),
    }


def _sent(quote: Quote) -> dict[str, Any]:
    request = (
        SignatureRequest.objects.select_related("sealed", "document")
        .prefetch_related("signers", "events__signer")
        .filter(quote=quote)
        .first()
    )
    return {
        "signature": request,
        "signers": list(request.signers.all()) if request else [],
        "events": list(request.events.all())[::-1] if request else [],
        "broken_at": broken_at(request) if request else None,
        "order": Order.objects.filter(quote=quote).first(),
        "discount_bp": quote.discount_bp,
    }
