"""How each kind of condition finds its people, one module for each source: attributes, events, what people kept, sales.

A kind is three things: `found(leaf, look)`, the bitmap of who satisfies it; `relooks(leaf, look, since, until)`, the
moments in (since, until] at which contacts may change by time alone; and ASPECTS, what must have changed of a contact
for the answer to change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton.marketing.segments.leaves import attributes, events, history, kept, messages, provider, related
from baton.marketing.segments.leaves.moments import Relooks

if TYPE_CHECKING:
    from datetime import datetime

    from pyroaring import BitMap64

    from baton.marketing.segments.leaves.look import Look

Leaf = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """See the package's head. `aspects` are words of touched.py."""

    found: Callable[[Leaf, Look], BitMap64]
    relooks: Callable[[Leaf, Look, datetime, datetime], Relooks]
    aspects: frozenset[str]


def _kind(found: Any, relooks: Any, *aspects: str) -> Kind:
    return Kind(found, relooks, frozenset(aspects))


def _never(leaf: Leaf, look: Look, since: datetime, until: datetime) -> Relooks:
    return Relooks()


OF_KIND: dict[str, Kind] = {
    "attribute": _kind(attributes.found, attributes.relooks, "contact"),
    "event": _kind(events.found, events.relooks, "event"),
    "aggregate": _kind(events.found_numbers, events.relooks, "event"),
    "message": _kind(messages.found, messages.relooks, "message", "event"),
    "consent": _kind(kept.consented, kept.consent_relooks, "consent", "contact"),
    "reached": _kind(kept.reached, kept.reached_relooks, "contact"),
    "list": _kind(kept.listed, kept.listed_relooks, "list"),
    "provider": _kind(provider.found, _never, "contact"),
    "bucket": _kind(kept.in_bucket, _never),
    "changed": _kind(history.changed, history.changed_relooks, "contact"),
    "has_been": _kind(history.has_been, history.has_been_relooks, "contact"),
    "related": _kind(related.found, related.relooks, "sales", "lead", "contact"),
    "fact": _kind(related.fact, _never, "sales"),
}
