"""The form of the table of channels: a row for each rule, as sent by the page that changes it, and what to try."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from baton.tracking.channels.models import ChannelVersion
from baton.tracking.channels.reads import CHANNEL_LABELS, labels_with
from baton.tracking.sessions.channel_rules import (
    OTHERWISE,
    OWN_FIELDS,
    OWN_OPS,
    STANDARD_IDS,
    ChannelTable,
    Condition,
    Rule,
)
from baton.tracking.sessions.channels import CLICK_KINDS
from baton.tracking.sessions.rules import Came

MOST_OWN = 50
MOST_CONDITIONS = 5
MOST_VALUES = 50
LONGEST_NAME, LONGEST_VALUES = 40, 2000
_OWN_ID = re.compile(r"own-[0-9a-f]{8}")
TRIED = {"source": 200, "medium": 200, "campaign": 200, "click": 20, "referrer": 253}


@dataclass
class Row:
    """A rule as it stands in the form. Of one's own: the channel (empty for a new one, called `name`) and conditions as
    typed, values parted by commas. `problem` says what is wrong.
    """

    id: str
    is_on: bool = True
    channel: str = ""
    name: str = ""
    conditions: list[tuple[str, str, str]] = field(default_factory=list)
    problem: str = ""

    @property
    def is_own(self) -> bool:
        return self.id not in STANDARD_IDS

    @property
    def standard(self) -> Rule:
        return STANDARD_IDS[self.id]

    @property
    def offered(self) -> list[tuple[str, str, str]]:
        """Its conditions and an empty one to fill in."""
        return [*self.conditions, ("source", "is", "")][:MOST_CONDITIONS]


class TableForm:
    """The whole table as typed: rows in their order, names by channel, and a note.

    `fresh` are channels that no version has yet, `moved` is the rule that was just moved or added, `problems` are
    about the whole.
    """

    def __init__(self, rows: list[Row], names: dict[str, str], note: str, after: int) -> None:
        self.rows, self.names, self.note, self.after = rows, names, note, after
        self.fresh: set[str] = set()
        self.problems: list[str] = []
        self.moved = ""

    @classmethod
    def of(cls, version: ChannelVersion | None) -> TableForm:
        """The table that holds, to be changed."""
        rules = version.table.rules if version else tuple(STANDARD_IDS.values())
        names = dict(version.names) if version else {}
        return cls([_row_of(rule) for rule in rules], names, "", version.number if version else 0)

    @classmethod
    def sent(cls, sent: QueryDict, version: ChannelVersion | None) -> TableForm:
        """What was typed, after the button `do`: add, remove:id, up:id, down:id, top:id."""
        told = [id for id in sent.getlist("rule") if id in STANDARD_IDS or _OWN_ID.fullmatch(id)]
        ids = list(dict.fromkeys(told))[: len(STANDARD_IDS) + MOST_OWN]
        names = _names(sent, dict(version.names) if version else {})
        after = sent.get("after", "")
        form = cls(
            [_row_sent(sent, id) for id in ids],
            names,
            _clean(sent.get("note", ""))[:200],
            int(after) if after.isascii() and after.isdigit() and len(after) < 8 else -1,
        )
        form._press(sent.get("do", ""))
        form.check()
        return form

    @property
    def labels(self) -> dict[str, str]:
        return labels_with(self.names)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of all rows that are right."""
        told = [row for row in self.rows if not row.problem]
        return tuple(_own_rule(row) if row.is_own else replace(row.standard, is_on=row.is_on) for row in told)

    def table(self) -> ChannelTable:
        return ChannelTable(self.after + 1, self.rules)

    @property
    def is_right(self) -> bool:
        return not self.problems and not any(row.problem for row in self.rows)

    def check(self) -> None:
        """Say what is wrong with rows, and give new channels their keys."""
        for row in self.rows:
            if row.is_own:
                row.problem = self._problem(row)
        labels = [label.casefold() for label in self.labels.values()]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            self.problems.append(_("Two channels are called %(name)s.") % {"name": twice[0]})

    def _problem(self, row: Row) -> str:
        if not row.conditions:
            return _("Write at least one condition.")
        if any(len(_values(told)) > MOST_VALUES for _field, _op, told in row.conditions):
            return _("A condition has at most %(most)s values.") % {"most": MOST_VALUES}
        if row.channel not in self.labels:
            if not row.name:
                return _("Choose a channel, or name a new one.")
            row.channel = self._key_of(row.name)
        return ""

    def _key_of(self, name: str) -> str:
        """The channel of that name; a new one gets a key that also reads well where only keys are shown."""
        for key, label in self.labels.items():
            if label.casefold() == name.casefold():
                return key
        base = slugify(name).replace("-", "_")[:LONGEST_NAME] or "channel"
        key, n = base, 1
        while key in self.labels:
            n += 1
            key = f"{base}_{n}"
        self.names[key] = name
        self.fresh.add(key)
        return key

    def _press(self, do: str) -> None:
        verb, _colon, id = do.partition(":")
        place = next((n for n, row in enumerate(self.rows) if row.id == id), -1)
        if verb == "add" and sum(row.is_own for row in self.rows) < MOST_OWN:
            self.rows.insert(0, Row(f"own-{secrets.token_hex(4)}"))
            self.moved = self.rows[0].id
        elif verb == "remove" and place >= 0 and self.rows[place].is_own:
            self.rows.pop(place)
        elif verb in ("up", "down", "top") and place >= 0:
            to = {"up": max(place - 1, 0), "down": place + 1, "top": 0}[verb]
            self.rows.insert(to, self.rows.pop(place))
            self.moved = id


def came_of(query: QueryDict) -> Came | None:
    """What is to be tried, as typed in the fields of TRIED; None where nothing was."""
    told = {name: _clean(query.get(f"try_{name}", ""))[:most] for name, most in TRIED.items()}
    if not any(told.values()):
        return None
    click = told["click"] if told["click"] in CLICK_KINDS else ""
    return Came(told["source"], told["medium"], told["campaign"], click, told["referrer"])


def _row_of(rule: Rule) -> Row:
    if not rule.is_own:
        return Row(rule.id, rule.is_on, rule.channel)
    conditions = [(one.field, one.op, ", ".join(one.values)) for group in rule.groups for one in group]
    return Row(rule.id, rule.is_on, rule.channel, "", conditions)


def _row_sent(sent: QueryDict, id: str) -> Row:
    is_on = id in sent.getlist("on")
    if id in STANDARD_IDS:
        return Row(id, is_on, STANDARD_IDS[id].channel)
    columns = [sent.getlist(f"{name}-{id}")[:MOST_CONDITIONS] for name in ("field", "op", "values")]
    conditions = [
        (field, op, _clean(told)[:LONGEST_VALUES])
        for field, op, told in zip(*columns, strict=False)
        if field in OWN_FIELDS and op in OWN_OPS and _values(told)
    ]
    name = " ".join(_clean(sent.get(f"name-{id}", "")).split())[:LONGEST_NAME]
    return Row(id, is_on, _clean(sent.get(f"channel-{id}", ""))[:LONGEST_NAME], name, conditions)


def _names(sent: QueryDict, kept: dict[str, str]) -> dict[str, str]:
    """The names of a version with those typed; an empty one gives a standard channel its own name back."""
    names = dict(kept)
    for key, label in labels_with(kept).items():
        told = " ".join(_clean(sent.get(f"label-{key}", label)).split())[:LONGEST_NAME]
        if key in CHANNEL_LABELS and told in ("", str(CHANNEL_LABELS[key])):
            names.pop(key, None)
        elif told and told != label:
            names[key] = told
    return names


def _own_rule(row: Row) -> Rule:
    groups = tuple((Condition(field, op, tuple(_values(told))),) for field, op, told in row.conditions)
    return Rule(row.id, row.channel, groups, row.is_on)


def _values(told: str) -> list[str]:
    """Values parted by commas, in small letters, each once."""
    return list(dict.fromkeys(value for part in _clean(told).split(",") if (value := part.strip().lower())))


def _clean(told: Any) -> str:
    """Without zero bytes and halves of characters, which no database takes."""
    return "".join(letter for letter in str(told) if letter.isprintable()).strip()


def offered_channels(form: TableForm) -> list[tuple[str, str]]:
    """Channels that a rule may give, by key and label; a new one first, which has its name beside it."""
    return [
        ("", _("A new channel:")),
        *((key, label) for key, label in form.labels.items() if key not in {OTHERWISE, *form.fresh}),
    ]
