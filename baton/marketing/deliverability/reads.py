"""What the pages of deliverability show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.query import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.marketing.deliverability.actions import LEFT
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.deliverability.rules import COUNTED_DAYS, PAUSED, WARN, Fared
from baton.marketing.email.models import KIND, Broadcast
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.people.deliveries.actions import LIFTABLE
from baton.people.deliveries.models import TRANSACTIONAL, Delivery, Suppression
from baton.people.deliveries.tokens import address_hash
from baton.people.returns.mailbox import place_of
from baton.people.returns.models import MailboxPlace, Return
from baton.people.returns.providers import complaint_note, label_of
from baton.people.returns.words import MEND, NEXT, REASONS
from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User

PAGE = 50
COLUMNS = [field.name for field in fields(Fared)]
Words = str | Promise

# What to do next at a provider, the most pressing first: (whether it is so, what to say).
_NEXT: list[tuple[Any, Words]] = [
    (
        lambda fared, standing: standing == PAUSED,
        _("Sending stops at this share. Mail only those who read, and look at how they came onto the list."),
    ),
    (
        lambda fared, standing: fared.sender_refused > 0,
        _("We are refused here. Open the returns, mend what they name, then resume."),
    ),
    (lambda fared, standing: standing == WARN, _("Near the limit: leave out who has not read for months.")),
    (lambda fared, standing: fared.deferred * 20 > fared.sent > 0, _("Much is put off: send more slowly here.")),
    (
        lambda fared, standing: fared.dead_address * 50 > fared.sent > 0,
        _("Many addresses are dead: check where the list comes from."),
    ),
]


@dataclass(frozen=True)
class ProviderRow:
    """One provider's line: its name, how mail fared, what to do next ("" for nothing), how complaints reach us.

    `standing` is where complaints of the last week stand, whatever time is shown: by it sending is stopped.
    """

    key: str
    name: Words
    fared: Fared
    standing: str
    next: Words
    complaints: str


def provider_rows(now: datetime, days: int, *, transactional: bool = False) -> list[ProviderRow]:
    """Every provider that was mailed in the last days, the most mailed first: by marketing, or by transactional mail.

    Complaints about the latter stop nothing, so it stands nowhere.
    """
    shown = _fared(now, days, transactional)
    week = {} if transactional else shown if days == COUNTED_DAYS else _fared(now, COUNTED_DAYS, transactional)
    rows = [_provider_row(key, fared, week.get(key, Fared()).standing) for key, fared in shown.items()]
    return sorted(rows, key=lambda row: (-row.fared.sent, row.key))


def _fared(now: datetime, days: int, transactional: bool) -> dict[str, Fared]:
    is_shown = Q(message_kind=TRANSACTIONAL) if transactional else ~Q(message_kind=TRANSACTIONAL)
    counted = ProviderCount.objects.filter(is_shown, day__gte=(now - timedelta(days=days)).date())
    sums = counted.order_by().values("provider")
    found: list[dict[str, Any]] = [dict(row) for row in sums.annotate(**{f"n_{name}": Sum(name) for name in COLUMNS})]
    return {row["provider"]: Fared(**{name: row[f"n_{name}"] or 0 for name in COLUMNS}) for row in found}


def _provider_row(key: str, fared: Fared, standing: str) -> ProviderRow:
    following = next((words for is_so, words in _NEXT if is_so(fared, standing)), "")
    return ProviderRow(key, label_of(key), fared, standing, following, complaint_note(key))


def all_together(rows: list[ProviderRow]) -> Fared:
    return Fared(**{name: sum(getattr(row.fared, name) for row in rows) for name in COLUMNS})


def counted_at() -> datetime | None:
    """When the ledger was counted last."""
    return ProviderCount.objects.order_by("-counted_at").values_list("counted_at", flat=True).first()


def returns_page(user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """Returns the user may see, the newest first, narrowed by kind, verdict, provider and email; and the next page."""
    found = _visible(user).exclude(kind=Return.Kind.OTHER).select_related("contact", "delivery")
    narrowed = {name: asked[name] for name in ("kind", "verdict", "provider") if asked.get(name)}
    found = found.filter(**narrowed)
    if asked.get("email", "").isdecimal():
        narrowed["email"] = asked["email"][:18]
        found = found.filter(delivery__message_kind=KIND, delivery__message_id=int(narrowed["email"]))
    if asked.get("before", "").isdecimal() and (last := Return.objects.filter(pk=int(asked["before"][:18])).first()):
        found = found.filter(Q(received_at__lt=last.received_at) | Q(received_at=last.received_at, pk__lt=last.pk))
    rows = list(found.order_by("-received_at", "-pk")[: PAGE + 1])
    return {
        "rows": [shown(back) for back in rows[:PAGE]],
        "next": "?" + urlencode(narrowed | {"before": rows[PAGE - 1].pk}) if len(rows) > PAGE else "",
        "narrowed": narrowed,
    }


def shown(back: Return) -> dict[str, Any]:
    """A return with its reason and what to do next in plain words."""
    return {
        "back": back,
        "why": REASONS.get(back.reason, "") if back.verdict or back.kind == Return.Kind.COMPLAINT else "",
        "next": NEXT.get(back.verdict, "") if back.kind == Return.Kind.BOUNCE else "",
        "mend": _mend_of(back),
        "provider": label_of(back.provider),
    }


def _mend_of(back: Return) -> Words:
    """What a person has to do; "" where it takes care of itself."""
    if back.kind != Return.Kind.BOUNCE or back.verdict not in (Return.Verdict.SENDER, Return.Verdict.MESSAGE):
        return ""
    return MEND.get(back.reason, NEXT[back.verdict])


def provider_choices() -> list[tuple[str, Words]]:
    """Providers to narrow the list to, those that were ever mailed."""
    keys = ProviderCount.objects.order_by("provider").values_list("provider", flat=True).distinct()
    return [(key, label_of(key)) for key in keys]


def found_return(user: User, return_id: int) -> Return | None:
    return _visible(user).select_related("contact", "delivery").filter(pk=return_id).first()


def _visible(user: User) -> QuerySet[Return]:
    sees = visible_to(user, "people", owner="contact__owner")
    return Return.objects.filter(sees | Q(contact=None)) if sees else Return.objects.all()


def unknown_rows(user: User) -> list[dict[str, Any]]:
    """Copies of which nobody knows whether they arrived and nobody has decided yet, at most a hundred."""
    found = Delivery.objects.filter(state=Delivery.State.UNKNOWN, message_kind=KIND).exclude(reason=LEFT)
    found = found.filter(visible_to(user, "people", owner="contact__owner")).select_related("contact")
    rows = list(found.order_by("-pk")[:100])
    emails = Broadcast.objects.in_bulk({row.message_id for row in rows})
    return [{"delivery": row, "email": emails.get(row.message_id)} for row in rows]


def ways_in() -> list[dict[str, Any]]:
    """By which ways returns come in here, and how the mailbox stands; empty when none is set up."""
    ways: list[dict[str, Any]] = []
    if settings.RETURNS_IMAP_URL:
        place = place_of(settings.RETURNS_IMAP_URL)
        kept = MailboxPlace.objects.filter(key=place.key).first()
        ways.append({"name": _("Mailbox"), "place": f"{place.host}/{place.folder}", "kept": kept})
    if settings.RETURNS_FOLDER:
        ways.append({"name": _("Folder"), "place": settings.RETURNS_FOLDER, "kept": None})
    for provider in settings.RETURNS_WEBHOOKS:
        ways.append({"name": _("Webhook"), "place": f"/returns/{provider}/", "kept": None})
    return ways


def suppression_counts() -> list[tuple[str, int]]:
    """How many addresses must not be mailed, by reason, most first."""
    rows = Suppression.objects.order_by().values_list("reason").annotate(n=Count("pk"))
    return [(str(Suppression.Reason(reason).label), number) for reason, number in sorted(rows, key=lambda row: -row[1])]


def looked_up(user: User, who: str) -> dict[str, Any]:
    """What is known of an address: {"email", "entry" on the list, "contact" if the user may see one, "may_lift"}."""
    try:
        email = clean_email(who)
    except ValueError:
        return {"email": "", "entry": None, "contact": None, "may_lift": False}
    entry = Suppression.objects.filter(address_hash=address_hash(email)).select_related("actor").first()
    contact = Contact.objects.visible_to(user).holding(email=[email]).first() if email else None
    return {"email": email, "entry": entry, "contact": contact, "may_lift": bool(entry and entry.reason in LIFTABLE)}
