"""The store keeps every event once, in the tail or in a file, and answers the same from both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from baton.people.timeline.models import TimelineEntry
from baton.tracking.errors import BadEvent, BadParameter, MovedMeanwhile, StoreAway, UnknownQuestion
from baton.tracking.identity import MEDIUM, STRONG, claim_visitor
from baton.tracking.store import append, ask, counted_events, jobs, mover, parquet, record_event, store_health
from baton.tracking.store.append import to_micros
from baton.tracking.store.erasure import erase_events, erase_pending
from baton.tracking.store.merger import merge
from baton.tracking.store.models import EventErasure, EventFile, EventSeen, EventTail
from baton.tracking.store.mover import move
from baton.tracking.store.projector import project
from baton.tracking.store.sweeper import GRACE, sweep
from baton.tracking.store.tests.made import an_event
from tests.cast import a_contact

pytestmark = pytest.mark.django_db(databases=["default", "events"])

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def view(minutes_ago: float = 0, visitor: str = "v1", **fields: object):
    return an_event(NOW - timedelta(minutes=minutes_ago), visitor, **fields)


def told() -> dict:
    return ask("website_total")[0]


def test_an_event_told_twice_is_stored_once_even_after_the_move() -> None:
    event = view()
    stored = append([event, event])
    assert (stored.written, stored.repeated) == (1, 1)
    project(now=NOW)
    assert move(now=NOW) == 1
    assert append([event]).written == 0
    assert append([event, view(1)]).written == 1
    assert told()["views"] == 2


def test_ids_are_forgotten_after_two_days_and_told_events_after_a_month() -> None:
    append([view()], consumed=True)
    record_event("form submitted", at=NOW, visitor="v1", id="submission:7")
    project(now=NOW)
    move(now=NOW)
    sweep(now=NOW + timedelta(hours=47))
    assert EventSeen.objects.count() == 2
    sweep(now=NOW + timedelta(hours=49))
    assert EventSeen.objects.count() == 1
    record_event("form submitted", at=NOW, visitor="v1", id="submission:7")
    assert EventTail.objects.count() == 0


def test_only_consumed_events_are_moved() -> None:
    append([view()])
    assert move(now=NOW) == 0
    project(now=NOW)
    assert move(now=NOW, at_least=2) == 0
    assert move(now=NOW) == 1
    assert counted_events() == {"tail": 0, "moved": 1}


def test_the_same_answers_from_tail_files_and_merged_files() -> None:
    events = [view(minutes_ago=60 * n, visitor=f"v{n % 3}", path=f"/{n % 4}") for n in range(2000)]  # in four months
    asked = [("website_total", {}), ("website_parts", {"by": "channel", "most": 50}), ("website_pages", {"most": 50})]
    append(events, consumed=True)
    from_tail = [ask(name, **given) for name, given in asked]
    for start in range(0, 2000, 200):
        EventTail.objects.update(consumed=False)
        pks = list(EventTail.objects.order_by("pk").values_list("pk", flat=True)[:200])
        EventTail.objects.filter(pk__in=pks).update(consumed=True)
        assert move(now=NOW) == 200, start
    assert [ask(name, **given) for name, given in asked] == from_tail
    before = EventFile.objects.filter(replaced_at=None).count()
    assert merge(now=NOW, at_least=2) > 0
    assert EventFile.objects.filter(replaced_at=None).count() == 4 < before
    assert [ask(name, **given) for name, given in asked] == from_tail
    assert store_health() == []


def test_files_are_sorted_by_contact_visitor_and_time() -> None:
    import pyarrow.parquet as pq

    append([view(n, visitor=f"v{n % 5}", contact=n % 3 or None) for n in range(60)], consumed=True)
    move(now=NOW)
    table = pq.read_table(parquet.folder() / EventFile.objects.get().path).to_pylist()
    keys = [(row["contact"] or 99, row["visitor"], row["happened_at"]) for row in table]
    assert keys == sorted(keys)


def test_a_move_that_lost_the_race_leaves_everything_as_it_was() -> None:
    append([view(), view(1)], consumed=True)
    block = mover._claim()
    rows = [[event, 0] for event in EventTail.objects.values_list("event", flat=True)]
    EventTail.objects.filter(event=rows[0][0]).update(block="")
    with pytest.raises(MovedMeanwhile), transaction.atomic(using="events"):
        mover._record(block, rows, [], NOW)
    assert EventTail.objects.count() == 2
    assert not EventFile.objects.exists()
    assert not EventSeen.objects.exists()


def test_a_block_left_by_a_killed_mover_is_finished_with_its_own_rows() -> None:
    append([view(), view(1)], consumed=True)
    mover._claim()
    append([view(2)], consumed=True)
    assert move(now=NOW, at_least=100) == 2
    assert EventTail.objects.count() == 1


def test_a_second_mover_of_the_same_block_leaves_no_file(monkeypatch) -> None:
    append([view()], consumed=True)
    block = mover._claim()
    engine = mover.engine()

    class Slow:
        """Writes its file, then another mover finishes the block first."""

        forget = staticmethod(engine.forget)

        def take(self, block, rows):
            entries = engine.take(block, rows)
            monkeypatch.setattr(mover, "engine", lambda: engine)
            assert mover._finish(block, NOW) == 1
            monkeypatch.setattr(mover, "engine", lambda: Slow())
            return entries

    monkeypatch.setattr(mover, "engine", Slow)
    assert mover._finish(block, NOW) == 0
    assert told()["views"] == 1
    assert sum(1 for _ in parquet.folder().glob("*/*")) == 3  # a file and its copies


def test_the_sweeper_takes_only_what_nobody_can_still_read() -> None:
    now = datetime.now(UTC)
    for n in range(3):
        append([view(n)], consumed=True)
        move(now=now)
    assert merge(now=now, at_least=2) == 3
    assert sweep(now=now + GRACE / 2) == 0
    assert sweep(now=now + 2 * GRACE) == 3
    assert sum(1 for _ in parquet.folder().glob("*/*")) == 3  # a file and its copies
    assert told()["views"] == 3


def test_a_missing_file_is_named_with_what_to_do() -> None:
    append([view()], consumed=True)
    move(now=NOW)
    (parquet.folder() / EventFile.objects.get().path).unlink()
    assert "Restore it from a backup" in store_health()[0]


def test_a_visit_of_a_known_person_is_one_line_on_the_timeline() -> None:
    contact = a_contact()
    claim_visitor("v1", contact, MEDIUM, now=NOW)
    first = [view(9, path="/pricing", source="google", medium="cpc", campaign="spring"), view(8, name="video played")]
    append(first)
    project(now=NOW)
    append([view(3, path="/pricing"), view(1, path="/contact"), view(0, "somebody"), view(0, machine="crawler")])
    project(now=NOW)
    line = TimelineEntry.objects.get(contact=contact, kind="visit")
    assert line.title == "Read 3 pages, 8 min"
    assert line.body == "/pricing ×2, /contact, video played"
    assert (line.facts["channel"], line.facts["campaign"]) == ("paid_search", "spring")


def test_a_killed_projector_repeats_without_doubling(monkeypatch) -> None:
    contact = a_contact()
    claim_visitor("v1", contact, MEDIUM, now=NOW)
    append([view(2), view(1), view(45)])
    project(now=NOW)
    EventTail.objects.update(consumed=False)  # as if the mark had been lost
    project(now=NOW)
    lines = TimelineEntry.objects.filter(contact=contact, kind="visit").order_by("at")
    assert [sum(line.facts["pages"].values()) for line in lines] == [1, 2]


def test_listeners_learn_whose_events_came(monkeypatch) -> None:
    from baton.platform import wiring

    heard = []
    monkeypatch.setattr(wiring.page(), "EVENT_LISTENERS", [lambda contacts, now: heard.append(contacts)], raising=False)
    contact = a_contact()
    record_event("form submitted", at=NOW, contact=contact)
    append([view()])
    assert project(now=NOW) == 2
    assert project(now=NOW) == 0
    assert heard == [{contact.pk}]


def test_visits_from_before_a_claim_come_onto_the_timeline() -> None:
    contact = a_contact()
    append([view(300, path="/pricing"), view(200, path="/guide")])
    project(now=NOW)
    move(now=NOW)
    claim_visitor("v1", contact, MEDIUM, now=NOW)
    project(now=NOW)
    project(now=NOW)
    assert TimelineEntry.objects.filter(contact=contact, kind="visit").count() == 2
    touches = ask("touches_of_contacts", contacts=[contact.pk], until=NOW)
    assert [row["entry_path"] for row in touches] == ["/pricing", "/guide"]


def test_visits_of_two_sites_at_the_same_time_are_two_lines() -> None:
    contact = a_contact()
    blog = {"site": "blog.example", "host": "de.blog.example"}
    append([view(9, path="/pricing"), view(8, path="/post", **blog), view(7, path="/contact")])
    project(now=NOW)
    claim_visitor("v1", contact, MEDIUM, now=NOW)
    project(now=NOW)
    append([view(6, path="/post", **blog), view(5, path="/more", **blog | {"host": "blog.example"})])
    project(now=NOW)
    lines = TimelineEntry.objects.filter(contact=contact, kind="visit").order_by("at")
    assert [(line.facts["site"], line.body) for line in lines] == [
        ("shop.example", "/pricing, /contact"),
        ("blog.example", "/post ×2, /more"),
    ]


def test_a_page_opened_by_a_signed_link_makes_the_visitor_the_contact() -> None:
    contact, other = a_contact(), a_contact()
    claim_visitor("v1", other, MEDIUM, now=NOW)
    append([view(2, contact=contact.pk), view(1, "v2", contact=contact.pk, machine="mail")])
    project(now=NOW)
    append([view(0), view(0, "v2")])
    row = ask("contacts_with_events", name="pageview", at_least=1)
    assert row == [{"contact": contact.pk, "count": 2}]


def test_what_is_told_by_the_server_is_stored_once_and_found() -> None:
    contact = a_contact()
    ids = {record_event("mail clicked", at=NOW, contact=contact, props={"link": 3}) for _time in range(2)}
    record_event("mail clicked", at=NOW, contact=contact.pk, props={"link": 4})
    assert len(ids) == 1
    assert ask("contacts_with_events", name="mail clicked", at_least=2)[0]["count"] == 2
    assert ask("contacts_with_events", name="mail clicked", at_least=3) == []
    with pytest.raises(BadEvent):
        record_event("mail clicked", at=NOW)
    assert EventTail.objects.count() == 2


def test_an_engine_that_is_away_loses_nothing(settings, monkeypatch) -> None:
    settings.EVENTS_URL = "clickhouse://127.0.0.1:1/nowhere?connect_timeout=1"
    append([view()], consumed=True)
    with pytest.raises(StoreAway):
        ask("website_total")
    monkeypatch.setattr(jobs, "_away_until", 0.0)
    jobs.move_full_tail()
    jobs.move_events(None)
    jobs.move_events(None)
    assert "does not answer" in store_health()[0]
    settings.EVENTS_URL = ""
    assert move(now=NOW) == 1
    assert told()["views"] == 1


def test_the_kept_tail_follows_what_comes_and_goes() -> None:
    append([view(1), view(2)])
    assert told()["views"] == 2
    append([view(3)])
    assert told()["views"] == 3
    first = EventTail.objects.order_by("pk").first()
    EventTail.objects.filter(pk=first.pk).delete()
    assert told()["views"] == 2
    EventTail.objects.create(pk=first.pk, event=first.event, row=first.row)  # committed late, with a smaller id
    assert told()["views"] == 3
    EventTail.objects.all().delete()
    assert told()["views"] == 0


def test_windows_are_half_open() -> None:
    record_event("mail clicked", at=NOW, contact=5)
    assert ask("contacts_with_events", name="mail clicked", since=NOW, at_least=1)
    assert not ask("contacts_with_events", name="mail clicked", until=NOW, at_least=1)


def test_erased_events_are_hidden_at_once_and_gone_after_the_night() -> None:
    contact = a_contact()
    claim_visitor("v1", contact, STRONG, now=NOW)
    append([view(50_000), view(5), view(4, "v2"), view(3, contact=contact.pk, visitor="")], consumed=True)
    move(now=NOW)
    append([view(2), view(1, "v2")])
    erase_events(contact.pk, now=NOW)
    assert ask("events_of_contact", contact=contact.pk) == []
    assert told()["views"] == 2
    assert erase_pending(now=NOW) == 1
    assert erase_pending(now=NOW) == 0
    assert EventErasure.objects.get().visitors == []
    assert counted_events() == {"tail": 1, "moved": 1}
    sweep(now=datetime.now(UTC) + 2 * GRACE)
    left = b"".join(path.read_bytes() for path in parquet.folder().glob("*/*.parquet"))
    assert b"v1" not in left
    assert b"v2" in left
    assert not EventTail.objects.filter(row__contains='"v1"').exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "needs visitor"),
        ({"visitor": "v", "colour": 1}, "takes no colour"),
        ({"visitor": 7}, "visitor as text"),
        ({"visitor": "v", "since": datetime(2026, 1, 1)}, "with a zone"),
    ],
)
def test_a_question_asked_wrongly_says_what_is_wrong(given, sentence) -> None:
    with pytest.raises(BadParameter, match=sentence):
        ask("events_of_visitor", **given)


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(UnknownQuestion):
        ask("../settings")


def test_times_are_exact_to_the_microsecond() -> None:
    moment = NOW.replace(microsecond=123_457)
    append([an_event(moment)])
    assert ask("events_of_visitor", visitor="v1")[0]["happened_at"] == moment
    assert to_micros(moment) % 1_000_000 == 123_457
