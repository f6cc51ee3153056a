"""Quotas: periods, pace, what counts as won, and who sees and sets what."""

from datetime import UTC, date, datetime

import pytest

from baton.sales.quotas import rules
from baton.sales.quotas.actions import set_quota
from baton.sales.quotas.models import Quota
from baton.sales.quotas.reads import open_amount_closing, standing_of, won_amount
from tests.cast import NOW, a_deal, a_team, a_user

MARCH = rules.Span("month", date(2026, 3, 1), date(2026, 4, 1))


def test_fiscal_quarters_follow_the_month_the_year_starts_with():
    assert rules.span_of("quarter", date(2026, 3, 10)).start == date(2026, 1, 1)
    fiscal = rules.span_of("quarter", date(2026, 1, 10), fiscal_year_starts=2)
    assert (fiscal.start, fiscal.end) == (date(2025, 11, 1), date(2026, 2, 1))


def test_workdays_leave_out_weekends():
    assert rules.workdays(date(2026, 3, 2), date(2026, 3, 9)) == 5
    assert rules.workdays(date(2026, 3, 7), date(2026, 3, 9)) == 0
    assert rules.workdays(date(2026, 3, 1), date(2026, 4, 1)) == 22


def test_pace_is_the_share_of_workdays_that_are_over():
    assert rules.elapsed_share(MARCH, date(2026, 3, 2)) == 0
    assert rules.elapsed_share(MARCH, date(2026, 3, 16)) == pytest.approx(10 / 22)
    assert rules.elapsed_share(MARCH, date(2026, 5, 1)) == 1


@pytest.mark.parametrize(("won", "state"), [(50, "ahead"), (42, "on_pace"), (30, "behind")])
def test_standing_compares_with_the_pace(won, state):
    assert rules.standing(won, 100, 0.5) == state


def test_without_a_quota_there_is_no_standing():
    assert rules.standing(50, None, 0.5) == "none"


@pytest.mark.django_db
def test_won_counts_the_organisations_days_states_and_currency(settings):
    settings.ORGANISATION_ZONE = "Europe/Berlin"
    rep = a_user()
    last_minute = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)  # 23:59 in Berlin
    a_deal(owner=rep, state="won", closed_at=last_minute, amount_minor=100)
    a_deal(owner=rep, state="won", closed_at=datetime(2026, 3, 31, 22, 0, tzinfo=UTC), amount_minor=1_000)
    a_deal(owner=rep, state="lost", closed_at=last_minute, amount_minor=10_000)
    a_deal(owner=rep, state="won", closed_at=last_minute, amount_minor=100_000, currency="EUR")
    assert won_amount(rep, MARCH.start, MARCH.end) == 100


@pytest.mark.django_db
def test_a_team_has_what_all_below_it_have():
    top = a_team()
    below = a_team(parent=top)
    for team in (top, below, a_team()):
        a_deal(owner=a_user(team=team), state="won", closed_at=NOW, amount_minor=10)
        a_deal(owner=a_user(team=team), expected_close_on=date(2026, 3, 20), amount_minor=7)
    assert won_amount(top, MARCH.start, MARCH.end) == 20
    assert open_amount_closing(top, MARCH.start, MARCH.end) == 14


@pytest.mark.django_db
def test_setting_again_replaces():
    rep, boss = a_user(), a_user("sales_manager")
    for amount in (100, 200):
        set_quota(
            user=rep, period="month", starts_on=MARCH.start, amount_minor=amount, currency="USD", actor=boss, now=NOW
        )
    assert Quota.objects.get().amount_minor == 200
    assert standing_of(rep, date(2026, 3, 10)).quota_minor == 200


@pytest.mark.django_db
def test_a_rep_sees_only_themselves_and_sets_nothing(client):
    rep = a_user(name="Ada Own")
    a_user(name="Bob Other")
    client.force_login(rep)
    page = client.get("/quotas/").content.decode()
    assert "Ada Own" in page
    assert "Bob Other" not in page
    assert client.post("/quotas/set/", {"user": rep.pk, "amount": "5"}).status_code == 403
    assert not Quota.objects.exists()


@pytest.mark.django_db
def test_a_manager_sets_the_teams_quotas_and_no_others(client):
    team = a_team()
    boss, rep, foreign = a_user("sales_manager", team=team), a_user(team=team), a_user()
    client.force_login(boss)
    body = {"period": "month", "from": "2026-03-15", "amount": "50,000"}
    client.post("/quotas/set/", {**body, "user": rep.pk})
    assert client.post("/quotas/set/", {**body, "user": foreign.pk}).status_code == 404
    quota = Quota.objects.get()
    assert (quota.user, quota.starts_on, quota.amount_minor) == (rep, date(2026, 3, 1), 5_000_000)
    client.post("/quotas/set/", {**body, "user": rep.pk, "amount": "-1"})
    assert Quota.objects.get().amount_minor == 5_000_000


@pytest.mark.django_db
def test_the_page_stays_within_its_queries(client, django_assert_max_num_queries):
    top = a_team()
    for _ in range(8):
        a_user(team=a_team(parent=top))
    client.force_login(a_user("sales_manager", team=top))
    client.get("/quotas/")
    with django_assert_max_num_queries(24):
        client.get("/quotas/")
