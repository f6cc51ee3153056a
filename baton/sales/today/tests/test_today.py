"""Today: one ordered list, why each row is there, and what others put into it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.platform import wiring
from baton.sales.deals.models import Deal
from baton.sales.tasks.actions import add_task, complete_task
from baton.sales.today.reads import rows_of
from baton.sales.today.rules import NEW_LEAD, ORDER, TodayRow, in_order
from tests.cast import NOW, a_deal, a_pipeline, a_user


def test_new_leads_come_first_then_late_and_today_and_unknown_kinds_last():
    rows = [TodayRow(kind, f"{kind}", "t", "w", "/") for kind in ["mystery", *reversed(ORDER)]]
    assert [row.kind for row in in_order(rows)] == [*ORDER, "mystery"]


def test_within_a_kind_the_earliest_then_the_largest_comes_first():
    rows = [
        TodayRow("today", "late", "t", "w", "/", at=NOW + timedelta(hours=1)),
        TodayRow("today", "small", "t", "w", "/", at=NOW, amount_minor=1),
        TodayRow("today", "large", "t", "w", "/", at=NOW, amount_minor=9),
        TodayRow("today", "undated", "t", "w", "/"),
    ]
    assert [row.key for row in in_order(rows)] == ["large", "small", "late", "undated"]


@pytest.mark.django_db
def test_every_row_says_why_it_is_there():
    rep = a_user()
    late = add_task("Call", actor=rep, now=NOW, due_at=NOW - timedelta(days=3), deal=a_deal(owner=rep))
    due = add_task("Mail", actor=rep, now=NOW, due_at=NOW + timedelta(hours=1), is_all_day=False)
    add_task("Later", actor=rep, now=NOW, due_at=NOW + timedelta(days=1))
    bare = a_deal(owner=rep)
    stalled = a_deal(owner=rep, expected_close_on=(NOW - timedelta(days=5)).date())
    add_task("Ask", actor=rep, now=NOW, due_at=NOW + timedelta(days=4), deal=stalled)
    why = {row.key: row.why for row in rows_of(rep, NOW)}
    assert why == {
        f"task:{late.pk}": "Late by 3 days",
        f"task:{due.pk}": "Due at 10:30",
        f"no_next_step:{bare.pk}": "Open deal without a next step",
        f"stalled:{stalled.pk}": "Close date was 5 days ago",
    }


@pytest.mark.django_db
def test_others_tasks_and_closed_deals_are_not_in_ones_day():
    rep, other = a_user(), a_user()
    add_task("Theirs", actor=other, now=NOW, due_at=NOW)
    a_deal(owner=other)
    a_deal(owner=rep, state="won")
    assert rows_of(rep, NOW) == []


@pytest.mark.django_db
def test_sides_above_put_their_rows_on_top(monkeypatch, client):
    rep = a_user()
    row = TodayRow(NEW_LEAD, "lead:1", "Ada Byron", "Fits: director", "/x/", at=timezone.now(), clock=True)
    monkeypatch.setattr(wiring.page(), "TODAY_ROWS", [lambda user, now: [row]])
    client.force_login(rep)
    page = client.get("/today/").content.decode()
    assert "Ada Byron" in page
    assert "Fits: director" in page
    assert "data-countdown" in page


@pytest.mark.django_db
def test_an_empty_day_is_kind_and_a_done_task_folds_away(client):
    rep = a_user()
    client.force_login(rep)
    assert "Nothing is waiting for you" in client.get("/today/").content.decode()
    complete_task(add_task("Call Ada", actor=rep, now=NOW, due_at=NOW), actor=rep, now=timezone.now())
    page = client.get("/today/").content.decode()
    assert "All done for today" in page
    assert "Call Ada" in page


@pytest.mark.django_db
def test_log_and_next_from_today_comes_back_to_today(client):
    rep = a_user()
    client.force_login(rep)
    task = add_task("Call", actor=rep, now=NOW, due_at=NOW, deal=a_deal(owner=rep))
    body = {"task": task.pk, "kind": "call", "next_title": "Mail", "next_on": "2026-12-01", "next": "/today/"}
    assert client.post("/activities/log/", body).url == "/today/"
    task.refresh_from_db()
    assert task.done_at is not None
    assert task.deal.tasks.get(done_at=None).title == "Mail"
    assert client.post("/activities/log/", {**body, "next": "//evil.example"}).url == task.deal.get_absolute_url()


@pytest.mark.django_db
def test_a_full_day_stays_within_its_queries(client, django_assert_max_num_queries):
    rep = a_user()
    a_pipeline()
    for _ in range(30):
        add_task("Call", actor=rep, now=NOW, due_at=NOW, deal=a_deal(owner=rep))
        a_deal(owner=rep)
    client.force_login(rep)
    client.get("/today/")
    with django_assert_max_num_queries(24):
        client.get("/today/")
    assert Deal.objects.count() == 60
