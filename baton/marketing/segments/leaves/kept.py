"""What people agreed to, stages they reached, lists they are on, and the random share they fall into."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q, QuerySet
from pyroaring import BitMap64

from baton.marketing.segments.leaves.bitmaps import bitmap
from baton.marketing.segments.leaves.look import CHUNK, ids_of
from baton.marketing.segments.leaves.moments import Relooks, of_rows, window_ends
from baton.marketing.segments.models import ListMember
from baton.people.consent.models import Consent
from baton.people.deliveries.models import Suppression
from baton.people.deliveries.tokens import address_hash
from baton.people.lifecycle.models import LifecycleMove

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look

SHARES = 1_000_000  # a bucket's percents are told apart to four decimals


def consented(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who stands so on the topic now."""
    state = leaf.get("state", "given")
    rows = _consents(leaf["consent"], look)
    if state in ("pending", "withdrawn"):
        return ids_of(rows.filter(state=state), "contact_id") & look.everyone
    rows = rows.filter(state=Consent.State.GIVEN)
    if state == "expires":
        rows = rows.filter(expires_at__gt=look.now, expires_at__lte=look.now + timedelta(days=leaf["days"]))
    else:
        rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=look.now))
    satisfying = _reachable(rows) if state == "reachable" else ids_of(rows, "contact_id")
    return satisfying & look.everyone


def _consents(topic: str, look: Look) -> QuerySet[Consent]:
    return look.theirs(Consent.objects.filter(topic__key=topic, channel="email"))


def _reachable(rows: QuerySet[Consent]) -> BitMap64:
    """Without those whose address is suppressed. How much mail someone had is the gate's affair, at hand-over."""
    suppressed = set(Suppression.objects.values_list("address_hash", flat=True))
    rows = rows.exclude(contact__email="")
    if not suppressed:
        return ids_of(rows, "contact_id")
    pairs = rows.values_list("contact_id", "contact__email").iterator(chunk_size=CHUNK)
    return BitMap64([pk for pk, email in pairs if address_hash(email) not in suppressed])


def consent_relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    """When consents run out, and when they come near it."""
    if leaf.get("state", "given") in ("pending", "withdrawn"):
        return Relooks()
    offsets = [timedelta()]
    if leaf.get("state") == "expires":
        offsets.append(-timedelta(days=leaf["days"]))
    rows = _consents(leaf["consent"], look)
    return of_rows(rows, "contact_id", "expires_at", offsets, since, until)


def reached(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who entered the stage in the window."""
    moves = look.theirs(LifecycleMove.objects.filter(to_stage=leaf["reached"], at__lt=look.now))
    if leaf.get("days"):
        moves = moves.filter(at__gte=look.now - timedelta(days=leaf["days"]))
    return ids_of(moves, "contact_id") & look.everyone


def reached_relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    moves = look.theirs(LifecycleMove.objects.filter(to_stage=leaf["reached"]))
    return of_rows(moves, "contact_id", "at", window_ends(leaf.get("days")), since, until)


def listed(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Who is on the list, put there in the last days if said."""
    rows = look.theirs(ListMember.objects.filter(on_list=leaf["list"], on_list__deleted_at=None, added_at__lt=look.now))
    if leaf.get("days"):
        rows = rows.filter(added_at__gte=look.now - timedelta(days=leaf["days"]))
    return ids_of(rows, "contact_id") & look.everyone


def listed_relooks(leaf: dict[str, Any], look: Look, since: datetime, until: datetime) -> Relooks:
    rows = look.theirs(ListMember.objects.filter(on_list=leaf["list"]))
    return of_rows(rows, "contact_id", "added_at", window_ends(leaf.get("days")), since, until)


def in_bucket(leaf: dict[str, Any], look: Look) -> BitMap64:
    """A share of all contacts that never changes: of the hash of salt and id, from a percent to a percent."""
    ids = np.fromiter(look.everyone, dtype=np.uint64, count=len(look.everyone))
    share = shares(leaf["bucket"], ids)
    return bitmap(ids[(share >= leaf["from"] * SHARES / 100) & (share < leaf["to"] * SHARES / 100)])


def shares(salt: str, ids: Any) -> Any:
    """A number below SHARES for each id: splitmix64 (Steele and others, OOPSLA 2014) of id and salt."""
    seed = np.uint64(int.from_bytes(hashlib.sha256(salt.encode()).digest()[:8], "big"))
    with np.errstate(over="ignore"):
        mixed = ids * np.uint64(0x9E3779B97F4A7C15) + seed
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (mixed ^ (mixed >> np.uint64(31))) % np.uint64(SHARES)
