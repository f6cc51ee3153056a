"""The verbs of whoever writes quotes: draft, change, send, make a new version, discard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.dates import today_in
from baton.platform.files import store_file
from baton.platform.money import MICROS, decimals, divide_half_up
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal
from baton.sales.deals.said import say
from baton.sales.products.models import Product
from baton.sales.quotes.answers import accept_quote
from baton.sales.quotes.errors import QuoteIsClosed, QuoteIsEmpty, QuoteIsFrozen
from baton.sales.quotes.models import Quote, QuoteLine, totals_of
from baton.sales.quotes.numbers import next_number
from baton.sales.quotes.paper import quote_pdf, quote_pictures
from baton.sales.quotes.rules import PER_RATE, THOUSANDTHS
from baton.sales.signatures.actions import ask_to_sign, withdraw_request

VALID_DAYS = 30
MOST_LINES = 200


@dataclass(frozen=True)
class LineDraft:
    """One line as written. Micros per unit; a cost of None is unknown."""

    description: str
    price_micros: int
    quantity_thousandths: int = THOUSANDTHS
    product: Product | None = None
    cost_micros: int | None = None
    discount_bp: int = 0
    tax_bp: int = 0


@dataclass(frozen=True)
class Offer:
    """All that a draft says besides its lines."""

    title: str
    valid_until: date
    contact: Contact | None = None
    discount_bp: int = 0
    rounding: str = PER_RATE
    terms: str = ""


@dataclass(frozen=True)
class SignerDraft:
    """Someone who shall sign."""

    name: str
    email: str
    contact: Contact | None = None


@transaction.atomic
def draft_quote(deal: Deal, *, actor: User | None, now: datetime) -> Quote:
    """Begin a quote on a deal with its first contact, its company and its products."""
    first = deal.parts.select_related("contact").order_by("-is_primary", "pk").first()
    quote = Quote(
        deal=deal,
        number=next_number("Q", year=now.year),
        title=deal.name,
        company=deal.company,
        contact=first.contact if first else None,
        currency=deal.currency,
        valid_until=today_in(organisation().zone, now) + timedelta(days=VALID_DAYS),
        created_by=actor,
        created_at=now,
    )
    quote.save()
    _write_lines(quote, _lines_of_deal(deal))
    journal.record("quote.drafted", quote, actor=actor, deal=deal, number=quote.number)
    return quote


@transaction.atomic
def change_quote(
    quote: Quote,
    offer: Offer,
    lines: Sequence[LineDraft],
    *,
    actor: User | None,
    now: datetime,
    seen_revision: int | None = None,
) -> Quote:
    """Write a draft anew. Raises QuoteIsFrozen once it is sent, ChangedMeanwhile."""
    if not quote.is_draft:
        raise QuoteIsFrozen(_("This quote was sent and stays as it is. Make a new version to change it."))
    before = quote.total_minor
    quote.claim_revision(seen_revision)
    for name in ("title", "valid_until", "contact", "discount_bp", "rounding", "terms"):
        setattr(quote, name, getattr(offer, name))
    quote.save()
    _write_lines(quote, lines[:MOST_LINES])
    journal.record("quote.changed", quote, actor=actor, before=before, after=quote.total_minor, lines=len(lines))
    return quote


def send_quote(
    quote: Quote, signers: Sequence[SignerDraft], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Quote:
    """Freeze a draft: its PDF is made once and kept, and every signer gets a link of their own by mail.

    Sending again changes nothing. Raises QuoteIsClosed, QuoteIsEmpty, ChangedMeanwhile.
    """
    if quote.is_out:
        return quote
    _refuse_unready(quote, signers, now)
    today = today_in(organisation().zone, now)
    name = f"{quote}.pdf"
    pdf = store_file([quote_pdf(quote, on=today)], name=name, content_type="application/pdf", actor=actor)
    pictures = [
        store_file(
            [page.encode() if isinstance(page, str) else page], name=name, content_type="image/svg+xml", actor=actor
        )
        for page in quote_pictures(quote, on=today)
    ]
    with transaction.atomic():
        quote.claim_revision(seen_revision)
        quote.state, quote.sent_at, quote.document = Quote.State.SENT, now, pdf
        quote.pictures = [picture.pk for picture in pictures]
        quote.save(update_fields=["state", "sent_at", "document", "pictures"])
        ask_to_sign(quote, [(one.name, one.email, one.contact) for one in signers], now=now)
        journal.record(
            "quote.sent", quote, actor=actor, deal=quote.deal_id, total=quote.total_minor, document=pdf.sha256
        )
        said = _("Quote %(quote)s sent to %(who)s") % {"quote": quote, "who": ", ".join(one.name for one in signers)}
        say(
            quote.deal,
            f"quote-sent:{quote.pk}",
            "quote.sent",
            said,
            actor=actor,
            now=now,
            amount=quote.net_minor,
            currency=quote.currency,
        )
    return quote


@transaction.atomic
def new_version(quote: Quote, *, actor: User | None, now: datetime) -> Quote:
    """Copy a sent quote into a draft with the next version; the sent one is replaced and its links say so.

    A draft made from it already is given back. Raises QuoteIsClosed for an accepted one, QuoteIsFrozen for a draft.
    """
    if quote.is_draft:
        raise QuoteIsFrozen(_("This is a draft: change it as it is."))
    if quote.state == Quote.State.ACCEPTED:
        raise QuoteIsClosed(_("This quote was accepted. Draft a new quote instead."))
    drafts = Quote.objects.live().filter(number=quote.number, state=Quote.State.DRAFT)
    if draft := drafts.first():
        return draft
    newest = Quote.objects.filter(number=quote.number).aggregate(last=Max("version"))["last"]
    today = today_in(organisation().zone, now)
    copy = Quote.objects.create(
        deal=quote.deal,
        number=quote.number,
        version=newest + 1,
        title=quote.title,
        company=quote.company,
        contact=quote.contact,
        currency=quote.currency,
        discount_bp=quote.discount_bp,
        rounding=quote.rounding,
        valid_until=max(quote.valid_until, today + timedelta(days=VALID_DAYS)),
        terms=quote.terms,
        created_by=actor,
        created_at=now,
    )
    _write_lines(copy, [_as_draft(line) for line in quote.lines.select_related("product").order_by("position", "pk")])
    if quote.is_out:
        quote.claim_revision()
        quote.state, quote.closed_at = Quote.State.SUPERSEDED, now
        quote.save(update_fields=["state", "closed_at"])
        withdraw_request(quote, now=now)
        journal.record("quote.superseded", quote, actor=actor, by=copy)
    journal.record("quote.drafted", copy, actor=actor, deal=copy.deal_id, number=copy.number, version=copy.version)
    return copy


@transaction.atomic
def accept_on_paper(quote: Quote, *, actor: User | None, now: datetime) -> Quote:
    """The customer accepted in another way: book it and close the links. Raises QuoteIsClosed."""
    accept_quote(quote, actor=actor, now=now)
    withdraw_request(quote, now=now)
    return quote


@transaction.atomic
def discard_draft(quote: Quote, *, actor: User | None, now: datetime) -> None:
    """Put a draft into the bin. Raises QuoteIsFrozen once it is sent."""
    if not quote.is_draft:
        raise QuoteIsFrozen(_("This quote was sent and is kept."))
    quote.claim_revision()
    quote.deleted_at = now
    quote.save(update_fields=["deleted_at"])
    journal.record("quote.discarded", quote, actor=actor, deal=quote.deal_id)


def line_of_product(product: Product, *, quantity_thousandths: int = THOUSANDTHS) -> LineDraft:
    """A line that copies a product's price, cost and tax as they are now."""
    return LineDraft(
        description="\n".join(part for part in (product.name, product.description) if part),
        price_micros=product.price_micros,
        quantity_thousandths=quantity_thousandths,
        product=product,
        cost_micros=product.cost_micros,
        tax_bp=product.tax_bp,
    )


def _refuse_unready(quote: Quote, signers: Sequence[SignerDraft], now: datetime) -> None:
    if not quote.is_draft:
        raise QuoteIsClosed(_("Only a draft can be sent. Make a new version."))
    if not quote.lines.exists():
        raise QuoteIsEmpty(_("Add at least one line before sending."))
    if not signers or not all(one.name and one.email for one in signers):
        raise QuoteIsEmpty(_("Name at least one person with an e-mail address who signs."))
    if quote.valid_until < today_in(organisation().zone, now):
        raise QuoteIsClosed(_("Its validity has ended. Set a later day first."))


def _write_lines(quote: Quote, lines: Sequence[LineDraft]) -> None:
    quote.lines.all().delete()
    rows = [
        QuoteLine(
            quote=quote,
            position=position,
            product=line.product,
            description=line.description,
            quantity_thousandths=line.quantity_thousandths,
            price_micros=line.price_micros,
            cost_micros=line.cost_micros,
            discount_bp=line.discount_bp,
            tax_bp=line.tax_bp,
        )
        for position, line in enumerate(lines)
    ]
    QuoteLine.objects.bulk_create(rows)
    totals = totals_of(quote, rows)
    quote.net_minor, quote.tax_minor, quote.total_minor = totals.net_minor, totals.tax_minor, totals.total_minor
    quote.cost_minor = totals.cost_minor if rows else None
    quote.save(update_fields=["net_minor", "tax_minor", "total_minor", "cost_minor"])


def _as_draft(line: QuoteLine) -> LineDraft:
    return LineDraft(
        description=line.description,
        price_micros=line.price_micros,
        quantity_thousandths=line.quantity_thousandths,
        product=line.product,
        cost_micros=line.cost_micros,
        discount_bp=line.discount_bp,
        tax_bp=line.tax_bp,
    )


def _lines_of_deal(deal: Deal) -> list[LineDraft]:
    """The deal's products; where an amount was agreed there, the unit price that gives it."""
    drafts = []
    for line in deal.lines.select_related("product").order_by("pk"):
        quantity = line.quantity_thousandths or THOUSANDTHS
        price = line.product.price_micros if line.product else 0
        if line.amount_minor is not None:
            price = divide_half_up(line.amount_minor * MICROS * THOUSANDTHS, quantity * 10 ** decimals(deal.currency))
        drafts.append(
            LineDraft(
                description=line.description or str(line.product),
                price_micros=price,
                quantity_thousandths=quantity,
                product=line.product,
                cost_micros=line.product.cost_micros if line.product else None,
                tax_bp=line.product.tax_bp if line.product else 0,
            )
        )
    return drafts
