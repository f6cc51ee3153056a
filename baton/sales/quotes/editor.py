"""The lines of a draft as typed, in the reader's way of writing numbers, and back into values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.http import QueryDict
from django.utils import translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.platform.money import BASIS_POINTS, MICROS, decimals, format_scaled, parse_scaled
from baton.sales.products.models import Product
from baton.sales.quotes.actions import LineDraft, Offer, SignerDraft, line_of_product
from baton.sales.quotes.models import Quote, QuoteLine
from baton.sales.quotes.rules import THOUSANDTHS

FIELDS = ("product", "was", "description", "quantity", "price", "cost", "discount", "tax")
PERCENT = BASIS_POINTS // 100
BLANK_ROWS = 2


@dataclass(frozen=True)
class Row:
    """One line of the form: what was typed, and what is wrong with it by field."""

    product: str = ""
    was: str = ""
    description: str = ""
    quantity: str = ""
    price: str = ""
    cost: str = ""
    discount: str = ""
    tax: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not any((self.product, self.description.strip(), self.price.strip()))


@dataclass(frozen=True)
class Typed:
    """A whole draft as read from a form. `offer` and `lines` count only without `errors` and wrong rows."""

    offer: Offer
    lines: list[LineDraft]
    rows: list[Row]
    errors: list[str]

    @property
    def is_good(self) -> bool:
        return not self.errors and not any(row.wrong for row in self.rows)


def rows_of(lines: Iterable[QuoteLine], currency: str) -> list[Row]:
    """Kept lines as one would type them, and two blank ones."""
    return [*(_as_typed(line, currency) for line in lines), *[Row()] * BLANK_ROWS]


def row_of_product(product: Product, row: Row) -> Row:
    """A row that takes over a product's text, price, cost and tax; the quantity and discount stay."""
    line = line_of_product(product)
    return replace(
        row,
        product=str(product.pk),
        was=str(product.pk),
        description=line.description,
        quantity=row.quantity or "1",
        price=money_text(line.price_micros, product.currency),
        cost=money_text(line.cost_micros, product.currency),
        tax=percent_text(line.tax_bp),
    )


def read_draft(posted: QueryDict, quote: Quote, *, products: Mapping[str, Product], contact: Contact | None) -> Typed:
    """What a form says. `products` by id are those that may be sold; a newly chosen one fills its row."""
    errors = []
    title, valid_until = posted.get("title", "").strip()[:200], _day(posted.get("valid_until", ""))
    if not title:
        errors.append(_("Give the quote a title."))
    if valid_until is None:
        errors.append(_("Choose until when the quote is valid."))
    discount = _number(posted.get("discount", ""), PERCENT)
    if discount is None or not 0 <= discount <= BASIS_POINTS:
        errors.append(_("The discount is a percentage from 0 to 100."))
    rounding = posted.get("rounding", "")
    offer = Offer(
        title=title,
        valid_until=valid_until or quote.valid_until,
        contact=contact,
        discount_bp=discount or 0,
        rounding=rounding if rounding in Quote.Rounding.values else quote.rounding,
        terms=posted.get("terms", "").strip()[:5000],
    )
    rows, lines = [], []
    for row in read_rows(posted):
        if row.is_blank:
            continue
        product = products.get(row.product)
        filled = row_of_product(product, row) if product and row.product != row.was else row
        line, wrong = _line(filled, product)
        rows.append(replace(filled, wrong=wrong))
        if line:
            lines.append(line)
    return Typed(offer, lines, [*rows, *[Row()] * BLANK_ROWS], errors)


def read_rows(posted: QueryDict) -> list[Row]:
    """The rows of a form as typed."""
    columns = [posted.getlist(f"line_{name}") for name in FIELDS]
    return [Row(*cells) for cells in zip(*columns, strict=False)]


def read_signers(posted: QueryDict, quote: Quote) -> list[SignerDraft]:
    """Whoever has an address; the quote's contact is linked where the address is theirs."""
    people = zip(posted.getlist("signer_name"), posted.getlist("signer_email"), strict=False)
    contact = quote.contact
    return [
        SignerDraft(
            name.strip()[:200],
            email.strip().lower()[:254],
            contact if contact and contact.email == email.strip().lower() else None,
        )
        for name, email in people
        if name.strip() or email.strip()
    ]


def money_text(micros: int | None, currency: str) -> str:
    """A price in micros as typed; "" for unknown."""
    if micros is None:
        return ""
    return format_scaled(micros, scale=MICROS, locale=_locale(), least=decimals(currency), most=6)


def percent_text(basis_points: int) -> str:
    """1250 is "12.5"; "" for none."""
    return format_scaled(basis_points, scale=PERCENT, locale=_locale(), most=2) if basis_points else ""


def quantity_text(thousandths: int) -> str:
    """1500 is "1.5"."""
    return format_scaled(thousandths, scale=THOUSANDTHS, locale=_locale(), most=3)


def _as_typed(line: QuoteLine, currency: str) -> Row:
    product = str(line.product_id or "")
    return Row(
        product=product,
        was=product,
        description=line.description,
        quantity=quantity_text(line.quantity_thousandths),
        price=money_text(line.price_micros, currency),
        cost=money_text(line.cost_micros, currency),
        discount=percent_text(line.discount_bp),
        tax=percent_text(line.tax_bp),
    )


def _line(row: Row, product: Product | None) -> tuple[LineDraft | None, dict[str, str]]:
    wrong: dict[str, str] = {}

    def number(name: str, scale: int, *, least: int = 0, most: int = 10**15, empty: int | None = 0) -> int | None:
        text = getattr(row, name).strip()
        if not text:
            return empty
        value = _number(text, scale)
        if value is None or not least <= value <= most:
            wrong[name] = _("Write a number such as %(sample)s.") % {"sample": money_text(1_250_500_000, "USD")}
        return value

    quantity = number("quantity", THOUSANDTHS, least=1, most=10**10, empty=THOUSANDTHS)
    price, cost = number("price", MICROS, empty=None), number("cost", MICROS, empty=None)
    discount = number("discount", PERCENT, most=BASIS_POINTS)
    tax = number("tax", PERCENT, most=BASIS_POINTS)
    if price is None and "price" not in wrong:
        wrong["price"] = _("Write a price, 0 if it is free.")
    if not row.description.strip():
        wrong["description"] = _("Say what is offered.")
    if wrong:
        return None, wrong
    return (
        LineDraft(
            description=row.description.strip()[:2000],
            price_micros=price or 0,
            quantity_thousandths=quantity or THOUSANDTHS,
            product=product,
            cost_micros=cost,
            discount_bp=discount or 0,
            tax_bp=tax or 0,
        ),
        wrong,
    )


def _number(text: str, scale: int) -> int | None:
    try:
        found = parse_scaled(text.replace("%", ""), scale=scale, locale=_locale())
    except ValueError:
        return None
    return 0 if found is None else found


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _locale() -> str:
    return translation.get_language() or "en"
