"""Bitmaps kept between processes: one row per condition in the main database, the latest versions in memory as well."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from pyroaring import BitMap64

from baton.marketing.segments.compile import Compiler, Rule, key_of
from baton.marketing.segments.leaves import attributes
from baton.marketing.segments.models import LeafMembers

REMEMBERED = 400  # bitmaps in memory; up to 131 kB each at a million contacts
PREVIEW = timedelta(seconds=120)  # how long the bitmap of a condition that no segment has may be used again
EVERYONE: Rule = {"all": []}
T = TypeVar("T")
_lock = Lock()
_memory: OrderedDict[tuple[str, str, int], BitMap64] = OrderedDict()
_looked_at: OrderedDict[tuple[str, str], tuple[datetime, Any]] = OrderedDict()


@dataclass(frozen=True)
class Kept:
    """What is known of a kept bitmap without reading it."""

    version: int
    leaf: Rule
    built_at: datetime
    relook_at: datetime | None
    scheduled_until: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether a moment has come at which somebody's answer may change by time alone."""
        return self.relook_at is not None and self.relook_at <= now


def members_key(segment: int) -> str:
    """Under which the members of a segment are kept."""
    return f"segment:{segment}"


def kept_of(keys: Iterable[str] | None = None) -> dict[str, Kept]:
    """What is kept, by key."""
    rows = LeafMembers.objects.all() if keys is None else LeafMembers.objects.filter(key__in=list(keys))
    columns = ("version", "leaf", "built_at", "relook_at", "scheduled_until")
    return {key: Kept(*rest) for key, *rest in rows.values_list("key", *columns)}


def bitmap_of(key: str, version: int) -> BitMap64 | None:
    """A kept bitmap at a version, from memory or the table; None when it is gone or was changed."""
    place = (str(settings.BATON_HOME), key, version)
    with _lock:
        if place in _memory:
            _memory.move_to_end(place)
            return _memory[place]
    row = LeafMembers.objects.filter(key=key, version=version).values_list("members", flat=True).first()
    if row is None:
        return None
    remember(key, version, found := BitMap64.deserialize(bytes(row)))
    return found


def kept_bitmap(key: str) -> BitMap64 | None:
    """What is kept under a key now; None when there is nothing yet."""
    kept = kept_of([key]).get(key)
    return bitmap_of(key, kept.version) if kept else None


def remember(key: str, version: int, members: BitMap64) -> None:
    """Keep a bitmap in this process's memory. It is shared: nobody changes it."""
    home = str(settings.BATON_HOME)
    with _lock:
        _memory[(home, key, version)] = members
        _memory.pop((home, key, version - 1), None)
        while len(_memory) > REMEMBERED:
            _memory.popitem(last=False)


def forget() -> None:
    """Empty this process's memory; for tests, whose databases begin anew."""
    with _lock:
        _memory.clear()
        _looked_at.clear()


def kept_answer(leaf: Rule, compiler: Compiler) -> BitMap64:
    """For Compiler(asked=...): a kept bitmap is current, one looked at may be two minutes old; else it is built.

    Where many contacts have the same value, who has each is looked at instead: whoever writes a rule tries one number
    after the other.
    """
    key = key_of(leaf)
    if (current := kept_bitmap(key)) is not None:
        return current
    if not attributes.has_few_values(leaf):
        return _looked(key, compiler.now, partial(compiler.ask_leaf, leaf))
    name = leaf["attribute"]
    values = _looked(f"values of {name}", compiler.now, partial(attributes.values_of, name, compiler))
    return attributes.found_among(values, leaf, compiler)


def _looked(key: str, now: datetime, build: Callable[[], T]) -> T:
    """What was built for a look is kept in this process alone: looking at a page writes nothing."""
    place = (str(settings.BATON_HOME), key)
    built_at, found = _looked_at.get(place, (None, None))
    if built_at is None or found is None or not timedelta() <= now - built_at <= PREVIEW:
        found = build()
        with _lock:
            _looked_at[place] = now, found
            _looked_at.move_to_end(place)
            while len(_looked_at) > REMEMBERED:
                _looked_at.popitem(last=False)
    return found


class Previewer(Compiler):
    """Answers a rule at once: with what the follower keeps, and with what was counted in the last two minutes."""

    def __init__(self, *, now: datetime) -> None:
        super().__init__(now=now, asked=kept_answer)

    @cached_property
    def everyone(self) -> BitMap64:
        kept = kept_bitmap(key_of(EVERYONE))
        return super().everyone if kept is None else kept
