"""The paper of a quote: what is said on it, in the reader's way of writing, and its PDF by typst.

What people typed goes in as JSON strings, never as typst source.
"""

from __future__ import annotations

import functools
import json
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from baton.platform.money import BASIS_POINTS, MICROS, babel_locale, decimals, format_money, format_scaled
from baton.platform.organisation import Organisation, organisation
from baton.sales.quotes.models import Quote, QuoteLine, totals_of
from baton.sales.quotes.rules import THOUSANDTHS, Totals

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).with_name("quote.typ")
LONGEST_WORD = 24

_lock = threading.Lock()


def quote_pdf(quote: Quote, *, on: date) -> bytes:
    """The quote as a PDF, dated `on`. Rendered once when it is sent; a draft's is a preview."""
    return render(TEMPLATE.read_bytes(), quote=said_on_paper(quote, on=on))


def quote_pictures(quote: Quote, *, on: date) -> list[bytes]:
    """The same pages as SVG, for screens that show no PDF inside a page (phones)."""
    pages = render(TEMPLATE.read_bytes(), output="svg", quote=said_on_paper(quote, on=on))
    return pages if isinstance(pages, list) else [pages]


def render(source: bytes, *, output: str = "pdf", **inputs: Any) -> Any:
    """Compile typst `source` with JSON `inputs`."""
    with _lock:
        return _compiler().compile(
            input=source,
            format=output,  # type: ignore[arg-type]
            sys_inputs={name: json.dumps(value, ensure_ascii=False) for name, value in inputs.items()},
        )


@functools.cache
def _compiler() -> typst.Compiler:
    """One compiler is kept a process, a fresh one costs a third more; loaded by who needs one, it is 2 MB."""
    import typst

    return typst.Compiler()


def language_of(quote: Quote) -> str:
    """The buyer's language where it is known, else the installation's."""
    return (quote.contact.locale if quote.contact else "") or settings.LANGUAGE_CODE


def said_on_paper(quote: Quote, *, on: date) -> dict[str, Any]:
    """Everything that stands on the paper, as plain strings."""
    language = language_of(quote)
    with translation.override(translation.to_language(language)):
        lines = list(quote.lines.order_by("position", "pk"))
        return _said(quote, lines, totals_of(quote, lines), language, on)


def _said(quote: Quote, lines: list[QuoteLine], totals: Totals, language: str, on: date) -> dict[str, Any]:
    ours = organisation()
    has_discount = any(line.discount_bp for line in lines)
    heads = [_("Description"), _("Quantity"), _("Price"), *([_("Discount")] if has_discount else []), _("Tax")]
    ends = format_date(quote.valid_until, "long", locale=babel_locale(language))
    return {
        "language": babel_locale(language).language,
        "number": str(quote),
        "title": _breakable(quote.title),
        "seller": {"name": ours.name, "address": _lines(ours.postal_address)},
        "footer": _footer(ours),
        "buyer": _buyer(quote),
        "words": {"quote": _("Quote"), "for_whom": _("For")},
        "facts": [
            [_("Date"), format_date(on, "long", locale=babel_locale(language))],
            [_("Valid until"), ends],
            *([[_("Your contact"), quote.deal.owner.name]] if quote.deal.owner else []),
        ],
        "heads": [*heads, f"{_('Net')} {quote.currency}"],
        "has_line_discount": has_discount,
        "lines": _rows(quote, lines, totals, language),
        "sums": _sums(quote, totals, language),
        "terms": _lines(quote.terms),
        "how_to_accept": _(
            "To accept, sign electronically through the link sent to you, until %(day)s. No paper is needed."
        )
        % {"day": ends},
    }


def _rows(quote: Quote, lines: list[QuoteLine], totals: Totals, language: str) -> list[dict[str, Any]]:
    digits = decimals(quote.currency)
    pieces = max((_places(line.quantity_thousandths, 3) for line in lines), default=0)
    price = max((_places(line.price_micros, 6) for line in lines), default=0)
    return [
        {
            "description": [_breakable(part) for part in _lines(line.description)] or [""],
            "quantity": format_scaled(
                line.quantity_thousandths, scale=THOUSANDTHS, locale=language, least=pieces, most=pieces
            ),
            "price": format_scaled(
                line.price_micros, scale=MICROS, locale=language, least=max(digits, price), most=max(digits, price)
            ),
            "discount": _percent(line.discount_bp, language) if line.discount_bp else "",
            "tax": _percent(line.tax_bp, language),
            "net": format_scaled(total.net_minor, scale=10**digits, locale=language, least=digits, most=digits),
        }
        for line, total in zip(lines, totals.lines, strict=True)
    ]


def _sums(quote: Quote, totals: Totals, language: str) -> list[dict[str, Any]]:
    def row(label: str, minor: int, *, strong: bool = False) -> dict[str, Any]:
        return {"label": label, "amount": format_money(minor, quote.currency, language), "strong": strong}

    sums = []
    if totals.discount_minor:
        discount = _("Discount %(share)s") % {"share": _percent(quote.discount_bp, language)}
        sums = [row(_("Sum of lines"), totals.lines_minor), row(discount, -totals.discount_minor)]
    taxes = [
        row(_("Tax %(rate)s") % {"rate": _percent(group.rate_bp, language)}, group.tax_minor) for group in totals.taxes
    ]
    return [*sums, row(_("Net"), totals.net_minor), *taxes, row(_("Total"), totals.total_minor, strong=True)]


def _buyer(quote: Quote) -> list[str]:
    company, contact = quote.company, quote.contact
    parts: list[str] = []
    if company:
        town = f"{company.postcode} {company.city}".strip()
        parts += [company.name, *([contact.name] if contact else []), company.street, town, company.country]
    elif contact:
        parts += [contact.name, contact.city, contact.country]
    return [_breakable(part) for part in parts if part]


def _footer(ours: Organisation) -> str:
    return " · ".join([ours.name, *_lines(ours.postal_address), *([ours.website] if ours.website else [])])


def _percent(basis_points: int, language: str) -> str:
    return format_scaled(basis_points, scale=BASIS_POINTS // 100, locale=language, most=2) + "\N{NO-BREAK SPACE}%"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _places(value: int, most: int) -> int:
    """How many decimals a number scaled by 10**most needs."""
    places = most
    while places and value % 10 == 0:
        value, places = value // 10, places - 1
    return places


def _breakable(text: str) -> str:
    """Long words may break anywhere, so that a serial number never runs out of its column."""
    return " ".join(
        word
        if len(word) <= LONGEST_WORD
        else "\N{ZERO WIDTH SPACE}".join(word[i : i + 8] for i in range(0, len(word), 8))
        for word in text.split(" ")
    )
