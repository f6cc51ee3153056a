"""Changing many rows at once and taking it back: a few at once, more in a job that can be watched and left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from baton.platform import jobs, journal, wiring
from baton.platform.accounts.models import User
from baton.platform.db import write_turn
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job
from baton.platform.journal.actions import plain
from baton.platform.journal.models import JournalEntry
from baton.platform.lists.listing import Listing
from baton.platform.lists.models import BulkChange
from baton.platform.notifications.actions import notify
from baton.platform.pages import PAGE

AT_MOST = 100_000
AT_ONCE = PAGE
BATCH_ROWS = 100
REASONS_SAID = 3
CUSTOM = "custom-"

Turn = Callable[[], AbstractContextManager[None]]
State, What = BulkChange.State, BulkChange.What


def change_together(
    listing: Listing, ids: Sequence[int], changes: dict[str, Any], *, actor: User, now: datetime
) -> BulkChange:
    """Set `changes` on the rows `ids` names, or bin them where there are none to set.

    Up to a page's worth is done when this returns, more by a worker. Rows that refuse, are gone or not the actor's to
    see are counted with the reason. Raises Refusal without rows and above AT_MOST of them.
    """
    if not ids:
        raise Refusal(_("Nothing was changed: choose rows first."))
    if len(ids) > AT_MOST:
        raise Refusal(_("At most %(n)s rows can be changed at once. Narrow the list first.") % {"n": f"{AT_MOST:,}"})
    with transaction.atomic():
        change = BulkChange.objects.create(
            listing=listing.key,
            what=What.CHANGE if changes else What.BIN,
            changes=plain(changes),
            ids=sorted(set(ids)),
            actor=actor,
            created_at=now,
        )
        return _begin(listing, change, now=now)


def take_back(listing: Listing, change: BulkChange, *, actor: User, now: datetime) -> BulkChange:
    """Give the rows of a change back what they had, save those changed again since. Raises Refusal.

    Only who made it takes it back, once, when it is done.
    """
    if change.actor_id != actor.pk or change.listing != listing.key:
        raise Refusal(_("There is nothing of yours to undo here."))
    with transaction.atomic():
        asked = BulkChange.objects.filter(pk=change.pk, state=State.DONE).update(state=State.UNDOING, done=0)
        if not asked:
            raise Refusal(_("This was undone already, or is not done yet."))
        change.refresh_from_db()
        return _begin(listing, change, now=now)


def run_job(job: Job, *, change_id: int) -> None:
    """Job: go on with a change or with taking it back, and tell who asked how it went."""
    change = BulkChange.objects.select_related("actor").get(pk=change_id)
    listing: Listing = wiring.page().LISTS[change.listing]
    with translation.override(change.actor.locale):
        if change.is_under_way:
            for _batch in _batches(listing, change, timezone.now(), turn=write_turn):
                jobs.heartbeat(job)
        place = f"/{listing.address}changes/{change.pk}/"
        notify(change.actor, "list.changed", said(listing, change), url=place, key=f"bulk:{change.pk}:{change.state}")


def said(listing: Listing, change: BulkChange) -> str:
    """How it went, in one sentence: how many were changed, how many not."""
    left = sum(change.left.values())
    if change.state == State.UNDONE:
        sentence = _("As before: %(things)s.") % {"things": listing.counted(change.put_back)}
        kept = change.changed - change.put_back
        return f"{sentence} {_('Changed again since and left alone: %(n)s.') % {'n': kept}}" if kept else sentence
    sentence = _("%(things)s in the bin") if change.what == What.BIN else _("%(things)s changed")
    sentence %= {"things": listing.counted(change.changed)}
    if not left:
        return f"{sentence}."
    reasons = [(reason.rstrip("."), n) for reason, n in change.reasons[:REASONS_SAID]]
    why = "; ".join(f"{n} {reason}" if len(change.left) > 1 else reason for reason, n in reasons)
    return _("%(done)s, %(left)s not: %(why)s.") % {"done": sentence, "left": left, "why": why}


def _begin(listing: Listing, change: BulkChange, *, now: datetime) -> BulkChange:
    if change.total > AT_ONCE:
        jobs.enqueue("list.change", key=f"bulk:{change.pk}:{change.state}", change_id=change.pk)
        return change
    for _batch in _batches(listing, change, now):
        pass
    if not change.changed:
        change.delete()  # it left no trace; what is said of it is on the object still
    return change


def _batches(listing: Listing, change: BulkChange, now: datetime, *, turn: Turn = nullcontext) -> Iterable[None]:
    """Go through what is left to do; each batch is one transaction with its counts."""
    undoing = change.state == State.UNDOING
    lines = JournalEntry.objects.filter(thing=change._meta.label_lower, thing_id=change.pk, verb=_verb(listing, change))
    todo: Sequence[Any] = list(lines.order_by("pk").values_list("pk", flat=True)) if undoing else change.ids
    while change.done < len(todo):
        with turn(), transaction.atomic():
            if undoing:
                _undo_line(listing, change, JournalEntry.objects.get(pk=todo[change.done]), now)
            else:
                _change_batch(listing, change, list(islice(todo, change.done, change.done + BATCH_ROWS)), now)
            change.save(update_fields=["done", "changed", "left", "put_back"])
        yield
    change.state, change.ended_at = (State.UNDONE if undoing else State.DONE), now
    change.save(update_fields=["state", "ended_at"])


def _change_batch(listing: Listing, change: BulkChange, ids: list[int], now: datetime) -> None:
    changes = revived(listing, change.changes)
    left, before, found = Counter(change.left), {}, 0
    for row in listing.rows(change.actor).filter(pk__in=ids).select_related(*listing.relations).order_by("pk"):
        found += 1
        was = {name: plain(_value(row, name)) for name in changes}
        if changes and was == change.changes:
            left[_("had that already")] += 1
            continue
        try:
            with transaction.atomic():
                _do(listing, row, changes, actor=change.actor, now=now)
        except Refusal as refusal:
            left[str(refusal)] += 1
        else:
            before[row.pk] = was
    if found < len(ids):
        left[_("are gone or not yours to change")] += len(ids) - found
    if before:
        journal.record(_verb(listing, change), change, actor=change.actor, before=before, after=change.changes)
    change.done, change.changed, change.left = change.done + len(ids), change.changed + len(before), dict(left)


def _do(listing: Listing, row: Any, changes: dict[str, Any], *, actor: User, now: datetime) -> None:
    if not changes:
        listing.bin(row, actor=actor, now=now)
        return
    own = {name: value for name, value in changes.items() if not name.startswith(CUSTOM)}
    custom = {name.removeprefix(CUSTOM): value for name, value in changes.items() if name.startswith(CUSTOM)}
    if custom:
        merged = {**row.custom, **custom}
        own["custom"] = {name: value for name, value in merged.items() if value is not None}
    listing.change(row, own, actor=actor, now=now)


def _undo_line(listing: Listing, change: BulkChange, entry: JournalEntry, now: datetime) -> None:
    before: dict[str, dict[str, Any]] = entry.facts["before"]
    undone = 0
    for row in listing.model.objects.filter(pk__in=list(before)).select_related(*listing.relations).order_by("pk"):
        if _stands_as_left(row, change):
            try:
                with transaction.atomic():
                    _put_back(listing, row, change, before[str(row.pk)], now)
            except Refusal:
                continue  # it stays as it is, which the count says
            undone += 1
    journal.record(f"{listing.key}.undone_together", change, actor=change.actor, entry=entry.pk, undone=undone)
    change.done, change.put_back = change.done + 1, change.put_back + undone


def _stands_as_left(row: Any, change: BulkChange) -> bool:
    if change.what == What.BIN:
        return row.deleted_at is not None
    return row.deleted_at is None and all(plain(_value(row, name)) == value for name, value in change.changes.items())


def _put_back(listing: Listing, row: Any, change: BulkChange, was: dict[str, Any], now: datetime) -> None:
    if change.what == What.BIN:
        listing.restore(row, actor=change.actor, now=now)
    else:
        _do(listing, row, revived(listing, was), actor=change.actor, now=now)


def revived(listing: Listing, kept: dict[str, Any]) -> dict[str, Any]:
    """Values as the journal keeps them, made what the noun's verbs take: ids become records, texts become days."""
    return {name: _revived(listing.model, name, value) for name, value in kept.items()}


def _revived(model: type[models.Model], name: str, value: Any) -> Any:
    if value is None or name.startswith(CUSTOM):
        return value
    field = model._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return field.related_model._base_manager.filter(pk=value).first()
    return date.fromisoformat(value) if isinstance(field, models.DateField) else value


def _value(row: Any, name: str) -> Any:
    return row.custom.get(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else getattr(row, name)


def _verb(listing: Listing, change: BulkChange) -> str:
    return f"{listing.key}.{'binned' if change.what == What.BIN else 'changed'}_together"
