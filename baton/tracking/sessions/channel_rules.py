"""Which channel a visit came by: an ordered table of rules, of which the first that fits wins. Pure.

A rule fits when each of its groups has a condition that fits. The standard table is GA4's (channels.py has its lists);
an organisation may reorder it, switch rules off and put rules of its own in front (tracking/channels). The SQL that
store/engines/words.py makes of a table gives the same channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from baton.tracking.sessions import channels
from baton.tracking.sessions.rules import RULES, Came

OTHERWISE = "unassigned"
VERSIONS = 10_000  # more than anybody saves
IS, CONTAINS, BEGINS = "is", "contains", "begins"
KIND, LOOKS, GIVEN = "kind", "looks", "given"
OWN_OPS = (IS, CONTAINS, BEGINS)
OWN_FIELDS = ("source", "medium", "campaign", "referrer")
PATTERNS = {"paid": channels.PAID, "shop": channels.SHOP_NAME, "push": "push$|mobile|notification"}


@dataclass(frozen=True)
class Condition:
    """What one field must be. `field`: source (the referrer's host where none is stated), medium, campaign, referrer
    or click. `op`: is (one of the values), contains or begins (with one of them); and in the standard table alone
    kind (of source), looks (like one of PATTERNS), given (not empty). Values are in small letters.
    """

    field: str
    op: str
    values: tuple[str, ...] = ()

    def fits(self, fields: dict[str, str]) -> bool:
        told = fields[self.field]
        if self.op == GIVEN:
            return told != ""
        if self.op == IS:
            return told in self.values
        if self.op == CONTAINS:
            return any(value in told for value in self.values)
        if self.op == BEGINS:
            return any(told.startswith(value) for value in self.values)
        return any(re.search(pattern, told) for pattern in self.patterns)

    @property
    def patterns(self) -> list[str]:
        """Regular expressions (of RE2 and Python alike) of the ops kind and looks."""
        return [channels.source_pattern(one) if self.op == KIND else PATTERNS[one] for one in self.values]


Group = tuple[Condition, ...]


@dataclass(frozen=True)
class Rule:
    """Visits that fit every group come by `channel`. A rule of the standard table is known by its id."""

    id: str
    channel: str
    groups: tuple[Group, ...]
    is_on: bool = True

    def fits(self, fields: dict[str, str]) -> bool:
        return all(any(one.fits(fields) for one in group) for group in self.groups)

    @property
    def is_own(self) -> bool:
        return self.id not in STANDARD_IDS


@dataclass(frozen=True)
class ChannelTable:
    """The rules of one version in their order. Version 0 is the standard table."""

    version: int
    rules: tuple[Rule, ...]

    @property
    def kept_as(self) -> int:
        """The number that kept visits bear whose channel is of this table: differs for every version and RULES."""
        return RULES * VERSIONS + self.version

    def rule_of(self, came: Came) -> Rule | None:
        """The rule that decides; None for what no rule fits."""
        fields = {
            "source": came.source.lower() or came.referrer.lower(),
            "medium": came.medium.lower(),
            "campaign": came.campaign.lower(),
            "referrer": came.referrer.lower(),
            "click": came.click_kind,
        }
        return next((rule for rule in self.rules if rule.is_on and rule.fits(fields)), None)


def channel_of(came: Came, table: ChannelTable | None = None) -> str:
    """The channel by a table, the standard one when none is given."""
    rule = (table or STANDARD).rule_of(came)
    return rule.channel if rule else OTHERWISE


def as_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Rules as a version keeps them: a standard one by its id, one's own with its conditions."""
    return [_rule_as_json(rule) for rule in rules]


def rules_from(told: Sequence[dict[str, Any]]) -> tuple[Rule, ...]:
    """Rules of a kept version. Standard rules that came with a later Baton stand behind those they follow there."""
    rules = [_rule_from(one) for one in told if one["id"] in STANDARD_IDS or "conditions" in one]
    known, before = {rule.id for rule in rules}, ""
    for rule in STANDARD.rules:
        if rule.id not in known:
            behind = next((n + 1 for n, one in enumerate(rules) if one.id == before), 0)
            rules.insert(behind, rule)
        before = rule.id
    return tuple(rules)


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"id": rule.id, "is_on": rule.is_on}
    if rule.is_own:
        told["channel"] = rule.channel
        told["conditions"] = [
            {"field": one.field, "op": one.op, "values": list(one.values)} for group in rule.groups for one in group
        ]
    return told


def _rule_from(told: dict[str, Any]) -> Rule:
    if told["id"] in STANDARD_IDS:
        return replace(STANDARD_IDS[told["id"]], is_on=told["is_on"])
    conditions = [Condition(one["field"], one["op"], tuple(one["values"])) for one in told["conditions"]]
    return Rule(told["id"], told["channel"], tuple((one,) for one in conditions), told["is_on"])


def _is(field: str, *values: str) -> Condition:
    return Condition(field, IS, values)


def _kind(kind: str) -> Condition:
    return Condition("source", KIND, (kind,))


_PAID = (Condition("medium", LOOKS, ("paid",)), _is("click", *channels.PAID_CLICKS))
_SHOP = (_kind("shopping"), Condition("campaign", LOOKS, ("shop",)))
_NO_MEDIUM = (_is("medium", ""),)


def _clicks(channel: str) -> Group:
    """The click ids that prove a paid channel."""
    return (_is("click", *(kind for kind, found in channels.PAID_CLICKS.items() if found == channel)),)


STANDARD = ChannelTable(
    0,
    (
        Rule(
            "direct",
            "direct",
            (
                (_is("source", "", "(direct)"),),
                (_is("medium", "", "(none)", "(not set)"),),
                (_is("campaign", ""),),
                (_is("click", ""),),
            ),
        ),
        Rule("cross_network", "cross_network", ((Condition("campaign", CONTAINS, ("cross-network",)),),)),
        Rule("paid_shopping", "paid_shopping", (_PAID, _SHOP)),
        Rule("paid_search", "paid_search", (_PAID, (_kind("search"),))),
        Rule("paid_social", "paid_social", (_PAID, (_kind("social"),))),
        Rule("paid_video", "paid_video", (_PAID, (_kind("video"),))),
        Rule("display_cpm", "display", ((_is("medium", "cpm"),),)),
        Rule("paid_search_click", "paid_search", (_clicks("paid_search"),)),
        Rule("display_click", "display", (_clicks("display"),)),
        Rule("paid_social_click", "paid_social", (_clicks("paid_social"),)),
        Rule("paid_other", "paid_other", (_PAID,)),
        Rule("display", "display", ((_is("medium", "display", "banner", "expandable", "interstitial"),),)),
        Rule("email_shop", "email", (_SHOP, (_is("medium", *channels.EMAIL_WORDS),))),
        Rule("organic_shopping", "organic_shopping", (_SHOP,)),
        Rule("organic_social", "organic_social", ((_kind("social"), _is("medium", *channels.SOCIAL_MEDIUMS)),)),
        Rule("organic_video", "organic_video", ((_kind("video"), Condition("medium", CONTAINS, ("video",))),)),
        Rule("ai_assistants", "ai_assistants", ((_kind("assistants"),),)),
        Rule("organic_search", "organic_search", ((_kind("search"), _is("medium", "organic")),)),
        Rule("referral_medium", "referral", ((_is("medium", "referral", "app", "link"),),)),
        Rule(
            "email",
            "email",
            ((_is("medium", *channels.EMAIL_WORDS), _is("source", *channels.EMAIL_WORDS, "newsletter")),),
        ),
        Rule("affiliates", "affiliates", ((_is("medium", "affiliate"),),)),
        Rule("audio", "audio", ((_is("medium", "audio"),),)),
        Rule("sms", "sms", ((_is("medium", "sms"), _is("source", "sms")),)),
        Rule("mobile_push", "mobile_push", ((Condition("medium", LOOKS, ("push",)), _is("source", "firebase")),)),
        Rule("organic_social_click", "organic_social", ((_is("click", *channels.UNPAID_CLICKS),), _NO_MEDIUM)),
        Rule("referral", "referral", ((Condition("source", GIVEN),), _NO_MEDIUM)),
    ),
)
STANDARD_IDS = {rule.id: rule for rule in STANDARD.rules}
