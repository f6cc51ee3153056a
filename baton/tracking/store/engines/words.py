"""The small words in which engines differ, defined in each so that one question's text runs on both.

Zones and regular expressions must be constants or parameters. Words never stand inside a window.
    baton_day_in(moment, zone)     the day in a zone
    baton_quarter(moment)          quarters of an hour since 1970; every zone's day begins with one
    baton_day_of(quarter, zone)    the day in a zone that a quarter lies in
    baton_week_of(quarter, zone)   the week in a zone that a quarter lies in, numbered from Monday 5 January 1970
    baton_key(words)               a number of 64 bits that tells one text from another, to count different ones by
    baton_micros(moment)           microseconds since 1970
    baton_minutes_between(a, b)    minutes, with fractions
    baton_lower(words)             small letters
    baton_matches(words, pattern)  whether RE2 finds the pattern anywhere
    baton_among(list, x)           whether x is in a list parameter
    baton_holds(list, x)           whether x is in a column's list; null where there is no list
    baton_each(list)               a row for each of a column's list
    baton_prop(props, key)         a prop as text, empty for none
    baton_number(words)            the number a text says, null for none
    baton_moment(place)            the moment, in microseconds since 1970, of a sign's place in a funnel
    baton_next(list, place, latest)   the first place in a list after one and not after the latest; null or 0 for none
    baton_median(x)                the middle of what is not null, halfway between two of an even number; an aggregate
    baton_list_where(x, condition) a list of x where the condition holds; an aggregate
    baton_of_least(x, rank)        the x of the least rank; an aggregate
    baton_channel(source, medium, campaign, click_kind, referrer)   the channel by rule
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from baton.tracking.sessions import channels

_ARGUMENTS = {
    "baton_day_in": "moment, zone",
    "baton_quarter": "moment",
    "baton_day_of": "quarter, zone",
    "baton_week_of": "quarter, zone",
    "baton_key": "words",
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
    "baton_moment": "place",
    "baton_next": "list, place, latest",
    "baton_list_where": "x, condition",
    "baton_of_least": "x, rank",
}
_DUCKDB = {
    "baton_day_in": "CAST(timezone(zone, timezone('UTC', moment)) AS DATE)",
    "baton_quarter": "epoch_us(moment) // 900000000",
    "baton_day_of": "CAST(timezone(zone, timezone('UTC', make_timestamp(quarter * 900000000))) AS DATE)",
    "baton_week_of": (
        "(CAST(timezone(zone, timezone('UTC', make_timestamp(quarter * 900000000))) AS DATE) - DATE '1970-01-05') // 7"
    ),
    "baton_key": "md5_number_lower(words)",
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
    "baton_moment": "place // 16",
    "baton_next": "list_min(list_filter(list, lambda one: one > place AND one <= latest))",
    "baton_list_where": "array_agg(x) FILTER (WHERE condition)",
    "baton_of_least": "arg_min(x, rank)",
}
_CLICKHOUSE = {
    "baton_day_in": "toDate(moment, zone)",
    "baton_quarter": "intDiv(toUnixTimestamp64Micro(moment), 900000000)",
    "baton_day_of": "toDate(fromUnixTimestamp64Micro(quarter * 900000000), zone)",
    "baton_week_of": "intDiv(toInt32(toDate(fromUnixTimestamp64Micro(quarter * 900000000), zone)) - 4, 7)",
    "baton_key": "sipHash64(words)",
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
    "baton_moment": "intDiv(place, 16)",
    "baton_next": "if(place = 0, 0, arrayMin(arrayFilter(one -> one > place AND one <= latest, list)))",
    "baton_list_where": "groupArrayIf(x, condition)",
    "baton_of_least": "argMin(x, rank)",
}


def duckdb_words() -> list[str]:
    """Statements that define every word in DuckDB."""
    made = [f"CREATE MACRO {name}({_ARGUMENTS[name]}) AS {body}" for name, body in _DUCKDB.items()]
    return [*made, f"CREATE MACRO baton_channel({_CHANNEL_ARGUMENTS}) AS {channel_sql()}"]


def clickhouse_words() -> list[str]:
    """Statements that define every word in ClickHouse."""
    made = [
        f"CREATE OR REPLACE FUNCTION {name} AS ({_ARGUMENTS[name]}) -> {body}" for name, body in _CLICKHOUSE.items()
    ]
    body = channel_sql()
    for name in ("baton_lower", "baton_matches"):  # a function may not use another that is made in the same moment
        body = body.replace(name, {"baton_lower": "lowerUTF8", "baton_matches": "match"}[name])
    return [*made, f"CREATE OR REPLACE FUNCTION baton_channel AS ({_CHANNEL_ARGUMENTS}) -> {body}"]


_CHANNEL_ARGUMENTS = "source, medium, campaign, click_kind, referrer"


def channel_sql() -> str:
    """sessions.rules.channel_of as one CASE, made from the same table.

    Lists are regular expressions: DuckDB plans a join for every longer IN, which took longer than asking.
    """
    med, camp = "baton_lower(medium)", "baton_lower(campaign)"
    src = "baton_lower(CASE WHEN source = '' THEN referrer ELSE source END)"
    shop = f"{_is(src, 'shopping')} OR baton_matches({camp}, {_text(channels.SHOP_NAME)})"
    paid = f"baton_matches({med}, {_text(channels.PAID)}) OR {_one_of('click_kind', channels.PAID_CLICKS)}"
    when_paid = [
        (shop, "paid_shopping"),
        *[(_is(src, kind), f"paid_{kind}") for kind in ("search", "social", "video")],
        (f"{med} = 'cpm'", "display"),
        *[(f"click_kind = {_text(kind)}", found) for kind, found in channels.PAID_CLICKS.items()],
    ]
    when_unpaid = [
        (_one_of(med, ["display", "banner", "expandable", "interstitial"]), "display"),
        (f"({shop}) AND NOT {_one_of(med, channels.EMAIL_WORDS)}", "organic_shopping"),
        (shop, "email"),
        (f"{_is(src, 'social')} OR {_one_of(med, channels.SOCIAL_MEDIUMS)}", "organic_social"),
        (f"{_is(src, 'video')} OR {med} LIKE '%video%'", "organic_video"),
        (_is(src, "assistants"), "ai_assistants"),
        (f"{_is(src, 'search')} OR {med} = 'organic'", "organic_search"),
        (_one_of(med, ["referral", "app", "link"]), "referral"),
        (f"{_one_of(med, channels.EMAIL_WORDS)} OR {_one_of(src, [*channels.EMAIL_WORDS, 'newsletter'])}", "email"),
        (f"{med} = 'affiliate'", "affiliates"),
        (f"{med} = 'audio'", "audio"),
        (f"{med} = 'sms' OR {src} = 'sms'", "sms"),
        (f"baton_matches({med}, 'push$|mobile|notification') OR {src} = 'firebase'", "mobile_push"),
        *[(f"click_kind = {_text(kind)} AND medium = ''", found) for kind, found in channels.UNPAID_CLICKS.items()],
        (f"{src} <> '' AND medium = ''", "referral"),
    ]
    states_nothing = f"{_one_of(med, ['', '(none)', '(not set)'])} AND campaign = '' AND click_kind = ''"
    return (
        f"CASE WHEN ({src} = '' OR {src} = '(direct)') AND {states_nothing} THEN 'direct'"
        f" WHEN {camp} LIKE '%cross-network%' THEN 'cross_network'"
        f" WHEN {paid} THEN {_cases(when_paid, 'paid_other')} ELSE {_cases(when_unpaid, 'unassigned')} END"
    )


def _cases(rules: list[tuple[str, str]], otherwise: str) -> str:
    told = " ".join(f"WHEN {condition} THEN '{found}'" for condition, found in rules)
    return f"(CASE {told} ELSE '{otherwise}' END)"


def _one_of(words: str, values: Iterable[str]) -> str:
    pattern = "|".join(re.sub(r"([().])", r"[\1]", value) for value in values)
    return f"baton_matches({words}, {_text(f'^({pattern})$')})"


def _is(src: str, kind: str) -> str:
    return f"baton_matches({src}, {_text(channels.source_pattern(kind))})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
