"""Conditions on what an attribute was: it changed, or has been so for some days. From the journal and the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.compare import matcher
from baton.marketing.segments.leaves import attributes
from baton.marketing.segments.leaves.look import CHUNK, ids_of
from baton.marketing.segments.leaves.moments import Relooks, of_rows, window_ends
from baton.marketing.segments.vocabulary import TEXT
from baton.people.contacts.models import Contact
from baton.people.lifecycle.models import LifecycleMove
from baton.platform.journal.models import JournalEntry

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

Change = tuple[int, datetime, str, str]


def changed(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Whose attribute changed in the window, from and to what is said."""
    since = look.now - timedelta(days=leaf["days"]) if leaf.get("days") else None
    was, became = (_says(leaf.get(key), look) for key in ("from", "to"))
    changes = _changes(leaf["changed"], look, since, look.now)
    return BitMap64([pk for pk, _at, before, after in changes if was(before) and became(after)]) & look.everyone


def changed_relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    return _relooks(leaf["changed"], leaf.get("days"), look, since, until)


def has_been(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who is so now and was not otherwise for at least, or became so less than, so many days ago."""
    is_so = attributes.found({"attribute": leaf["has_been"], "op": "is", "value": leaf["value"]}, look)
    since = look.now - timedelta(days=leaf["days"])
    holds = _says(leaf["value"], look)
    lately = BitMap64(
        [pk for pk, _at, before, _after in _changes(leaf["has_been"], look, since, look.now, is_open=True)
         if not holds(before)]
    )  # fmt: skip
    lately |= ids_of(look.contacts().filter(created_at__gt=since))
    return is_so & lately if leaf.get("how") == "less_than" else is_so - lately


def has_been_relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    known = of_rows(look.contacts(), "pk", "created_at", [timedelta(days=leaf["days"])], since, until)
    return _relooks(leaf["has_been"], leaf["days"], look, since, until) + known


def _says(value: str | None, look: Look) -> Callable[[Any], bool]:
    return matcher(TEXT, "is", value, look.clock) if value else lambda text: True


def _changes(
    name: str, look: Look, since: datetime | None, until: datetime, *, is_open: bool = False
) -> Iterable[Change]:
    """Contact, moment, before and after of each change in [since, until), or (since, until) if `is_open`."""
    window = Q(at__lt=until)
    if since is not None:
        window &= Q(at__gt=since) if is_open else Q(at__gte=since)
    if name == "lifecycle":
        moves = look.theirs(LifecycleMove.objects.filter(window))
        yield from moves.values_list("contact_id", "at", "from_stage", "to_stage").iterator(chunk_size=CHUNK)
        return
    rows = _journal(look).filter(window).values_list("thing_id", "at", "facts").iterator(chunk_size=CHUNK)
    for pk, at, facts in rows:
        if name in (before := facts.get("before") or {}):
            yield pk, at, str(before[name] or ""), str((facts.get("after") or {}).get(name) or "")


def _journal(look: Look) -> QuerySet[JournalEntry]:
    entries = JournalEntry.objects.filter(verb="contact.changed", thing=Contact._meta.label_lower)
    return look.theirs(entries, "thing_id")


def _relooks(name: str, days: int | None, look: Look, since: datetime, until: datetime) -> Relooks:
    if name == "lifecycle":
        moves = look.theirs(LifecycleMove.objects.all())
        return of_rows(moves, "contact_id", "at", window_ends(days), since, until)
    return of_rows(_journal(look), "thing_id", "at", window_ends(days), since, until)
