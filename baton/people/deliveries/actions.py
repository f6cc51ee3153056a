"""The verbs of the ledger: fill it, claim a batch, begin handing over, settle, recover."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.people.deliveries import footprints
from baton.people.deliveries.models import Delivery, Suppression
from baton.people.deliveries.rules import class_of, next_try
from baton.people.deliveries.tokens import address_hash
from baton.people.returns.answers import DEAD, SENDER
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import among, is_sqlite, write_turn
from baton.platform.errors import Refusal
from baton.platform.mail.smtp import HANDED, LATER, NOT_TRIED, REFUSED, UNKNOWN, Outcome
from baton.platform.organisation import organisation
from baton.platform.pieces import in_pieces

FILL_BATCH = 10_000
LEASE_SECONDS = 120
State = Delivery.State
# In the statement's own words: where they are parameters SQLite does not find the index delivery_due.
TO_HAND_OVER = Func(F("state"), template="%(expressions)s IN ('queued', 'deferred')", output_field=BooleanField())
LIFTABLE = {Suppression.Reason.DEAD, Suppression.Reason.UNREACHABLE, Suppression.Reason.BY_HAND}
OWN_WISHES = {Suppression.Reason.OBJECTED, Suppression.Reason.COMPLAINED}  # only the person takes these back


class MayNotLift(Refusal):
    """The person said so; nobody here may take it back."""


@dataclass(frozen=True)
class Message:
    """Which message a delivery is of."""

    kind: str
    id: int

    def rows(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(message_kind=self.kind, message_id=self.id)


@dataclass(frozen=True)
class Entry:
    """How a row begins: of which variant, in which state. WAITING without `next_at` waits until it is let go.

    `occasion` is above 0 for who gets the same message again by right.
    """

    variant: str = ""
    state: str = State.QUEUED
    reason: str = ""
    next_at: datetime | None = None
    occasion: int = 0


@dataclass(frozen=True)
class AllOfKind:
    """Every message of a kind: mails that go out in the order in which they were asked for, whatever they say."""

    kind: str

    def rows(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(message_kind=self.kind)


def fill(message: Message, contacts: Iterable[int], entry: Entry = Entry()) -> int:
    """Enter the message for each contact that has no row of it for this occasion yet; gives how many rows were added.

    One INSERT ... SELECT per 10,000; a repeat, also after a kill, adds only what is missing.
    """
    added = 0
    for ids in in_pieces(contacts, FILL_BATCH):
        with write_turn(), transaction.atomic():
            added += _insert(message, ids, entry)
    return added


def _insert(message: Message, ids: list[int], entry: Entry) -> int:
    chosen = among(ids)
    next_at = moment(entry.next_at) if entry.next_at else None
    begins = [entry.variant, entry.occasion, entry.state, entry.reason, next_at]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_delivery"  # noqa: S608
            " (message_kind, message_id, contact_id, variant, occasion, state, reason, next_at,"
            " answer, attempts, claim)"
            f" SELECT %s, %s, id, %s, %s, %s, %s, %s, '', 0, '' FROM people_contact"
            f" WHERE id IN ({chosen.sql}) ORDER BY id ON CONFLICT DO NOTHING",
            [message.kind, message.id, *begins, *chosen.params],
        )
        return cursor.rowcount


def new_claim() -> str:
    """A name for a batch in hand: the machine, the process, and random letters."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{os.urandom(4).hex()}".replace("/", "_")


def claim_batch(message: Message | AllOfKind, claim: str, *, limit: int, now: datetime) -> list[tuple[int, int | None]]:
    """Take up to `limit` rows that are due; gives delivery and contact ids. No two claims ever take the same row."""
    due = (
        message.rows()
        .filter(TO_HAND_OVER, Q(state=State.QUEUED) | Q(state=State.DEFERRED, next_at__lte=now))
        .order_by("pk")
        .values_list("pk", "contact_id")
    )
    with write_turn(), transaction.atomic():
        rows: list[tuple[int, int | None]] = list(
            (due if is_sqlite() else due.select_for_update(skip_locked=True))[:limit]
        )
        Delivery.objects.filter(pk__in=among(pk for pk, _ in rows)).update(
            state=State.CLAIMED,
            claim=claim,
            leased_until=now + timedelta(seconds=LEASE_SECONDS),
            handing_since=None,
            attempts=F("attempts") + 1,
        )
    return rows


def wake(message: Message, now: datetime) -> None:
    """Queue those whose hour has come."""
    due = message.rows().filter(state=State.WAITING, next_at__lte=now)
    if due.exists():
        with write_turn(), transaction.atomic():
            due.update(state=State.QUEUED, next_at=None)


def begin_handing(
    claim: str, *, skipped: Mapping[int, str], now: datetime, waiting: Mapping[int, datetime] | None = None
) -> set[int]:
    """Write down, durably, that the batch's bytes may go out from now on, whom the gate held back, and who waits.

    Gives the deliveries that may be handed over: those the claim still holds.
    """
    with write_turn(), transaction.atomic():
        for reason in set(skipped.values()):
            _held(claim).filter(pk__in=among(pk for pk, why in skipped.items() if why == reason)).update(
                state=State.SKIPPED, reason=reason, claim="", leased_until=None
            )
        waits = waiting or {}
        for moment in set(waits.values()):
            of_moment = _held(claim).filter(pk__in=among(pk for pk, until in waits.items() if until == moment))
            _requeue(of_moment, state=State.WAITING, next_at=moment)
        _held(claim).filter(leased_until__gt=now).update(
            handing_since=now, leased_until=now + timedelta(seconds=LEASE_SECONDS)
        )
        return set(_held(claim).filter(handing_since=now).values_list("pk", flat=True))


def settle(claim: str, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what became of each message of a batch and let go of it. Bears repetition."""
    by_state: dict[str, list[int]] = {}
    for outcome in outcomes:
        by_state.setdefault(outcome.state, []).append(outcome.tag)
    with write_turn(), transaction.atomic():
        held = _held(claim)
        if handed := by_state.get(HANDED):
            _let_go(held.filter(pk__in=among(handed)), state=State.HANDED, handed_at=now)
        if unknown := by_state.get(UNKNOWN):
            _let_go(held.filter(pk__in=among(unknown)), state=State.UNKNOWN, reason="connection_lost")
        if not_tried := by_state.get(NOT_TRIED):
            _requeue(held.filter(pk__in=among(not_tried)))
        for outcome in outcomes:
            if outcome.state in (REFUSED, LATER):
                _settle_refused(held, outcome, now)


def release(claim: str) -> None:
    """Put back what the claim still holds: nothing of it has gone out."""
    with write_turn(), transaction.atomic():
        _requeue(_held(claim))


def recover(now: datetime) -> int:
    """Settle batches whose worker died; gives how many rows. Never makes one due that may have been accepted.

    A batch of this machine is recovered once its file is unlocked, any other once its lease ran out.
    """
    claims = list(
        Delivery.objects.filter(state=State.CLAIMED)
        .exclude(claim="")
        .order_by()
        .values_list("claim", flat=True)
        .distinct()
    )
    return sum(_recover_claim(claim, now) for claim in claims)


def _recover_claim(claim: str, now: datetime) -> int:
    if footprints.is_alive(claim):
        return 0
    trail = footprints.read(claim)
    held = _held(claim) if trail is not None else _held(claim).filter(leased_until__lt=now)
    count = held.count()
    if not count:
        return 0
    if trail is not None:
        settle(claim, trail.outcomes, now=now)
    with write_turn(), transaction.atomic():
        if trail is None:
            _let_go(held.exclude(handing_since=None), state=State.UNKNOWN, reason="worker_lost")
        else:
            _let_go(held.filter(pk__in=trail.open_ends), state=State.UNKNOWN, reason="worker_lost")
        _requeue(held)
    footprints.forget(claim)
    return count


def put_back(rows: QuerySet[Delivery], until: datetime) -> None:
    """Let go of claimed rows that nothing was tried of; they wait until then."""
    _requeue(rows, state=State.WAITING, next_at=until)


def cancel_rest(message: Message, *, reason: str = "cancelled") -> int:
    """Skip everything that has not been claimed; what is in hand goes out."""
    return _skip(message.rows(), reason)


def withdraw(message: Message, contacts: Iterable[int], *, reason: str) -> int:
    """Skip what these contacts were to get and nobody has claimed yet; gives how many rows. Bears repetition."""
    of_pieces = (message.rows().filter(contact__in=among(ids)) for ids in in_pieces(contacts, FILL_BATCH))
    return sum(_skip(rows, reason) for rows in of_pieces)


def _skip(rows: QuerySet[Delivery], reason: str) -> int:
    with write_turn(), transaction.atomic():
        return rows.filter(state__in=[State.QUEUED, State.DEFERRED, State.WAITING]).update(
            state=State.SKIPPED, reason=reason, next_at=None
        )


def suppress(
    email: str, reason: str, *, evidence: str, now: datetime, actor: User | None = None
) -> tuple[Suppression, bool]:
    """Put an address on the list of those that must not be mailed. Gives whether it is new there.

    The first reason stays, unless the person themselves now asks for it.
    """
    told = {"reason": reason, "evidence": evidence[:300], "at": now, "actor": actor}
    entry, is_new = Suppression.objects.get_or_create(address_hash=address_hash(email), defaults=told)
    if entry.reason in LIFTABLE and reason not in LIFTABLE:
        Suppression.objects.filter(pk=entry.pk).update(**told)
        entry.refresh_from_db()
    return entry, is_new


@transaction.atomic
def suppress_by_hand(emails: Iterable[str], reason: str, *, evidence: str, actor: User, now: datetime) -> int:
    """Put clean addresses on the list by a person's decision, as `suppress` does one; gives how many are new there.

    A few statements, whatever the number.
    """
    told = {"reason": reason, "evidence": evidence[:300], "at": now, "actor": actor}
    hashes = {address_hash(email) for email in emails}
    there = Suppression.objects.filter(address_hash__in=among(hashes, "text"))
    if reason not in LIFTABLE:
        there.filter(reason__in=LIFTABLE).update(**told)
    fresh = sorted(hashes - set(there.values_list("address_hash", flat=True)))
    kept = reason, evidence[:300], moment(now), actor.pk
    insert_rows(Suppression, ["address_hash", "reason", "evidence", "at", "actor"], ((one, *kept) for one in fresh))
    added = len(fresh)
    if added:
        journal.record("suppression.added", organisation(), actor=actor, reason=reason, added=added)
    return added


@transaction.atomic
def lift(entry: Suppression, *, actor: User) -> None:
    """Let an address be mailed again. Raises MayNotLift where the person asked for it to stop."""
    if entry.reason not in LIFTABLE:
        raise MayNotLift(_("The person asked not to be mailed; only they can change that. Nothing was changed."))
    journal.record("suppression.lifted", entry, actor=actor, reason=entry.reason, evidence=entry.evidence)
    entry.delete()


@transaction.atomic
def lift_own_wish(email: str) -> bool:
    """The holder of the mailbox wants mail again: take what they asked for themselves off the list. False for none.

    What this house found out or decided (dead, unreachable, by hand) stays.
    """
    entry = Suppression.objects.filter(address_hash=address_hash(email), reason__in=OWN_WISHES).first()
    if not email or entry is None:
        return False
    journal.record(
        "suppression.lifted", entry, actor=None, reason=entry.reason, evidence=entry.evidence, by="the person"
    )
    entry.delete()
    return True


def resolve_unknown(delivery: Delivery, *, now: datetime) -> None:
    """An open, a click or a bounce proves that an unknown delivery did arrive."""
    Delivery.objects.filter(pk=delivery.pk, state=State.UNKNOWN).update(state=State.DELIVERED, handed_at=now, reason="")


def _settle_refused(held: QuerySet[Delivery], outcome: Outcome, now: datetime) -> None:
    row = held.filter(pk=outcome.tag).select_related("contact").first()
    if row is None:
        return
    kind = class_of(outcome.code, outcome.status, outcome.text, at_sender=outcome.at_sender)
    answer = f"{outcome.code} {outcome.text}"[:300]
    again = next_try(row.attempts, now) if outcome.state == LATER else None
    if again:
        _let_go(held.filter(pk=row.pk), state=State.DEFERRED, reason=kind, answer=answer, next_at=again)
        return
    _let_go(held.filter(pk=row.pk), state=State.BOUNCED, reason=kind, answer=answer)
    if kind == DEAD and outcome.state == REFUSED and isinstance(row.contact, Contact) and row.contact.email:
        suppress(row.contact.email, Suppression.Reason.DEAD, evidence=answer, now=now)


def refusals_of_us(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The permanent refusals that are about the sender: reason to stop and look, not to lose people."""
    return [
        outcome
        for outcome in outcomes
        if outcome.state == REFUSED
        and class_of(outcome.code, outcome.status, outcome.text, at_sender=outcome.at_sender) == SENDER
    ]


def _held(claim: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(claim=claim, state=State.CLAIMED)


def _let_go(rows: QuerySet[Delivery], **fields: object) -> None:
    rows.update(**{"claim": "", "leased_until": None, "next_at": None, **fields})


def _requeue(rows: QuerySet[Delivery], **fields: object) -> None:
    back = {"state": State.QUEUED, "next_at": None, "handing_since": None, "attempts": F("attempts") - 1}
    _let_go(rows, **{**back, **fields})
