"""Who made a hit: each sign by itself, what one hit says of the others, and what holds whatever comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.marketing.reading import relays
from baton.marketing.reading.rules import BURST, CLICK, OPEN, STAYS_MACHINE, TOO_EARLY, TRAP, Hit, Verdict, judge
from baton.marketing.reading.words import REASONS, reason_words
from tests.cast import NOW

READ = NOW + timedelta(hours=1)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
PERSON = Hit(READ, link=1, agent=CHROME, source="home")


def labels(*hits: Hit, links: int = 5, accepted_at=NOW) -> list[tuple[str, str]]:
    return [(one.label, one.reason) for one in judge(hits, accepted_at=accepted_at, links=links)]


def after(seconds: float, **fields) -> Hit:
    return replace(PERSON, at=READ + timedelta(seconds=seconds), **fields)


@pytest.mark.parametrize(
    ("hit", "verdict"),
    [
        (PERSON, ("human", "")),
        (replace(PERSON, kind=TRAP, link=None), ("machine", "trap")),
        (replace(PERSON, method="HEAD"), ("machine", "head")),
        (replace(PERSON, purpose="prefetch;prerender"), ("machine", "prefetch")),
        (replace(PERSON, purpose="preview"), ("machine", "prefetch")),
        (replace(PERSON, known=Verdict("machine", "crawler")), ("machine", "crawler")),
        (replace(PERSON, known=Verdict("unknown", "relay:gmail")), ("unknown", "relay:gmail")),
        (replace(PERSON, at=NOW + TOO_EARLY - timedelta(milliseconds=1)), ("machine", "too_early")),
        (replace(PERSON, at=NOW - timedelta(seconds=1)), ("machine", "too_early")),
        (replace(PERSON, at=NOW + TOO_EARLY), ("human", "")),
    ],
)
def test_each_sign_by_itself(hit: Hit, verdict: tuple[str, str]) -> None:
    assert labels(hit) == [verdict]


def test_what_arrived_nobody_knows_when_is_not_judged() -> None:
    assert labels(PERSON, accepted_at=None) == [("unknown", "not_known_when")]


def test_three_links_within_seconds_are_a_machines() -> None:
    assert labels(PERSON, after(1, link=2), after(2, link=3)) == [("machine", "all_links")] * 3
    slow = [PERSON, after(60, link=2), after(120, link=3)]
    assert labels(*slow) == [("human", "")] * 3
    assert labels(PERSON, after(1), after(2)) == [("human", "")] * 3  # one link, clicked again


def test_all_links_are_enough_where_there_are_two_and_one_is_never() -> None:
    assert labels(PERSON, after(1, link=2), links=2) == [("machine", "all_links")] * 2
    assert labels(PERSON, after(1, link=2), links=3) == [("human", "")] * 2
    assert labels(PERSON, after(1), links=1) == [("human", "")] * 2


def test_an_earlier_hit_is_judged_anew_when_a_later_one_gives_the_machine_away() -> None:
    found = labels(PERSON, after(20, kind=TRAP, link=None, agent="other"))
    assert found == [("machine", "same_source"), ("machine", "trap")]


def test_the_same_source_is_a_machine_for_a_quarter_of_an_hour() -> None:
    given_away = replace(PERSON, kind=TRAP, link=None, agent="scanner", source="there")
    within = STAYS_MACHINE.total_seconds()
    assert labels(given_away, after(within, source="there"))[1] == ("machine", "same_source")
    assert labels(given_away, after(within + 1, source="there"))[1] == ("human", "")
    assert labels(given_away, after(9, source="elsewhere", agent="scanner"))[1] == ("machine", "same_source")
    assert labels(given_away, after(9, source="elsewhere"))[1] == ("human", "")


def test_a_program_that_looks_ahead_for_its_reader_does_not_make_them_a_machine() -> None:
    assert labels(replace(PERSON, purpose="prefetch"), after(3))[1] == ("human", "")
    relay = replace(PERSON, kind=OPEN, link=None, known=Verdict("machine", "relay:apple"))
    assert labels(relay, after(3))[1] == ("human", "")
    at_once = replace(PERSON, kind=OPEN, link=None, at=NOW)
    assert labels(at_once, replace(PERSON, at=NOW + timedelta(seconds=30))) == [("machine", "too_early"), ("human", "")]


@st.composite
def hits(draw: st.DrawFn) -> Hit:
    return Hit(
        at=NOW + timedelta(seconds=draw(st.integers(-3, 40) | st.integers(0, 4000))),
        kind=draw(st.sampled_from([CLICK, CLICK, CLICK, OPEN, TRAP])),
        link=draw(st.sampled_from([None, 1, 2, 3, 4])),
        method=draw(st.sampled_from(["GET", "GET", "GET", "HEAD"])),
        purpose=draw(st.sampled_from(["", "", "prefetch"])),
        agent=draw(st.sampled_from(["", "a", "b"])),
        source=draw(st.sampled_from(["", "x", "y"])),
        known=draw(st.sampled_from([None, None, Verdict("machine", "relay:apple"), Verdict("unknown", "relay:gmail")])),
    )


@given(st.lists(hits(), max_size=12), st.randoms(use_true_random=False), st.integers(0, 4))
def test_the_order_in_which_hits_are_told_changes_no_verdict(found: list[Hit], chance, links: int) -> None:
    order = list(range(len(found)))
    chance.shuffle(order)
    verdicts = judge(found, accepted_at=NOW, links=links)
    assert judge([found[place] for place in order], accepted_at=NOW, links=links) == [verdicts[n] for n in order]


@given(st.lists(hits(), max_size=12), hits())
def test_a_further_hit_never_makes_a_person_of_a_machine(found: list[Hit], more: Hit) -> None:
    before = judge(found, accepted_at=NOW, links=4)
    then = judge([*found, more], accepted_at=NOW, links=4)
    assert all(later.label == "machine" for was, later in zip(before, then, strict=False) if was.label == "machine")


@given(st.lists(hits(), max_size=12))
def test_bursts_are_found_as_the_slow_way_finds_them(found: list[Hit]) -> None:
    clicks = [hit for hit in found if hit.kind == CLICK and hit.link and not hit.purpose]
    for hit, verdict in zip(found, judge(found, accepted_at=NOW, links=4), strict=True):
        if verdict.reason == "all_links":
            assert any(
                len({one.link for one in clicks if first.at <= one.at <= first.at + BURST}) >= 3
                for first in clicks
                if first.at <= hit.at <= first.at + BURST
            )


@pytest.mark.parametrize(
    ("agent", "program", "device"),
    [
        (CHROME, "Chrome", "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML) Mobile/15E148",
         "Apple Mail", "phone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", "Apple Mail",
         "desktop"),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16; MSOffice 16)", "Outlook",
         "desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0", "Thunderbird", "desktop"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Gmail", ""),
        ("curl/8", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_people_read_with(agent: str, program: str, device: str) -> None:
    assert relays.read_with(agent) == (program, device)


def test_filters_are_known_by_their_networks_and_relays_by_their_agents() -> None:
    assert relays.network_of("209.222.82.1") == "barracuda"
    assert relays.network_of("203.0.113.1") == relays.network_of("?") == relays.network_of("2001:db8::1") == ""
    assert relays.known(CLICK, CHROME, "barracuda") == Verdict("machine", "filter:barracuda")
    assert relays.known(OPEN, "Mozilla/5.0", "") == Verdict("machine", "relay:apple")
    assert relays.known(CLICK, CHROME, "") is None
    assert relays.known(CLICK, "", "") == Verdict("machine", "no_agent")


def test_every_reason_has_words() -> None:
    from baton.tracking.collect.machines import reasons

    assert {reason for reason, _pattern in reasons()} <= set(REASONS)
    for reason in relays.names():
        assert reason_words(reason) != reason
