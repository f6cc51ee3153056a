"""From a rule to its members: one 64-bit roaring bitmap per leaf, combined by set algebra.

A leaf is answered by one question to one store, for everybody or for a few contacts (`only`). The same contacts are
found however the tree is written; the reference evaluator in the tests says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any

from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.leaves import OF_KIND
from baton.marketing.segments.leaves.look import Look
from baton.marketing.segments.models import Segment
from baton.marketing.segments.rules import BadRule, mode_of
from baton.marketing.segments.shapes import kind_of

Rule = dict[str, Any]
NOBODY: Rule = {"any": []}


class Compiler(Look):
    """Answers rules at `now`; leaves are kept, so a rule that changes in one leaf costs one question.

    `asked` may answer a leaf before the stores are asked: it gives the bitmap or None.
    """

    def __init__(
        self,
        *,
        now: datetime,
        only: Iterable[int] | None = None,
        zone: str = "",
        ahead: Iterable[Rule] = (),
        asked: Callable[[Rule, Compiler], BitMap64 | None] | None = None,
    ) -> None:
        super().__init__(now=now, only=only, zone=zone, ahead=ahead)
        self._asked = asked
        self._answers: dict[str, BitMap64] = {}
        self._rules: dict[int, Rule] | None = None

    def members(self, rule: Rule) -> BitMap64:
        """Ids of the contacts that satisfy `rule`. Raises BadRule for a segment inside itself."""
        return combine(self.expanded(rule), self.leaf, self.everyone)

    def expanded(self, rule: Rule) -> Rule:
        """The rule with the rules of the segments it speaks of in their places."""
        if '"segment"' not in json.dumps(rule):
            return rule
        if self._rules is None:
            self._rules = dict(Segment.objects.live().values_list("pk", "rule"))
        return expand(rule, self._rules)

    def leaf(self, leaf: Rule) -> BitMap64:
        """Who satisfies one condition, a segment's apart."""
        key = key_of(leaf)
        if key not in self._answers:
            answer = self._asked(leaf, self) if self._asked else None
            self._answers[key] = self.ask_leaf(leaf) if answer is None else answer
        return self._answers[key]

    def ask_leaf(self, leaf: Rule) -> BitMap64:
        """The same, asked of the stores."""
        kind = kind_of(leaf)
        if kind not in OF_KIND:
            raise BadRule(_("A condition has no kind that is known."))
        return OF_KIND[kind].found(leaf, self)


def combine(rule: Rule, answer: Callable[[Rule], BitMap64], everyone: BitMap64) -> BitMap64:
    """The set algebra of an expanded rule over the answers to its leaves."""
    mode = mode_of(rule)
    if mode is None:
        return answer(rule)
    parts = (combine(part, answer, everyone) for part in rule[mode])
    if mode == "all":
        return reduce(BitMap64.__and__, parts, everyone)
    union = reduce(BitMap64.__or__, parts, BitMap64())
    return everyone - union if mode == "none" else union


def expand(rule: Rule, rules: Mapping[int, Rule], inside: tuple[int, ...] = ()) -> Rule:
    """Segments inside replaced by their rules; one that is gone holds nobody. Raises BadRule for a circle."""
    mode = mode_of(rule)
    if mode is not None:
        return {mode: [expand(part, rules, inside) for part in rule[mode]]}
    if "segment" not in rule:
        return rule
    pk = rule["segment"]
    if pk in inside:
        raise BadRule(_("A segment cannot be inside itself."))
    return expand(rules[pk], rules, (*inside, pk)) if pk in rules else NOBODY


def key_of(rule: Rule) -> str:
    """A name of fixed length for a rule or leaf, the same however its keys are ordered."""
    plain = json.dumps(rule, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()
