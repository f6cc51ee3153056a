"""Today: one ordered list, why each row is there, and what others put into it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.platform import wiring
from baton.sales.deals.models import Deal
from baton.sales.quotas.models import Quota
from baton.sales.quotas.reads import standing_of
from baton.sales.quotes.models import Quote
from baton.sales.tasks.actions import add_task, complete_task
from baton.sales.today.reads import rows_of, strip_of
from baton.sales.today.rules import NEW_LEAD, ORDER, TodayRow, coverage, in_order
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


def test_the_open_amount_covers_what_is_still_to_win_so_many_times():
    assert coverage(300, 100) == 3.0
    assert coverage(0, 100) == 0.0
    assert coverage(300, 0) is None


@pytest.mark.django_db
def test_the_strip_tells_quota_clock_tasks_and_quotes(client):
    rep, today = a_user(), timezone.localdate()
    Quota.objects.create(user=rep, period="month", starts_on=today.replace(day=1), amount_minor=100_000, currency="USD")
    a_deal(owner=rep, state="won", amount_minor=40_000, closed_at=timezone.now())
    a_deal(owner=rep, amount_minor=90_000, expected_close_on=today)
    quoted = a_deal(owner=rep)
    ends = today + timedelta(days=9)
    for number, amount in enumerate([1000, 2500]):
        Quote.objects.create(
            deal=quoted, number=f"Q-{number}", title="Offer", state="sent", currency="USD", valid_until=ends,
            net_minor=amount,
        )  # fmt: skip
    end = timezone.now() + timedelta(hours=1)
    rows = [TodayRow(NEW_LEAD, f"l{n}", "Ada", "Fits", "/", at=end, clock=True) for n in range(2)]
    strip = strip_of(rep, standing_of(rep, today), rows)
    assert (strip.closing_minor, strip.coverage) == (90_000, 1.5)
    assert (strip.leads, strip.first_lead_at) == (2, end)
    assert (strip.quotes, strip.quotes_minor, strip.first_quote_ends) == (2, 3500, ends)
    client.force_login(rep)
    page = client.get("/today/").content.decode()
    assert "1.5 ×" in page
    assert "in 2 unsigned quotes" in page
    assert "/home/behind/my_won/" in page
    behind = client.get("/home/behind/my_won/").content.decode()
    assert "$400.00" in behind


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
