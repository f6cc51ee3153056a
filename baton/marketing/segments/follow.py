"""Following: what changed of contacts, what events came and what time brought, into members, within two seconds.

One pass at a time, in whichever worker comes first. A pass reads which contacts were touched, looks only at the
conditions that ask for what changed and only at those contacts, and writes who entered and left with the condition that
did it. The same is found as if everything were asked anew (tests hold it). A new rule is worked out by a job
(first_fill.py); until that is through, a segment follows the rule it had.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from pyroaring import BitMap64

from baton.marketing.segments import keeping
from baton.marketing.segments.compile import Compiler, Rule, combine, expand, key_of
from baton.marketing.segments.entering import Stay, keep_size, write_stays
from baton.marketing.segments.filling import Ready, begin_fill, keep_missed, missed_by, ready_of
from baton.marketing.segments.keeping import EVERYONE, Kept, members_key
from baton.marketing.segments.leaves import OF_KIND, moments
from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.leaves.moments import Relooks
from baton.marketing.segments.models import (
    FollowState,
    LeafMembers,
    Segment,
    SegmentFill,
    SegmentMember,
    TouchedContact,
)
from baton.marketing.segments.rules import BadRule, leaves
from baton.marketing.segments.shapes import kind_of
from baton.marketing.segments.touched import EVERYTHING
from baton.people.contacts.models import Contact
from baton.platform.db import among, only_one, write_turn

HORIZON = timedelta(hours=6)  # so far ahead the moments of each time condition are known one by one
OVERLAP = timedelta(seconds=60)  # a change may be committed so long after its changed_at
AT_ONCE = 50_000
MOST_SHARE = 5  # above a fifth of everyone it is quicker to ask a condition anew
WHOLE = BitMap64([moments.EVERYONE])
FOLLOWERS = 0x6261746F6E02  # the advisory lock of all followers on one database

log = logging.getLogger(__name__)
_seen: dict[int, datetime] = {}  # contacts this process looked at lately, as of their changed_at
_last_pass: list[tuple[int, datetime]] = []  # this process's own; after another's, what was seen does not count


@dataclass
class Leaf:
    """A condition in a pass: its bitmap before and after."""

    key: str
    rule: Rule
    old: BitMap64 | None
    new: BitMap64 = field(default_factory=BitMap64)
    relooks: Relooks = field(default_factory=Relooks)
    scheduled_until: datetime | None = None
    is_dirty: bool = False

    @property
    def flipped(self) -> BitMap64:
        return self.new if self.old is None else self.old ^ self.new


@dataclass(frozen=True)
class Order:
    """What a pass is to do: ask these segments or all from scratch, apply a filling, leave new rules to the job."""

    anew: frozenset[int] = frozenset()
    all_anew: bool = False
    fill: SegmentFill | None = None
    leaves_new: bool = False


@dataclass
class Pass:
    """What a pass is about: the segments with their whole rules, who was touched in which aspect, what is kept."""

    now: datetime
    rules: dict[int, Rule]
    touched: dict[str, BitMap64]
    kept: dict[str, Kept]
    anew: set[str] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    ready: dict[str, Ready] = field(default_factory=dict)
    current: set[str] = field(default_factory=set)  # conditions whose bitmaps are kept up to date
    filled: set[int] = field(default_factory=set)
    leaves: dict[str, Leaf] = field(default_factory=dict)
    compilers: dict[bytes, Compiler] = field(default_factory=dict)

    @cached_property
    def relooks(self) -> dict[str, Relooks]:
        """The moments kept of every condition on events of which one has come; asked once."""
        kept = {key: self.kept[key] for key in self.current & set(self.kept)}
        keys = [key for key, one in kept.items() if one.is_due(self.now) and _asks_events(one.leaf)]
        rows = LeafMembers.objects.filter(key__in=keys).values_list("key", "relooks")
        return {key: Relooks.unpacked(bytes(packed)) for key, packed in rows}

    @cached_property
    def due_of_events(self) -> BitMap64:
        """Whose moment has come in any condition on events. All of these look at them, so that their events, which lie
        in millions of others, are fetched once in a pass and not for each condition.
        """
        return BitMap64().union(*(BitMap64(one.due(self.now)) for one in self.relooks.values())) - WHOLE


def _asks_events(rule: Rule) -> bool:
    return "event" in OF_KIND[kind_of(rule) or ""].aspects


def follow_some() -> None:
    """Tick: bring all segments up to date, if nobody else is at it."""
    _follow(Order(leaves_new=True), now=timezone.now(), wait=False)


def follow(*, now: datetime, anew: Iterable[Segment] = (), all_anew: bool = False) -> None:
    """One pass that leaves nothing to a job. `anew` are segments to ask from scratch."""
    _follow(Order(frozenset(segment.pk for segment in anew), all_anew), now=now, wait=True)


def follow_filled(fill: SegmentFill, *, now: datetime) -> None:
    """One pass that lets a segment's new rule hold, with what its filling found."""
    _follow(Order(fill=fill, leaves_new=True), now=now, wait=True)


def _follow(order: Order, *, now: datetime, wait: bool) -> None:
    with only_one("segments", FOLLOWERS, wait=wait) as is_mine:
        if is_mine:
            _pass(now, order)


def _pass(now: datetime, order: Order) -> None:
    state = FollowState.objects.first() or FollowState.objects.create()
    told = list(TouchedContact.objects.order_by("pk").values_list("pk", "contact_id", "aspect")[:AT_ONCE])
    seen = _changed(state)
    work = _begun(now, order)
    for _pk, contact, aspect in told:
        work.touched[aspect].add(contact)
    work.touched["contact"] |= BitMap64(seen)
    if not (told or seen or work.whole or work.ready or order.fill or _is_due(work)):
        return
    everyone = _everyone(work)
    newcomers = BitMap64(seen) & (everyone.flipped)
    work.touched[EVERYTHING] |= newcomers
    for pk in work.whole:
        work.anew |= {key_of(leaf) for leaf in leaves(work.rules[pk])}
    stays = list(_stays(work, everyone))
    _write(work, everyone, stays, [pk for pk, _contact, _aspect in told])
    _seen.update(seen)
    _last_pass[:] = [(state.passes + 1, now)]


def _begun(now: datetime, order: Order) -> Pass:
    """A pass with the rules to follow: each segment's own, or the one it had while the new one waits for the job."""
    wanted, kept = whole_rules(), keeping.kept_of()
    held = _held(wanted, kept)
    new = {pk for pk, rule in wanted.items() if pk not in held or key_of(held[pk]) != key_of(rule)}
    fill = SegmentFill.objects.filter(pk=order.fill.pk).first() if order.fill else None
    is_ours = fill is not None and fill.segment_id in wanted and key_of(wanted[fill.segment_id]) == fill.rule_key
    ours = {fill.segment_id} if fill and is_ours else set()
    rules = wanted
    if order.leaves_new:
        for pk in new - ours:
            begin_fill(pk, wanted[pk], now=now)
        rules = {pk: rule for pk, rule in wanted.items() if pk not in new or pk in ours}
        rules |= {pk: held[pk] for pk in new - ours if pk in held}
    work = Pass(now, rules, defaultdict(BitMap64), kept, current=_leaves_of(held), filled=ours)
    if fill:
        work.ready = ready_of(fill)
        work.touched.update(missed_by(fill))
    work.whole = set(rules) if order.all_anew else set(rules) & order.anew
    return work


def _held(wanted: dict[int, Rule], kept: dict[str, Kept]) -> dict[int, Rule]:
    """The rule by which each segment's members are followed; none where it never was."""
    rows = {pk: kept.get(members_key(pk)) for pk in wanted}
    return {pk: row.leaf["whole"] for pk, row in rows.items() if row and "whole" in row.leaf}


def _leaves_of(rules: dict[int, Rule]) -> set[str]:
    return {key_of(leaf) for rule in rules.values() for leaf in leaves(rule)}


def current_leaves() -> set[str]:
    """Keys of the conditions whose bitmaps the follower keeps up to date; those of dropped rules may lie there too."""
    return _leaves_of(_held(whole_rules(), keeping.kept_of()))


def _changed(state: FollowState) -> dict[int, datetime]:
    """Contacts changed since the last pass that this process has not looked at yet."""
    if state.followed_at is None:
        return {}
    since = state.followed_at - OVERLAP
    if _last_pass != [(state.passes, state.followed_at)]:
        _seen.clear()
    for pk in [pk for pk, at in _seen.items() if at < since]:
        del _seen[pk]
    rows = Contact.objects.live().filter(changed_at__gt=since).order_by("-changed_at")
    return {pk: at for pk, at in rows.values_list("pk", "changed_at") if _seen.get(pk) != at}


def whole_rules() -> dict[int, Rule]:
    """Each segment's rule with those inside it; segments whose rule is none by now are left as they are."""
    plain = dict(Segment.objects.live().values_list("pk", "rule"))
    rules = {}
    for pk, rule in plain.items():
        try:
            rules[pk] = expand(rule, plain, (pk,))
        except BadRule as error:
            log.warning("Segment %s cannot be followed: %s", pk, error)
    return rules


def _is_due(work: Pass) -> bool:
    """Whether a moment has come, a rule was edited, or a condition is not followed yet."""
    kept = [one for key, one in work.kept.items() if key in work.current]
    if any(one.is_due(work.now) for one in kept):
        return True
    return any(_applied(work, pk) != key_of(rule) for pk, rule in work.rules.items())


def _applied(work: Pass, pk: int) -> str | None:
    """The rule by which a segment's members were found last."""
    kept = work.kept.get(members_key(pk))
    return kept.leaf.get("rule") if kept else None


def _bitmap(work: Pass, key: str) -> BitMap64 | None:
    """What was kept under a key when the pass began."""
    kept = work.kept.get(key)
    return keeping.bitmap_of(key, kept.version) if kept else None


def _everyone(work: Pass) -> Leaf:
    """All contacts, by those who came and went."""
    key = key_of(EVERYONE)
    old = _bitmap(work, key)
    moved = work.touched["contact"] | work.touched[EVERYTHING]
    leaf = Leaf(key, EVERYONE, old)
    if old is None or 0 in moved or work.whole:
        leaf.new = Compiler(now=work.now).everyone
    else:
        leaf.new = (old - moved) | _compiler(work, moved).everyone
    leaf.is_dirty = leaf.old is None or leaf.new != leaf.old
    work.leaves[key] = leaf
    return leaf


def _compiler(work: Pass, only: BitMap64) -> Compiler:
    """One look at a set of contacts, shared by the conditions that ask for the same ones."""
    place = only.serialize()
    if place not in work.compilers:
        ahead = {key_of(leaf): leaf for rule in work.rules.values() for leaf in leaves(rule)}
        work.compilers[place] = Compiler(now=work.now, only=only, ahead=ahead.values())
    return work.compilers[place]


def _leaf(work: Pass, rule: Rule, everyone: Leaf) -> Leaf:
    """A condition brought up to date."""
    key = key_of(rule)
    if key not in work.leaves:
        work.leaves[key] = _followed(work, key, rule, everyone)
    return work.leaves[key]


def _followed(work: Pass, key: str, rule: Rule, everyone: Leaf) -> Leaf:
    kind = OF_KIND[kind_of(rule) or ""]
    kept: Kept | None = None
    old: BitMap64 | None = None
    if key in work.current:
        kept, old = work.kept.get(key), _bitmap(work, key)
    ready = work.ready.get(key) if old is None else None
    if ready:
        kept, old = ready.kept, ready.members
    leaf = Leaf(key, rule, old, is_dirty=ready is not None)
    touched = work.touched[EVERYTHING].copy()
    for aspect in kind.aspects:
        touched |= work.touched[aspect]
    if kept and old is not None:
        touched |= _due(work, leaf, kept, has_touched=bool(touched))
        if touched and _asks_events(rule):
            touched |= work.due_of_events
    is_whole = old is None or key in work.anew or 0 in touched
    if is_whole or len(touched) > max(1000, len(everyone.new) // MOST_SHARE):
        leaf.new = _compiler_for_all(work).leaf(rule)
        leaf.relooks = _schedule(work, rule, _compiler_for_all(work), work.now)
        leaf.scheduled_until, leaf.is_dirty = work.now + HORIZON, True
        return leaf
    leaf.new = old if old is not None else BitMap64()
    if touched:
        few = _compiler(work, touched)
        leaf.new = (leaf.new - touched) | few.leaf(rule)
        if leaf.scheduled_until:
            leaf.relooks = leaf.relooks.after(work.now) + kind.relooks(rule, few, work.now, leaf.scheduled_until)
        leaf.is_dirty = leaf.is_dirty or leaf.new != leaf.old or bool(len(leaf.relooks.at))
    return leaf


def _due(work: Pass, leaf: Leaf, kept: Kept, *, has_touched: bool) -> BitMap64:
    """Contacts whose moment has come. What is known of moments is read, and known further where it ends."""
    leaf.scheduled_until = kept.scheduled_until
    is_due = kept.is_due(work.now)
    if not (is_due or has_touched):
        return BitMap64()
    leaf.relooks, leaf.is_dirty = _kept_relooks(work, leaf, kept), leaf.is_dirty or is_due
    if kept.scheduled_until and kept.scheduled_until <= work.now:
        leaf.relooks += _schedule(work, leaf.rule, _compiler_for_all(work), kept.scheduled_until)
        leaf.scheduled_until = work.now + HORIZON
    return BitMap64(leaf.relooks.due(work.now))


def _kept_relooks(work: Pass, leaf: Leaf, kept: Kept) -> Relooks:
    if not kept.version:
        return Relooks.unpacked(work.ready[leaf.key].relooks)
    if (found := work.relooks.get(leaf.key)) is not None:
        return found
    packed = LeafMembers.objects.filter(key=leaf.key).values_list("relooks", flat=True).get()
    return Relooks.unpacked(bytes(packed))


def _compiler_for_all(work: Pass) -> Compiler:
    if b"" not in work.compilers:
        work.compilers[b""] = Compiler(now=work.now)
        if key_of(EVERYONE) in work.leaves:
            work.compilers[b""].__dict__["everyone"] = work.leaves[key_of(EVERYONE)].new
    return work.compilers[b""]


def _schedule(work: Pass, rule: Rule, compiler: Compiler, since: datetime) -> Relooks:
    return OF_KIND[kind_of(rule) or ""].relooks(rule, compiler, since, work.now + HORIZON)


def _stays(work: Pass, everyone: Leaf) -> Iterator[Stay]:
    """Who enters and who leaves each segment."""
    for pk, rule in work.rules.items():
        try:
            parts = [_leaf(work, leaf, everyone) for leaf in leaves(rule)]
        except BadRule as error:  # a fact or field the rule speaks of is gone: its members stay, the others go on
            log.warning("Segment %s cannot be followed: %s", pk, error)
            continue
        applied = _applied(work, pk)
        old = _bitmap(work, members_key(pk))
        is_edit = applied != key_of(rule) or pk in work.filled
        if old is None or is_edit or pk in work.whole:
            old = ids_of(SegmentMember.objects.filter(segment=pk, left_at=None), "contact_id")
            new = combine(rule, lambda leaf: work.leaves[key_of(leaf)].new, everyone.new)
        else:
            flipped = everyone.flipped.copy()
            for part in parts:
                flipped |= part.flipped
            if not flipped:
                continue
            affected = combine(rule, partial(_among, work, flipped), everyone.new & flipped)
            new = (old - flipped) | (affected & everyone.new)
        if new != old or is_edit:
            new &= everyone.new
            causes = [(part.rule, part.old or BitMap64(), part.new) for part in parts]
            yield Stay(pk, rule, new - old, old - new, new, causes, is_edit=is_edit)


def _among(work: Pass, few: BitMap64, leaf: Rule) -> BitMap64:
    return work.leaves[key_of(leaf)].new & few


def _write(work: Pass, everyone: Leaf, stays: list[Stay], told: list[int]) -> None:
    """Members first, in small batches that bear repetition; then the bitmaps and what was done, all at once."""
    write_stays(stays, now=work.now)
    rows = {leaf.key: _row(leaf, work) for leaf in work.leaves.values() if leaf.is_dirty}
    for stay in stays:
        key = members_key(stay.segment)
        rows[key] = LeafMembers(
            key=key, leaf={"members_of": stay.segment, "rule": key_of(stay.rule), "whole": stay.rule},
            version=_version(work, key), members=stay.members.serialize(), built_at=work.now,
        )  # fmt: skip
        keeping.remember(key, rows[key].version, stay.members)
    with write_turn(), transaction.atomic():
        LeafMembers.objects.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["key"], batch_size=50,
            update_fields=["leaf", "version", "members", "relooks", "scheduled_until", "relook_at", "built_at"],
        )  # fmt: skip
        for stay in stays:
            Segment.objects.filter(pk=stay.segment).update(counted_at=work.now, members_count=len(stay.members))
            keep_size(stay.segment, len(stay.members), now=work.now)
            SegmentFill.objects.filter(segment=stay.segment, rule_key=key_of(stay.rule)).delete()
        TouchedContact.objects.filter(pk__in=among(told)).delete()
        keep_missed(work.touched)
        FollowState.objects.update(followed_at=work.now, passes=F("passes") + 1)


def _row(leaf: Leaf, work: Pass) -> LeafMembers:
    version = _version(work, leaf.key)
    moments = [at for at in (leaf.relooks.first(), leaf.scheduled_until) if at]
    keeping.remember(leaf.key, version, leaf.new)
    return LeafMembers(
        key=leaf.key, leaf=leaf.rule, version=version, members=leaf.new.serialize(), relooks=leaf.relooks.packed(),
        scheduled_until=leaf.scheduled_until, relook_at=min(moments, default=None), built_at=work.now,
    )  # fmt: skip


def _version(work: Pass, key: str) -> int:
    kept = work.kept.get(key)
    return max(kept.version + 1 if kept else 1, int(timezone.now().timestamp() * 1_000_000))
