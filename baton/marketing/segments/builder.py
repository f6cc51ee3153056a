"""The builder: a rule as rows one reads from top to bottom, changed by buttons, without or with JavaScript.

A row is a group or a condition and says how deep it stands; the first row is the whole rule. Every field of row 3 is
sent as `name-3`. A condition that is not complete yet is kept while editing, left out of the count, refused on saving.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from baton.marketing.segments.rules import MAX_DEPTH, MODES, Attributes, BadRule, attribute, check, mode_of
from baton.marketing.segments.shapes import kind_of
from baton.marketing.segments.vocabulary import NUMBER, WITH_DAYS, WITH_LIST, WITHOUT_VALUE

MAX_ROWS = 300


@dataclass(frozen=True)
class Row:
    """`mode` of a group, else `what` of a condition: attribute:country, event:pageview, consent:news, segment:7 ..."""

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

    @property
    def kind(self) -> str:
        """attribute, event, consent, reached, fact or segment; `rule` for a condition written as JSON."""
        return self.what.partition(":")[0]

    @property
    def name(self) -> str:
        return self.what.partition(":")[2]


_ROW_KEYS = {
    "attribute": {"attribute", "op", "value"},
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
        return Row(depth=depth, what="rule:", value=json.dumps(leaf, ensure_ascii=False))
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
    """Whether fields of a row say all of a condition; others are kept in it as JSON."""
    keys = _ROW_KEYS.get(kind_of(leaf) or "")
    return keys is not None and set(leaf) <= keys and leaf.get("state") != "expires"


def _attribute_row(leaf: dict[str, Any], depth: int) -> Row:
    value, until = leaf.get("value", ""), ""
    if leaf["op"] == "between":
        value, until = value
    elif isinstance(value, list):
        value = ", ".join(value)
    return Row(depth=depth, what=f"attribute:{leaf['attribute']}", op=leaf["op"], value=str(value), until=str(until))


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
        sent = {
            field.name: post.get(f"{field.name}-{number}", "").strip()
            for field in fields(Row)
            if field.name != "depth" and f"{field.name}-{number}" in post
        }
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
    if row.kind == "rule":
        return _written_leaf(row.value)
    if row.kind == "attribute":
        return _attribute_leaf(row, custom)
    if row.kind == "event":
        return _event_leaf(row)
    if row.kind == "consent":
        return {"consent": row.name, "state": row.state}
    if row.kind == "reached":
        return {"reached": row.name} | ({"days": _count(row.days)} if row.days else {})
    if row.kind == "segment":
        return {"segment": _whole(row.name, 0)}
    return {row.kind: row.name}


def _written_leaf(text: str) -> dict[str, Any]:
    try:
        leaf = json.loads(text)
    except ValueError:
        raise BadRule(_("The condition is not JSON.")) from None
    if not isinstance(leaf, dict) or mode_of(leaf):
        raise BadRule(_("One condition stands here, not a group."))
    return leaf


def _event_leaf(row: Row) -> dict[str, Any]:
    leaf: dict[str, Any] = {"event": row.name, "days": _count(row.days) if row.days else None}
    if row.how_often == "never":
        leaf["at_most"] = 0
    else:
        times = _count(row.times)
        leaf |= {key: times for key in ("at_least", "at_most") if row.how_often in (key, "exactly")}
    kept = {"path": row.path, "campaign": row.campaign, "prop": row.prop, "is": row.prop_is if row.prop else ""}
    return leaf | {key: value for key, value in kept.items() if value}


def _attribute_leaf(row: Row, custom: Attributes) -> dict[str, Any]:
    leaf: dict[str, Any] = {"attribute": row.name, "op": row.op}
    kind = (attribute(row.name, custom) or ("", ""))[1]
    if row.op in WITHOUT_VALUE:
        return leaf
    if row.op in WITH_LIST:
        return {**leaf, "value": [part.strip() for part in row.value.split(",") if part.strip()]}
    if row.op in WITH_DAYS:
        return {**leaf, "value": _count(row.value)}
    read = _number if kind == NUMBER else str
    if row.op == "between":
        return {**leaf, "value": [read(row.value), read(row.until)]}
    return {**leaf, "value": read(row.value)}


def fitting(row: Row, operators: dict[str, Any]) -> Row:
    """The row with a comparison its attribute knows: the first one where it has another's."""
    return row if row.op in operators else replace(row, op=next(iter(operators)))


def _number(text: str) -> int | float:
    try:
        plain = text.replace(" ", "").replace(",", ".")
        return float(plain) if "." in plain else int(plain)
    except ValueError:
        raise BadRule(_("Give a number.")) from None


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 10**6):
        raise BadRule(_("Give a count from 1."))
    return int(text)


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default
