"""Rules of channels and what changed in them, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from babel.lists import format_list
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from baton.platform.money import babel_locale
from baton.tracking.sessions.channel_rules import (
    BEGINS,
    CONTAINS,
    GIVEN,
    IS,
    KIND,
    OWN_FIELDS,
    ChannelTable,
    Condition,
    Rule,
)
from baton.tracking.sessions.channels import PAID_CLICKS

FIELDS = {
    "source": _("Source"),
    "medium": _("Medium"),
    "campaign": _("Campaign"),
    "referrer": _("Referring site"),
    "click": _("Click id"),
}
OPS = {IS: _("is"), CONTAINS: _("contains"), BEGINS: _("begins with")}
KINDS = {
    "search": _("is a search engine"),
    "social": _("is a social network"),
    "video": _("is a video site"),
    "shopping": _("is a shop"),
    "assistants": _("is an AI assistant"),
}
LOOKS = {
    "paid": _("is that of paid visits (cpc, ppc, retargeting, paid …)"),
    "shop": _("names a shop"),
    "push": _("is that of a push or a phone's notification"),
}
assert set(OWN_FIELDS) < set(FIELDS)


def rule_words(rule: Rule) -> str:
    """ "Source is a search engine or Medium is organic; and …", one part for each group."""
    groups = [_either([condition_words(one) for one in group]) for group in rule.groups]
    return gettext("; and ").join(groups)


def condition_words(one: Condition) -> str:
    """ "Source is partner.example or friend.example"."""
    if set(one.values) == set(PAID_CLICKS):
        told = gettext("is that of an ad")
    elif one.op == KIND:
        told = str(KINDS[one.values[0]])
    elif one.op == GIVEN:
        told = gettext("is stated")
    elif one.op in OPS:
        told = f"{OPS[one.op]} {_either([value or gettext('not stated') for value in one.values])}"
    else:
        told = str(LOOKS[one.values[0]])
    return f"{FIELDS[one.field]} {told}"


def changes(
    old: ChannelTable, old_labels: dict[str, str], new: ChannelTable, new_labels: dict[str, str]
) -> list[tuple[str, str]]:
    """What the new table has other than the old one: (what happened, to what)."""
    before, after = ({rule.id: rule for rule in table.rules} for table in (old, new))
    told = [
        (gettext("Renamed"), f"{old_labels[key]} → {label}")
        for key, label in new_labels.items()
        if key in old_labels and old_labels[key] != label
    ]
    told += [(gettext("Removed"), named(before[id], old_labels)) for id in before if id not in after]
    told += [(gettext("New"), named(after[id], new_labels)) for id in after if id not in before]
    for id, rule in after.items():
        if id in before:
            told += _changed(before[id], rule, new_labels)
    return told + _moved(old.rules, new.rules, new_labels)


def named(rule: Rule, labels: dict[str, str]) -> str:
    """ "Partners: Source is partner.example"."""
    return f"{labels.get(rule.channel, rule.channel)}: {rule_words(rule)}"


def _changed(old: Rule, new: Rule, labels: dict[str, str]) -> list[tuple[str, str]]:
    told = []
    if (old.groups, old.channel) != (new.groups, new.channel):
        told.append((gettext("Changed"), named(new, labels)))
    if old.is_on != new.is_on:
        told.append((gettext("Switched on") if new.is_on else gettext("Switched off"), named(new, labels)))
    return told


def _moved(old: Sequence[Rule], new: Sequence[Rule], labels: dict[str, str]) -> list[tuple[str, str]]:
    """Rules of both that stand elsewhere among the others of both: as few as tell the new order from the old."""
    both = {rule.id for rule in old} & {rule.id for rule in new}
    before, after = ([rule.id for rule in rules if rule.id in both] for rules in (old, new))
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {after[block.b + n] for block in blocks for n in range(block.size)}
    places = [rule.id for rule in new]
    return [
        (gettext("Moved to place %(n)s") % {"n": places.index(rule.id) + 1}, named(rule, labels))
        for rule in new
        if rule.id in both and rule.id not in stayed
    ]


def _either(told: list[str]) -> str:
    return format_list(told, style="or", locale=babel_locale(get_language() or "en"))
