"""The builder: a rule as rows one reads from top to bottom, changed by buttons, without or with JavaScript.

A row is a group or a condition and says how deep it stands; the first row is the whole rule. Every field of row 3 is
sent as `name-3`. A condition that is not complete yet is kept while editing, left out of the count, refused on saving.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from baton.marketing.segments.parts import leaf_of, names_of, parts_of, read_count, texts_of, value_of
from baton.marketing.segments.rules import MAX_DEPTH, MODES, Attributes, BadRule, attribute, check, mode_of
from baton.marketing.segments.shapes import SHAPES, kind_of

MAX_ROWS = 300


@dataclass(frozen=True)
class Row:
    """`mode` of a group, else `what` of a condition: attribute:country, event:pageview, consent:news, segment:7 ...

    What such a row cannot say has a row of its kind, shape:message ..., whose fields by name are `parts`.
    """

    depth: int = 0
    mode: str = ""
    what: str = ""
    op: str = ""
    value: str = ""
    until: str = ""
    path: str = ""
    campaign: str = ""
    prop: str = ""
    prop_is: str = ""
    how_often: str = "at_least"
    times: str = "1"
    days: str = "30"
    state: str = "reachable"
    or_unknown: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """attribute, event, consent, reached, fact, segment or shape."""
        return self.what.partition(":")[0]

    @property
    def name(self) -> str:
        return self.what.partition(":")[2]


_ROW_KEYS = {
    "attribute": {"attribute", "op", "value", "or_unknown"},
    "event": {"event", "path", "campaign", "prop", "is", "at_least", "at_most", "days"},
    "consent": {"consent", "state"},
    "reached": {"reached", "days"},
    "fact": {"fact"},
    "segment": {"segment"},
}
EMPTY = [Row(mode="all"), Row(depth=1)]


def rows_of(rule: dict[str, Any]) -> list[Row]:
    """A checked rule as rows. A rule that is one condition stands in a group of its own."""
    whole = rule if mode_of(rule) else {"all": [rule]}
    return list(_walk(whole, 0)) if any(whole.values()) else list(EMPTY)


def _walk(rule: dict[str, Any], depth: int) -> Any:
    mode = mode_of(rule)
    if mode is None:
        yield _row(rule, depth)
        return
    yield Row(depth=depth, mode=mode)
    for part in rule[mode]:
        yield from _walk(part, depth + 1)


def _row(leaf: dict[str, Any], depth: int) -> Row:
    if not _has_row(leaf):
        kind = kind_of(leaf) or ""
        return Row(depth=depth, what=f"shape:{kind}", parts=parts_of(kind, leaf))
    if "attribute" in leaf:
        return _attribute_row(leaf, depth)
    days = leaf.get("days", 30 if "event" in leaf else None)
    window = "" if days is None else str(days)
    if "event" in leaf:
        how_often, times = _how_often(leaf)
        return Row(
            depth=depth, what=f"event:{leaf['event']}", path=leaf.get("path", ""), campaign=leaf.get("campaign", ""),
            prop=leaf.get("prop", ""), prop_is=leaf.get("is", ""), how_often=how_often, times=times, days=window,
        )  # fmt: skip
    if "consent" in leaf:
        return Row(depth=depth, what=f"consent:{leaf['consent']}", state=leaf.get("state", "given"))
    kind = next(kind for kind in ("reached", "fact", "segment") if kind in leaf)
    return Row(depth=depth, what=f"{kind}:{leaf[kind]}", days=window)


def _has_row(leaf: dict[str, Any]) -> bool:
    """Whether the fields of a plain row say all of a condition."""
    keys = _ROW_KEYS.get(kind_of(leaf) or "")
    return keys is not None and set(leaf) <= keys and leaf.get("state") != "expires"


def _attribute_row(leaf: dict[str, Any], depth: int) -> Row:
    value, until = texts_of(leaf["op"], leaf.get("value", ""))
    or_unknown = "yes" if leaf.get("or_unknown") else ""
    what = f"attribute:{leaf['attribute']}"
    return Row(depth=depth, what=what, op=leaf["op"], value=value, until=until, or_unknown=or_unknown)


def _how_often(leaf: dict[str, Any]) -> tuple[str, str]:
    least, most = leaf.get("at_least"), leaf.get("at_most")
    if most is None:
        return "at_least", str(least or 1)
    if most == 0:
        return "never", "1"
    return ("exactly", str(most)) if least == most else ("at_most", str(most))


def rows_sent(post: Any) -> list[Row]:
    """The rows a sent builder holds; a row out of place moves under the one before it."""
    rows: list[Row] = []
    for number in post.getlist("row")[:MAX_ROWS]:
        sent: dict[str, Any] = {
            one.name: post.get(f"{one.name}-{number}", "").strip()
            for one in fields(Row)
            if one.name not in ("depth", "parts") and f"{one.name}-{number}" in post
        }
        sent["parts"] = _parts_sent(post, sent.get("what", ""), number)
        depth = _whole(post.get(f"depth-{number}", ""), 1)
        if not rows:
            mode = sent.get("mode", "")
            rows.append(Row(mode=mode if mode in MODES else "all"))
            continue
        deepest = rows[-1].depth + (1 if rows[-1].mode else 0)
        if sent.get("mode") not in MODES:
            sent["mode"] = ""
        rows.append(Row(depth=max(1, min(depth, deepest)), **sent))
    return rows or list(EMPTY)


def _parts_sent(post: Any, what: str, number: str) -> dict[str, str]:
    told = {name: post.get(f"{name}.{number}", "").strip() for name in names_of(what.partition(":")[2])}
    return {name: text for name, text in told.items() if text} if what.startswith("shape:") else {}


def changed(rows: list[Row], order: str) -> list[Row]:
    """Rows after a button: `add:N` a condition into group N, `group:N` a group, `remove:N` a row with all below it."""
    verb, _colon, text = order.partition(":")
    number = _whole(text, -1)
    if not 0 <= number < len(rows):
        return rows
    end = _end(rows, number)
    if verb == "remove" and number:
        return rows[:number] + rows[end:]
    if not rows[number].mode or rows[number].depth >= MAX_DEPTH - 1:
        return rows
    depth = rows[number].depth + 1
    if verb == "add":
        return [*rows[:end], Row(depth=depth), *rows[end:]]
    if verb == "group":
        return [*rows[:end], Row(depth=depth, mode="any"), Row(depth=depth + 1), *rows[end:]]
    return rows


def _end(rows: list[Row], number: int) -> int:
    """The place after a row and everything below it."""
    end = number + 1
    while end < len(rows) and rows[end].depth > rows[number].depth:
        end += 1
    return end


def read_rule(post: Any, *, custom: Attributes, is_draft: bool = False) -> dict[str, Any]:
    """The rule a sent builder stands for; a draft leaves out what is not complete. Raises BadRule saying why."""
    text = post.get("json", "").strip()
    if not text:
        return rule_of(rows_sent(post), custom=custom, is_draft=is_draft)
    try:
        rule = json.loads(text)
    except ValueError:
        raise BadRule(_("The rule is not JSON.")) from None
    check(rule, custom=custom)
    return rule


def rule_of(rows: list[Row], *, custom: Attributes, is_draft: bool = False) -> dict[str, Any]:
    """The rule of rows. Raises BadRule saying which condition is not right; a draft leaves such ones out."""
    rule: dict[str, Any] = {rows[0].mode: []}
    groups = [rule[rows[0].mode]]
    for number, row in enumerate(rows[1:], start=1):
        del groups[row.depth :]
        if row.mode:
            groups.append([])
            groups[-2].append({row.mode: groups[-1]})
            continue
        try:
            leaf = _leaf(row, custom)
            check(leaf, custom=custom)
        except BadRule as error:
            if not is_draft:
                raise BadRule(_("Row %(number)s: %(why)s") % {"number": number, "why": error}) from None
        else:
            groups[-1].append(leaf)
    check(rule, custom=custom)
    return rule


def _leaf(row: Row, custom: Attributes) -> dict[str, Any]:
    if not row.what:
        raise BadRule(_("Choose what it is about."))
    if row.kind == "shape" and row.name in SHAPES:
        return leaf_of(row.name, row.parts)
    if row.kind == "attribute":
        return _attribute_leaf(row, custom)
    if row.kind == "event":
        return _event_leaf(row)
    if row.kind == "consent":
        return {"consent": row.name, "state": row.state}
    if row.kind == "reached":
        return {"reached": row.name} | ({"days": read_count(row.days)} if row.days else {})
    if row.kind == "segment":
        return {"segment": _whole(row.name, 0)}
    return {row.kind: row.name}


def _event_leaf(row: Row) -> dict[str, Any]:
    leaf: dict[str, Any] = {"event": row.name, "days": read_count(row.days) if row.days else None}
    if row.how_often == "never":
        leaf["at_most"] = 0
    else:
        times = read_count(row.times)
        leaf |= {key: times for key in ("at_least", "at_most") if row.how_often in (key, "exactly")}
    kept = {"path": row.path, "campaign": row.campaign, "prop": row.prop, "is": row.prop_is if row.prop else ""}
    return leaf | {key: value for key, value in kept.items() if value}


def _attribute_leaf(row: Row, custom: Attributes) -> dict[str, Any]:
    kind = (attribute(row.name, custom) or ("", ""))[1]
    leaf = {"attribute": row.name, "op": row.op, **value_of(kind, row.op, row.value, row.until)}
    return leaf | ({"or_unknown": True} if row.or_unknown else {})


def fitting(row: Row, operators: dict[str, Any]) -> Row:
    """The row with a comparison its attribute knows: the first one where it has another's."""
    return row if row.op in operators else replace(row, op=next(iter(operators)))


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default
