"""Visits kept as rows are those of the plain rule, whatever comes late, moves, merges, is erased or gets lost."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.people.contacts.models import Contact
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.channels.reads import channel_table
from baton.tracking.identity.actions import STRONG, claim_visitor
from baton.tracking.sessions.channel_rules import STANDARD, Condition, Rule, as_json, channel_of
from baton.tracking.sessions.rules import ENGAGED_AT_MOST, ENGAGEMENT, Came, Seen, split_visits
from baton.tracking.store import Event, append, ask, ask_walks, parquet, visit_keeper, walk_files
from baton.tracking.store.engines import engine
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.merger import merge
from baton.tracking.store.models import VisitDay
from baton.tracking.store.mover import move
from baton.tracking.store.sweeper import sweep
from baton.tracking.store.tests.made import END, START, an_event, some_events
from baton.tracking.store.visit_keeper import keep_visits

pytestmark = pytest.mark.django_db(databases=["default", "events"])
LATER = END + timedelta(days=40)
MIDNIGHT = START + timedelta(days=5)
SPRING = {"source": "google", "medium": "cpc", "campaign": "spring"}


def by_the_rule(events: list[Event]) -> list[list[Event]]:
    """Visits, worked out one visitor and site after the other."""
    of_whom: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.host and event.visitor and not event.machine:
            of_whom[event.visitor, event.site].append(event)
    visits = []
    for told in of_whom.values():
        by_id = {event.id: event for event in told}
        seen = [Seen(_moment(event), event.id, _came(event)) for event in told]
        visits += [[by_id[one.id] for one in visit] for visit in split_visits(seen)]
    return visits


def expected(events: list[Event]) -> dict[str, Any]:
    visits, table = by_the_rule(events), channel_table()
    pages = Counter(event.path for visit in visits for event in visit if event.name == "pageview")
    return {
        "visits": len(visits),
        "visitors": len({visit[0].visitor for visit in visits}),
        "views": sum(pages.values()),
        "bounced": sum(sum(event.name != ENGAGEMENT for event in visit) <= 1 for visit in visits),
        "engaged": sum(_engaged(event) for visit in visits for event in visit),
        "seconds": round(sum((visit[-1].at - visit[0].at) / 1e6 for visit in visits), 3),
        "channels": dict(Counter(channel_of(_came(visit[0]), table) for visit in visits)),
        "entries": dict(Counter(visit[0].path for visit in visits)),
        "exits": dict(Counter(visit[-1].path for visit in visits)),
        "days": dict(Counter(f"{_moment(visit[0]):%Y-%m-%d}" for visit in visits)),
        "visitors_of_days": Counter(
            f"{day}" for day, _who in {(_moment(one[0]).date(), one[0].visitor) for one in visits}
        ),
        "views_of_days": _views_of_days(visits),
        "pages": dict(pages),
        "acts": sorted(event.at for visit in visits for event in visit if event.name != ENGAGEMENT),
        "read": _read(visits),
        "lost": dict(Counter(lost for visit in visits for lost in _lost(visit))),
    }


def _read(visits: list[list[Event]]) -> dict[str, tuple[float, float]]:
    """By page, the median of seconds it was in front of somebody and the mean of how far it was seen."""
    held: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for visit in visits:
        by_path = defaultdict(list)
        for event in visit:
            if event.name == ENGAGEMENT:
                by_path[event.path].append((_engaged(event), min(max(json.loads(event.props)["scroll"], 0), 100)))
        for path, signs in by_path.items():
            held[path].append((sum(seconds for seconds, _depth in signs), max(depth for _seconds, depth in signs)))
    return {
        path: (float(median(seconds for seconds, _depth in one)), round(fmean(depth for _seconds, depth in one), 6))
        for path, one in held.items()
    }


def _views_of_days(visits: list[list[Event]]) -> dict[str, int]:
    views: Counter[str] = Counter()
    for visit in visits:
        views[f"{_moment(visit[0]):%Y-%m-%d}"] += sum(event.name == "pageview" for event in visit)
    return dict(views)


def _lost(visit: list[Event]) -> Iterator[tuple[str, str]]:
    """Each address not found in a visit, and where it came from."""
    for place, event in enumerate(visit):
        if event.name == "not found":
            before = [one.path for one in visit[:place] if one.name == "pageview" and one.path != event.path]
            here = before[-1] if before else ""
            yield event.path, event.referrer_host + event.referrer_path if event.referrer_host else here


def told() -> dict[str, Any]:
    total, days = ask("website_total")[0], ask("website_days", zone="UTC")
    by = {name: {row["label"]: row["visits"] for row in ask("website_parts", by=name, most=1000)} for name in PARTS}
    return {
        **{name: total[name] for name in ("visits", "visitors", "views", "bounced")},
        "seconds": round(total["minutes"] * 60, 3),
        "engaged": round(total["engaged"] * 60, 3),
        "channels": by["channel"],
        "entries": by["entry"],
        "exits": by["exit"],
        "days": {f"{row['day']}": row["visits"] for row in days},
        "visitors_of_days": {f"{row['day']}": row["visitors"] for row in days},
        "views_of_days": {f"{row['day']}": row["views"] for row in days},
        "pages": {row["label"]: row["views"] for row in ask("website_pages", most=1000)},
        "acts": acts_told(),
        "read": {
            row["path"]: (row["seconds"], round(row["depth"], 6)) for row in ask("website_engagement", paths=PATHS)
        },
        "lost": {
            (row["path"], row["came_from"]): row["of_times"]
            for row in ask("website_not_found", most=1000, sources=1000)
        },
    }


PARTS = ("channel", "entry", "exit")
PATHS = ["/", "/pricing", "/product", "/guide", "/contact"]


def _engaged(event: Event) -> int:
    """Seconds that an event tells a page was in front of somebody."""
    told = json.loads(event.props).get("seconds") if event.name == ENGAGEMENT else 0
    return int(min(max(told or 0, 0), ENGAGED_AT_MOST.total_seconds()))


def _moment(event: Event) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event.at)


def _came(event: Event) -> Came:
    return Came(event.source, event.medium, event.campaign, event.click_kind, event.referrer_host, event.click_id)


def kept_share() -> float:
    """How many of the known days are read as rows."""
    clean = VisitDay.objects.filter(is_stale=False, building="", rules=channel_table().kept_as)
    return clean.count() / VisitDay.objects.count()


def test_kept_or_not_the_figures_are_those_of_the_rule() -> None:
    events = some_events(2_000, seed=3)
    random.Random(1).shuffle(events)
    want = expected(events)
    append(events[:1200], consumed=True)
    move(now=LATER)
    append(events[1200:], consumed=True)
    assert told() == want
    assert keep_visits(now=LATER) > 25
    assert told() == want
    move(now=LATER)
    assert told() == want
    assert keep_visits(now=LATER + timedelta(hours=1)) > 0
    assert kept_share() == 1
    assert told() == want
    assert merge(now=LATER, at_least=2) > 0
    assert told() == want
    assert kept_share() == 1


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.sampled_from(["move", "keep", "nothing"]), min_size=6, max_size=6))
def test_in_whatever_order_events_come_and_work_is_done(seed, steps) -> None:
    chance = random.Random(seed)
    events = []
    for _n in range(60):
        at = START + timedelta(seconds=chance.randrange(3 * 86_400))
        came = SPRING if chance.random() < 0.3 else {}
        site = chance.choice(["a.example", "b.example"])
        events.append(
            an_event(
                at, f"v{chance.choice([1, 2, chance.randrange(40)])}", site=site, path=chance.choice("/ab"), **came
            )
        )
        if chance.random() < 0.5:
            events.append(an_event(at + timedelta(seconds=1790), events[-1].visitor, site=site))
    _clean()
    hour = 0
    for n, step in enumerate(steps):
        append(events[n::6], consumed=True)
        if step != "nothing":
            move(now=LATER)
        if step == "keep":
            hour += 1
            keep_visits(now=LATER + timedelta(hours=hour))
        assert told() == expected([event for start in range(n + 1) for event in events[start::6]])


def _clean() -> None:
    from baton.tracking.store.models import EventFile, EventSeen, EventTail

    for model in (EventFile, EventSeen, EventTail, VisitDay):
        model.objects.all().delete()


@pytest.mark.parametrize(
    "late",
    [
        an_event(MIDNIGHT - timedelta(minutes=29), path="/joins"),
        an_event(MIDNIGHT + timedelta(minutes=20), path="/bridges"),
        an_event(MIDNIGHT + timedelta(minutes=2), path="/splits", **SPRING),
        an_event(MIDNIGHT - timedelta(hours=23), path="/a-day-before", **SPRING),
    ],
    ids=lambda event: event.path,
)
def test_a_late_event_changes_the_days_beside_its_own(late) -> None:
    events = [
        an_event(MIDNIGHT - timedelta(minutes=5)),
        an_event(MIDNIGHT + timedelta(minutes=10)),
        an_event(MIDNIGHT + timedelta(minutes=41)),
        an_event(MIDNIGHT + timedelta(hours=23), **SPRING),
        an_event(MIDNIGHT - timedelta(minutes=1), "v2", **SPRING),
    ]
    append(events, consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    for move_it in (False, True):
        append([late], consumed=True)
        if move_it:
            move(now=LATER)
        assert told() == expected([*events, late])
    keep_visits(now=LATER + timedelta(hours=1))
    assert told() == expected([*events, late])
    assert kept_share() == 1


def test_a_page_left_open_for_days_is_a_visit_of_one_day() -> None:
    append([an_event(START + timedelta(minutes=20 * n)) for n in range(200)], consumed=True)
    assert ask("website_total")[0] == {
        "visitors": 1, "visits": 1, "views": 72, "bounced": 0, "minutes": 1420.0, "engaged": 0.0,
        "known": 0,
    }  # fmt: skip
    move(now=LATER)
    keep_visits(now=LATER)
    assert ask("website_total")[0]["views"] == 72


def test_who_a_visitor_is_shows_on_kept_visits_at_once() -> None:
    append([an_event(START), an_event(START, "v2")], consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    assert ask("website_total")[0]["known"] == 0
    claim_visitor("v1", Contact.objects.create(last_name="Lovelace"), STRONG, now=LATER)
    assert ask("website_total")[0]["known"] == 1


def test_who_is_erased_is_in_no_figure_and_in_no_file() -> None:
    ada = Contact.objects.create(last_name="Lovelace")
    append(
        [an_event(START, contact=ada.pk), an_event(START, "v2"), an_event(START + timedelta(days=1), "v2")],
        consumed=True,
    )
    move(now=LATER)
    keep_visits(now=LATER)
    assert ask("website_total")[0]["visits"] == 3
    erase_events(ada.pk, visitors=["v1"], now=LATER)
    assert ask("website_total")[0]["visits"] == 2
    assert len(acts_told()) == 2
    erase_pending(now=LATER)
    assert ask("website_total")[0]["visits"] == 2
    keep_visits(now=LATER + timedelta(hours=1))
    sweep(now=datetime.now(UTC) + timedelta(hours=3))
    assert ask("website_total")[0]["visits"] == 2
    assert len(acts_told()) == 2
    assert "v1" not in str([_rows(path) for path in parquet.folder().glob("*/*.parquet")])
    assert kept_share() == 1


def test_who_is_erased_from_the_tail_is_in_no_kept_row() -> None:
    append([an_event(START, "v2")], consumed=True)
    move(now=LATER)
    append([an_event(START + timedelta(hours=2))], consumed=True)  # late, and not moved yet
    keep_visits(now=LATER)
    assert ask("website_total")[0]["visits"] == 2
    erase_events(Contact.objects.create(last_name="Lovelace").pk, visitors=["v1"], now=LATER)
    erase_pending(now=LATER)
    assert ask("website_total")[0]["visits"] == 1
    assert kept_share() == 1
    assert len(acts_told()) == 1
    assert "v1" not in str([_rows(path) for path in parquet.folder().glob("*/*.parquet")])


def test_many_years_of_history_in_one_block() -> None:
    append([an_event(START - timedelta(days=n)) for n in range(2_500)], consumed=True)
    move(now=LATER)
    assert VisitDay.objects.count() == 2_500
    keep_visits(now=LATER)
    assert kept_share() == 1
    assert ask("website_total")[0]["visits"] == 2_500


def _rows(path: Any) -> list[dict]:
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


def test_another_table_of_channels_counts_at_once_and_is_kept_again() -> None:
    events = some_events(600, seed=5)
    append(events, consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    blog = Rule("own", "friends", ((Condition("referrer", "is", ("blog.example", "chatgpt.com")),),))
    for number, rules in enumerate([(blog, *STANDARD.rules), (*STANDARD.rules, blog), STANDARD.rules[::-1]], 1):
        ChannelVersion.objects.create(number=number, rules=as_json(rules))
        assert kept_share() == 0
        assert told() == expected(events)
        assert keep_visits(now=LATER + timedelta(hours=number)) > 0
        assert kept_share() == 1
        assert told() == expected(events)
        assert ("friends" in told()["channels"]) == (number == 1)


@pytest.mark.parametrize("lost", [str, walk_files.path_of])
def test_a_lost_file_is_worked_out_again(lost) -> None:
    append([an_event(START)], consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    (parquet.folder() / lost(VisitDay.objects.get().path)).unlink()
    assert ask("website_total")[0]["visits"] == 1
    assert len(acts_told()) == 1
    assert keep_visits(now=LATER) == 1
    assert walk_files.are_there(VisitDay.objects.get().path)


def acts_told() -> list[int]:
    """When each act of every visit happened."""
    shares = [walks for walked in ask_walks("funnel_visits") for walks in walked.by_visitor()]
    return sorted(moment for walks in shares for moment in walks.moments.tolist())


def test_acts_lie_beside_their_visits_and_go_with_them() -> None:
    for n in range(10):
        append([an_event(START.replace(month=1) + timedelta(days=n))], consumed=True)
        move(now=LATER)
        keep_visits(now=LATER + timedelta(hours=n))
    sweep(now=datetime.now(UTC) + timedelta(hours=3))
    paths = set(VisitDay.objects.values_list("path", flat=True))
    left = {f"walks/{one.name}" for one in (parquet.folder() / walk_files.FOLDER).iterdir()}
    assert left == {walk_files.path_of(path) for path in paths}
    assert len(acts_told()) == 10


def test_files_that_lack_what_is_kept_now_are_worked_out_anew(monkeypatch) -> None:
    """After an upgrade that keeps more: some days at once, beside others that still lie in the same old file."""
    append(some_events(1_000), consumed=True)
    move(now=LATER)
    keep_visits(now=LATER)
    want = told()
    for path in set(VisitDay.objects.exclude(path="").values_list("path", flat=True)):
        table = pq.read_table(parquet.folder() / path)
        pq.write_table(table.drop_columns(["readings", "misses", "page_keys"]), parquet.folder() / path)
    VisitDay.objects.update(rules=1)
    assert told() == want
    monkeypatch.setattr(visit_keeper, "EVENTS_AT_ONCE", 100)
    assert keep_visits(now=LATER + timedelta(hours=1)) > 25
    assert kept_share() == 1
    assert told() == want


def test_a_day_that_gets_events_while_it_is_worked_out_is_not_believed(monkeypatch) -> None:
    append([an_event(START)], consumed=True)
    move(now=LATER)
    works = engine().visits

    def meanwhile(*asked: Any) -> Any:
        rows = works(*asked)
        append([an_event(START + timedelta(hours=1))], consumed=True)
        move(now=LATER)
        return rows

    with monkeypatch.context() as patched:
        patched.setattr(type(engine()), "visits", lambda _self, *asked: meanwhile(*asked))
        keep_visits(now=LATER)
    assert kept_share() == 0
    assert ask("website_total")[0]["visits"] == 2
    keep_visits(now=LATER + timedelta(hours=1))
    assert kept_share() == 1


def test_a_keeper_that_was_killed_leaves_nothing_to_believe() -> None:
    append([an_event(START)], consumed=True)
    move(now=LATER)
    VisitDay.objects.update(building="a" * 32, is_stale=False, rules=STANDARD.kept_as)
    assert ask("website_total")[0]["visits"] == 1
    assert keep_visits(now=LATER) == 1
    assert kept_share() == 1


def test_today_is_never_kept() -> None:
    append([an_event(START)], consumed=True)
    move(now=START + timedelta(hours=1))
    assert keep_visits(now=START + timedelta(hours=2)) == 0
    assert ask("website_total")[0]["visits"] == 1


def test_the_files_of_a_month_become_one() -> None:
    for n in range(10):
        append([an_event(START.replace(month=1) + timedelta(days=n))], consumed=True)
        move(now=LATER)
        keep_visits(now=LATER + timedelta(hours=n))
    assert len(files_of_days()) == 1
    assert ask("website_total")[0]["visits"] == 10
    append([an_event(START.replace(month=1))], consumed=True)
    move(now=LATER)
    keep_visits(now=LATER + timedelta(days=1))
    assert ask("website_total")[0]["visits"] == 10
    assert ask("website_total")[0]["views"] == 11


def test_the_files_of_a_month_that_goes_on_become_fewer() -> None:
    first = START.replace(month=1, day=1)
    for n in range(20):
        append([an_event(first + timedelta(days=n))], consumed=True)
        move(now=first + timedelta(days=n + 1))
        keep_visits(now=first + timedelta(days=n + 1))
        assert len(files_of_days()) < visit_keeper.FILES_A_MONTH + visit_keeper.SETTLED.days
        assert ask("website_total")[0]["visits"] == n + 1
    newest = VisitDay.objects.get(day=(first + timedelta(days=19)).date()).path
    assert VisitDay.objects.filter(path=newest).count() == 1


def test_large_files_of_a_month_that_goes_on_are_left_until_it_is_over(monkeypatch) -> None:
    monkeypatch.setattr(visit_keeper, "JOINED_AT_ONCE", 1)
    first = START.replace(month=1, day=1)
    for n in range(12):
        append([an_event(first + timedelta(days=n))], consumed=True)
        move(now=first + timedelta(days=n + 1))
        keep_visits(now=first + timedelta(days=n + 1))
    assert len(files_of_days()) == 12
    keep_visits(now=first + timedelta(days=40))
    assert len(files_of_days()) == 1
    assert ask("website_total")[0]["visits"] == 12


def files_of_days() -> set[str]:
    return set(VisitDay.objects.values_list("path", flat=True)) - {""}
