"""Putting an email's audience on the ledger: who gets which variant, who waits for the winner, who is held out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from baton.marketing.email.models import Broadcast
from baton.marketing.trials.models import Trial, trial_of
from baton.marketing.trials.rules import FIRST, HELD, REST, lot, part_of
from baton.people.deliveries.actions import Entry, fill
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery
from baton.platform.pieces import in_pieces

# The ledger hands out in the order of its rows: in pieces this small all variants go out side by side.
PIECE = 2_000
State = Delivery.State


def enter_audience(broadcast: Broadcast, contacts: Iterable[int], now: datetime) -> None:
    """A row for each contact, by the lot where there is an A/B test. Bears repetition: a row that is there stays.

    The lot hangs on contact and test alone, so one who comes in after a kill gets what they would have got before.
    """
    trial = trial_of(broadcast)
    if trial is None:
        fill(broadcast.message, contacts)
        return
    Trial.objects.filter(pk=trial.pk, started_at=None).update(started_at=now)
    trial.refresh_from_db(fields=["started_at"])
    for ids in in_pieces(contacts, PIECE):
        _enter(trial, broadcast, ids, now)


def _enter(trial: Trial, broadcast: Broadcast, ids: list[int], now: datetime) -> None:
    plan, parts = trial.plan, defaultdict(list)
    for contact in ids:
        parts[part_of(plan, lot(trial.salt, contact))].append(contact)
    begins = _beginnings(trial, now)
    for part, found in parts.items():
        if part != HELD:
            fill(broadcast.message, found, begins[part])
    _hold_out(broadcast, parts[HELD], now)


def _beginnings(trial: Trial, now: datetime) -> dict[str, Entry]:
    """How the rows of each part begin."""
    begins = {FIRST: Entry(FIRST), REST: Entry(REST, State.WAITING)}
    assert trial.started_at
    for variant in trial.variants.all():
        at = trial.started_at + timedelta(hours=variant.hours_later)
        begins[variant.letter] = Entry(variant.letter, State.WAITING, next_at=at) if at > now else Entry(variant.letter)
    return begins


def _hold_out(broadcast: Broadcast, contacts: list[int], now: datetime) -> None:
    """Who would not have got the email anyway is no measure of it: they are skipped for that reason."""
    if not contacts or broadcast.topic is None:
        return
    by_reason = defaultdict(list)
    for contact, reason in may_mail(contacts, broadcast.topic, now).items():
        by_reason[reason or "held_out"].append(contact)
    for reason, found in by_reason.items():
        fill(broadcast.message, found, Entry(HELD, State.SKIPPED, reason))
