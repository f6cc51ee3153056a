"""The demo company's quotes: out with customers, signed and sealed, ordered, and mostly paid."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from baton.people.contacts.models import Contact
from baton.platform.notifications.models import Notification
from baton.sales.deals.models import Deal
from baton.sales.orders.actions import record_payment
from baton.sales.orders.models import Order
from baton.sales.quotes.actions import Offer, SignerDraft, change_quote, draft_quote, line_of_product, send_quote
from baton.sales.quotes.answers import expire_quotes
from baton.sales.quotes.models import Quote
from baton.sales.signatures.actions import Signature, Visit, decline, open_link, sign
from baton.sales.signatures.consent import consent
from baton.sales.signatures.jobs import seal
from baton.sales.signatures.models import SignatureRequest, Signer
from baton.web.demo.world import SEED, World

SIGNED, OPEN = 30, 24
TERMS = "Payment within 30 days of delivery.\nPrices hold for the validity of this quote."
VISIT = Visit("203.0.113.24", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1")


def make_quotes(world: World) -> None:
    """The last won deals with sealed papers and orders; open ones with drafts and quotes waiting for an answer."""
    chance = random.Random(SEED + 1)  # of its own, so that the rest of the year stays as it was
    told = set(Notification.objects.values_list("pk", flat=True))
    won = Deal.objects.filter(state=Deal.State.WON, lines__isnull=False).distinct().order_by("-closed_at")
    for deal in reversed([deal for deal in won if _signer_of(deal)][:SIGNED]):
        _signed(deal, chance, world.now)
    late = Deal.objects.filter(state=Deal.State.OPEN, stage__position__gte=1).order_by("-entered_stage_at")
    for place, deal in enumerate([deal for deal in late if _signer_of(deal)][:OPEN]):
        _out(deal, place, chance, world.now)
    expire_quotes(now=world.now)
    Notification.objects.exclude(pk__in=told).delete()  # news of the past was read long ago


def _signed(deal: Deal, chance: random.Random, now: datetime) -> None:
    at = deal.closed_at or deal.opened_at
    quote = _sent(deal, max(deal.opened_at, at - timedelta(days=chance.randint(2, 12))))
    signer = Signer.objects.get(request__quote=quote)
    open_link(signer, visit=VISIT, now=at - timedelta(minutes=chance.randint(4, 600)))
    strokes = [[[i / 40, 0.2 + chance.uniform(-0.12, 0.12)] for i in range(41)]]
    sign(signer, Signature(signer.name, strokes), consent=consent("Baton"), visit=VISIT, now=at)
    request = SignatureRequest.objects.get(quote=quote)
    seal(request.pk, now=at + timedelta(seconds=3))
    request.signers.update(sealed_mailed_at=at + timedelta(seconds=5))
    _pay(Order.objects.get(quote=quote), chance, now)


def _pay(order: Order, chance: random.Random, now: datetime) -> None:
    """Most orders are paid within two months of their booking, some in part."""
    due = order.booked_at + timedelta(days=chance.randint(10, 50))
    if due > now:
        return
    share = 1 if chance.random() < 0.85 else 2
    amount, paid_on = order.total_minor // share, due.date()
    record_payment(order, amount_minor=amount, paid_on=paid_on, reference=f"B-{order.pk:05}", actor=None, now=due)


def _out(deal: Deal, place: int, chance: random.Random, now: datetime) -> None:
    """Every fifth is still a draft, one was declined, two have ended, half of the rest were opened."""
    if place % 5 == 4:
        _draft(deal, max(deal.opened_at, now - timedelta(days=chance.randint(0, 4))))
        return
    days = 45 if place in (6, 12) else chance.randint(1, 24)
    quote = _sent(deal, max(deal.opened_at, now - timedelta(days=days)))
    signer = Signer.objects.get(request__quote=quote)
    seen = min(now, (quote.sent_at or now) + timedelta(hours=chance.randint(1, 40)))
    if place == 3:
        decline(signer, reason="We go with a smaller package this year.", visit=VISIT, now=seen)
    elif place % 2 == 0:
        open_link(signer, visit=VISIT, now=seen)


def _draft(deal: Deal, at: datetime) -> Quote:
    quote = draft_quote(deal, actor=deal.owner, now=at)
    lines = [line_of_product(line.product, quantity_thousandths=line.quantity_thousandths)
             for line in deal.lines.select_related("product") if line.product]  # fmt: skip
    if deal.is_open and lines:
        offer = Offer(deal.name, quote.valid_until, quote.contact, 500 if deal.pk % 3 == 0 else 0, terms=TERMS)
        change_quote(quote, offer, lines, actor=deal.owner, now=at)
    return quote


def _sent(deal: Deal, at: datetime) -> Quote:
    quote = _draft(deal, at)
    contact = _signer_of(deal)
    people = [SignerDraft(contact.name, contact.email, contact)] if contact else []
    send_quote(quote, people, actor=deal.owner, now=at)
    Signer.objects.filter(request__quote=quote).update(mailed_at=at)
    return quote


def _signer_of(deal: Deal) -> Contact | None:
    part = deal.parts.select_related("contact").order_by("-is_primary", "pk").first()
    return part.contact if part and part.contact.email and deal.lines.exists() else None
