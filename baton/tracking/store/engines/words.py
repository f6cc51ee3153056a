"""The small words in which engines differ, defined in each so that one question's text runs on both.

Zones and regular expressions must be constants or parameters. Words never stand inside a window.
    baton_day_in(moment, zone)     the day in a zone
    baton_quarter(moment)          quarters of an hour since 1970; every zone's day begins with one
    baton_day_of(quarter, zone)    the day in a zone that a quarter lies in
    baton_week_of(quarter, zone)   the week in a zone that a quarter lies in, numbered from Monday 5 January 1970
    baton_key(words)               a number of 64 bits that tells one text from another, to count different ones by
    baton_keys(list)               the same of each of a column's list
    baton_mark(words)              such a number too, quick to work out and good within one question
    baton_micros(moment)           microseconds since 1970
    baton_minutes_between(a, b)    minutes, with fractions
    baton_lower(words)             small letters
    baton_matches(words, pattern)  whether RE2 finds the pattern anywhere
    baton_among(list, x)           whether x is in a list parameter
    baton_holds(list, x)           whether x is in a column's list; null where there is no list
    baton_each(list)               a row for each of a column's list
    baton_prop(props, key)         a prop as text, empty for none
    baton_number(words)            the number a text says, null for none
    baton_median(x)                the middle of what is not null, halfway between two of an even number; an aggregate
    baton_in_turn(x, moment, id, condition)   x where the condition holds, in order of moment and id; an aggregate
    baton_reading(path, seconds, depth)   a row (page, seconds, depth) of a page's key, how long and how far it was read
    baton_miss(path, moment, came_from, views)   a row of the same names of an address that led to nothing
    baton_deed(name, path)         what was done as a number: a page's key, even, or that of another event's name, odd
    baton_act(name, path, moment, details)   a row (deed, moment, details)
    baton_misses(list, views)      such rows without `views`; an empty came_from becomes the last other page before it
    baton_turns(list)              a list without what repeats the one before
    baton_place(list, x)           where x is first in a list, from 1; null or 0 where it is not
    baton_nth(list, n)             the text at a place of a list, empty outside of it
    baton_bit(n)                   a number whose bit n, 0 to 63, is set; baton_no_bits() has none
    baton_bits(x)                  all bits that any has; an aggregate
    baton_has_bit(x, n)            whether bit n is set
    baton_bits_from(x, n)          the twelve bits from bit n on
    baton_channel(source, medium, campaign, click_kind, referrer)   the channel by the table that holds
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache

from baton.tracking.sessions.channel_rules import BEGINS, CONTAINS, GIVEN, IS, OTHERWISE, ChannelTable, Condition, Group

_ARGUMENTS = {
    "baton_day_in": "moment, zone",
    "baton_quarter": "moment",
    "baton_day_of": "quarter, zone",
    "baton_week_of": "quarter, zone",
    "baton_key": "words",
    "baton_keys": "list",
    "baton_mark": "words",
    "baton_micros": "moment",
    "baton_minutes_between": "a, b",
    "baton_lower": "words",
    "baton_matches": "words, pattern",
    "baton_among": "list, x",
    "baton_holds": "list, x",
    "baton_each": "list",
    "baton_prop": "props, key",
    "baton_number": "words",
    "baton_median": "x",
    "baton_in_turn": "x, moment, id, condition",
    "baton_reading": "path, seconds, depth",
    "baton_miss": "path, moment, came_from, views",
    "baton_deed": "name, path",
    "baton_act": "name, path, moment, details",
    "baton_misses": "list, views",
    "baton_turns": "list",
    "baton_place": "list, x",
    "baton_nth": "list, n",
    "baton_bit": "n",
    "baton_no_bits": "",
    "baton_bits": "x",
    "baton_has_bit": "x, n",
    "baton_bits_from": "x, n",
}
_DUCKDB = {
    "baton_day_in": "CAST(timezone(zone, timezone('UTC', moment)) AS DATE)",
    "baton_quarter": "epoch_us(moment) // 900000000",
    "baton_day_of": "CAST(timezone(zone, timezone('UTC', make_timestamp(quarter * 900000000))) AS DATE)",
    "baton_week_of": (
        "(CAST(timezone(zone, timezone('UTC', make_timestamp(quarter * 900000000))) AS DATE) - DATE '1970-01-05') // 7"
    ),
    "baton_key": "md5_number_lower(words)",
    "baton_keys": "list_transform(list, lambda one: md5_number_lower(one))",
    "baton_mark": "hash(words)",
    "baton_micros": "epoch_us(moment)",
    "baton_minutes_between": "(epoch_us(b) - epoch_us(a)) / 60000000.0",
    "baton_lower": "lower(words)",
    "baton_matches": "regexp_matches(words, pattern)",
    "baton_among": "x IN (SELECT unnest(list))",  # a hash join; list_contains reads the list for each row
    "baton_holds": "list_contains(list, x)",
    "baton_each": "unnest(list)",
    "baton_prop": "coalesce(json_extract_string(props, '$.\"' || key || '\"'), '')",
    "baton_number": "TRY_CAST(words AS DOUBLE)",
    "baton_median": "quantile_cont(x, 0.5)",
    "baton_in_turn": (  # array_agg(x ORDER BY moment, id), which sorts each list by itself, takes twice as long
        "list_transform(list_sort(array_agg({a: moment, b: id, x: x}) FILTER (WHERE condition)), lambda one: one.x)"
    ),
    "baton_reading": "{page: md5_number_lower(path), seconds: CAST(seconds AS DOUBLE), depth: CAST(depth AS DOUBLE)}",
    "baton_miss": "{path: path, moment: moment, came_from: came_from, views: views}",
    "baton_deed": (
        "CASE WHEN name = 'pageview' THEN md5_number_lower(path) & 18446744073709551614"
        " ELSE md5_number_lower(name) | 1 END"
    ),
    "baton_act": "{deed: baton_deed(name, path), moment: moment, details: details}",
    "baton_misses": (
        "list_transform(list, lambda one: {path: one.path, moment: one.moment, came_from: CASE WHEN one.came_from <> ''"
        " THEN one.came_from ELSE coalesce(list_filter(views[:one.views], lambda view: view <> one.path)[-1], '') END})"
    ),
    "baton_turns": "list_filter(list, lambda one, n: n = 1 OR list[n - 1] <> one)",
    "baton_place": "list_position(list, x)",
    "baton_nth": "CASE WHEN n > 0 THEN coalesce(list[n], '') ELSE '' END",
    "baton_bit": "CAST(1 AS UBIGINT) << CAST(n AS INTEGER)",
    "baton_no_bits": "CAST(0 AS UBIGINT)",
    "baton_bits": "bit_or(x)",
    "baton_has_bit": "(x >> CAST(n AS INTEGER)) & 1 = 1",
    "baton_bits_from": "(x >> CAST(n AS INTEGER)) & 4095",
}
_CLICKHOUSE = {
    "baton_day_in": "toDate(moment, zone)",
    "baton_quarter": "intDiv(toUnixTimestamp64Micro(moment), 900000000)",
    "baton_day_of": "toDate(fromUnixTimestamp64Micro(quarter * 900000000), zone)",
    "baton_week_of": "intDiv(toInt32(toDate(fromUnixTimestamp64Micro(quarter * 900000000), zone)) - 4, 7)",
    "baton_key": "sipHash64(words)",
    "baton_keys": "arrayMap(one -> sipHash64(one), list)",
    "baton_mark": "sipHash64(words)",
    "baton_micros": "toUnixTimestamp64Micro(moment)",
    "baton_minutes_between": "(toUnixTimestamp64Micro(b) - toUnixTimestamp64Micro(a)) / 60000000.0",
    "baton_lower": "lowerUTF8(words)",
    "baton_matches": "match(words, pattern)",
    "baton_among": "has(list, x)",
    "baton_holds": "has(list, x)",
    "baton_each": "arrayJoin(list)",
    "baton_prop": (
        "multiIf(JSONType(props, key) = 'String', JSONExtractString(props, key),"
        " JSONType(props, key) = 'Null', '', JSONExtractRaw(props, key))"
    ),
    "baton_number": "toFloat64OrNull(words)",
    "baton_median": "quantileExactInclusive(0.5)(x)",
    "baton_in_turn": "arrayMap(one -> one.3, arraySort(groupArrayIf((moment, id, x), condition)))",
    "baton_reading": ("CAST((sipHash64(path), seconds, depth), 'Tuple(page UInt64, seconds Float64, depth Float64)')"),
    "baton_miss": (
        "CAST((path, moment, came_from, views),"
        " 'Tuple(path String, moment DateTime64(6, \\'UTC\\'), came_from String, views Int64)')"
    ),
    "baton_deed": "if(name = 'pageview', bitAnd(sipHash64(path), 18446744073709551614), bitOr(sipHash64(name), 1))",
    "baton_act": (
        "CAST((baton_deed(name, path), moment, details),"
        " 'Tuple(deed UInt64, moment DateTime64(6, \\'UTC\\'), details String)')"
    ),
    "baton_misses": (
        "arrayMap(one -> CAST((one.1, one.2, if(one.3 <> '', one.3,"
        " arrayLast(view -> view <> one.1, arraySlice(views, 1, one.4)))),"
        " 'Tuple(path String, moment DateTime64(6, \\'UTC\\'), came_from String)'), list)"
    ),
    "baton_turns": "arrayCompact(list)",
    "baton_place": "indexOf(list, x)",
    "baton_nth": "if(n > 0, list[n], '')",
    "baton_bit": "bitShiftLeft(toUInt64(1), toUInt8(n))",
    "baton_no_bits": "toUInt64(0)",
    "baton_bits": "groupBitOr(x)",
    "baton_has_bit": "bitAnd(bitShiftRight(x, toUInt8(n)), 1) = 1",
    "baton_bits_from": "bitAnd(bitShiftRight(x, toUInt8(n)), 4095)",
}


def duckdb_words() -> list[str]:
    """Statements that define every word in DuckDB but the channel's."""
    return [f"CREATE MACRO {name}({_ARGUMENTS[name]}) AS {body}" for name, body in _DUCKDB.items()]


def clickhouse_words() -> list[str]:
    """Statements that define every word in ClickHouse but the channel's."""
    return [
        f"CREATE OR REPLACE FUNCTION {name} AS ({_ARGUMENTS[name]}) -> {body}" for name, body in _CLICKHOUSE.items()
    ]


def with_channels(sql: str, table: ChannelTable) -> str:
    """A question's text with the channel's word of this table. Each table has a word of its own that never changes."""
    return sql.replace("baton_channel(", f"{channel_word(table)}(")


@lru_cache(maxsize=64)
def channel_word(table: ChannelTable) -> str:
    return f"baton_channel_{hashlib.sha256(repr(table.rules).encode()).hexdigest()[:16]}"


def duckdb_channel(table: ChannelTable) -> str:
    """The statement that defines the channel's word in DuckDB."""
    return f"CREATE MACRO IF NOT EXISTS {channel_word(table)}({_CHANNEL_ARGUMENTS}) AS {channel_sql(table, _text)}"


def clickhouse_channel(table: ChannelTable) -> str:
    """The statement that defines the channel's word in ClickHouse."""
    return (
        f"CREATE FUNCTION IF NOT EXISTS {channel_word(table)} AS ({_CHANNEL_ARGUMENTS})"
        f" -> {channel_sql(table, _clickhouse_text)}"
    )


_CHANNEL_ARGUMENTS = "source, medium, campaign, click_kind, referrer"
_FIELDS = {
    "source": "baton_lower(CASE WHEN source = '' THEN referrer ELSE source END)",
    "medium": "baton_lower(medium)",
    "campaign": "baton_lower(campaign)",
    "referrer": "baton_lower(referrer)",
    "click": "click_kind",
}


def channel_sql(table: ChannelTable, text: Callable[[str], str]) -> str:
    """sessions.channel_rules.channel_of as one CASE, made from the same table. `text` writes an engine's literal."""
    told = " ".join(
        f"WHEN {' AND '.join(_group(group, text) for group in rule.groups)} THEN {text(rule.channel)}"
        for rule in table.rules
        if rule.is_on
    )
    return f"CASE {told} ELSE '{OTHERWISE}' END" if told else f"'{OTHERWISE}'"


def _group(group: Group, text: Callable[[str], str]) -> str:
    return "(" + " OR ".join(_condition(one, text) for one in group) + ")"


def _condition(one: Condition, text: Callable[[str], str]) -> str:
    """Several values are a regular expression: DuckDB plans a join for a longer IN, which took longer than asking."""
    told = _FIELDS[one.field]
    if one.op == GIVEN:
        return f"{told} <> ''"
    if one.op in (CONTAINS, BEGINS):
        found = "> 0" if one.op == CONTAINS else "= 1"
        return "(" + " OR ".join(f"position({text(value)} IN {told}) {found}" for value in one.values) + ")"
    if one.op == IS and len(one.values) == 1:
        return f"{told} = {text(one.values[0])}"
    patterns = [f"^({'|'.join(map(re.escape, one.values))})$"] if one.op == IS else one.patterns
    return "(" + " OR ".join(f"baton_matches({told}, {text(pattern)})" for pattern in patterns) + ")"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _clickhouse_text(value: str) -> str:
    return _text(value.replace("\\", "\\\\"))
