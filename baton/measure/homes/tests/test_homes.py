"""Every role's home draws with and without anything to count, asks few questions, and leads to what it counts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from baton.handoff.assignments.actions import accept
from baton.handoff.assignments.jobs import consider
from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.email.models import KIND, Broadcast
from baton.measure.attribution.actions import credit_deal
from baton.measure.homes import marketing, operations, upkeep, visits
from baton.measure.homes.behind import FIGURES
from baton.measure.homes.cohorts import Cohorts
from baton.measure.homes.payback import payback
from baton.measure.homes.sales import SalesHome, breaches_by_owner, closed_row, quarter_row
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.deliveries.models import Delivery
from baton.platform.accounts.roles import ROLES
from baton.platform.jobs.models import Job
from baton.sales.deals.models import DealLine
from baton.sales.quotas.models import Quota
from tests.cast import NOW, a_company, a_contact, a_deal, a_lead, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

HOMES = sorted(set(ROLES) - {"rep", "sdr"})


@pytest.fixture
def company() -> None:
    """A quarter of a small company: a campaign, its lead handed over, deals in every state, an email, a failed job."""
    now, rep = timezone.now(), a_user("rep")
    a_user("sdr")
    topic = ConsentTopic.objects.create(key="news", label="News")
    campaign = Campaign.objects.create(
        name="Spring", code="spring", starts_on=timezone.localdate(), budget_minor=5000, currency="USD"
    )
    CampaignCost.objects.create(campaign=campaign, on=timezone.localdate(), amount_minor=1200)
    lead = a_lead(a_contact(phone="+49 1"), source="email", campaign_code="spring", now=now)
    a_contact(phone="+49 1")
    handoff = consider(a_contact(fit_score=90, engagement_score=90).pk)
    assert handoff
    accept(handoff, actor=handoff.owner, now=now)
    for number in range(6):
        deal = a_deal(owner=rep, lead=lead, state="won", closed_at=now, opened_at=now, amount_minor=number * 100)
        DealLine.objects.create(deal=deal, amount_minor=number * 100, cost_minor=None if number == 5 else 10)
        credit_deal(deal, [])
        a_deal(owner=rep, lead=lead, opened_at=now, expected_close_on=timezone.localdate(), amount_minor=50)
    month = timezone.localdate().replace(day=1)
    Quota.objects.create(user=rep, period="month", starts_on=month, amount_minor=9000, currency="USD")
    for name in ("First", "Second"):
        email = Broadcast.objects.create(name=name, subject=name, state="sent", started_at=now, topic=topic)
        contact = a_contact()
        Consent.objects.create(contact=contact, topic=topic, state="given", since=now)
        Delivery.objects.create(message_kind=KIND, message_id=email.pk, contact=contact, state="bounced")
    Job.objects.create(kind="event.move", state=Job.State.FAILED, ended_at=now)


@pytest.mark.parametrize("role", HOMES)
@pytest.mark.usefixtures("company")
def test_a_home_draws_what_there_is(
    client: Client, role: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(a_user(role))
    with django_assert_max_num_queries(25):
        answer = client.get("/")
    assert answer.status_code == 200
    assert b"stat-value" in answer.content


@pytest.mark.parametrize("role", HOMES)
@pytest.mark.usefixtures("company")
def test_a_home_leads_only_to_pages_its_reader_may_open(client: Client, role: str) -> None:
    client.force_login(a_user(role))
    links = set(re.findall(r'(?:href|hx-get)="(/[^"#]*)"', client.get("/").content.decode().split('id="main"')[1]))
    assert len(links) > 5
    wrong = {link: status for link in links if (status := client.get(link.replace("&amp;", "&")).status_code) != 200}
    assert wrong == {}


@pytest.mark.parametrize("role", HOMES)
def test_a_home_without_figures_says_what_will_stand_there(client: Client, role: str) -> None:
    a_contact()
    client.force_login(a_user(role))
    answer = client.get("/")
    assert answer.status_code == 200
    assert b"stat-value" in answer.content


@pytest.mark.parametrize("role", HOMES)
def test_an_empty_installation_teaches(client: Client, role: str) -> None:
    client.force_login(a_user(role))
    assert b"These steps bring the first lead" in client.get("/").content


@pytest.mark.parametrize("role", ["rep", "sdr"])
def test_sellers_start_on_today(client: Client, role: str) -> None:
    client.force_login(a_user(role))
    assert client.get("/").url == "/today/"


@pytest.mark.parametrize("figure", sorted(FIGURES))
@pytest.mark.usefixtures("company")
def test_the_records_behind_a_figure_are_for_those_who_may_see_such_records(
    client: Client, figure: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for role in HOMES:
        user = a_user(role)
        client.force_login(user)
        with django_assert_max_num_queries(20):
            answer = client.get(f"/home/behind/{figure}/")
        assert answer.status_code == (200 if FIGURES[figure].may_be_seen_by(user) else 404)


@pytest.mark.parametrize("part", ["channels", "direct-visits", "clean-contacts"])
@pytest.mark.usefixtures("company")
def test_a_part_that_comes_later_is_a_page_of_its_own_too(client: Client, part: str) -> None:
    client.force_login(a_user("administrator"))
    page = client.get(f"/home/{part}/")
    alone = client.get(f"/home/{part}/", headers={"HX-Request": "true"})
    assert b"<html" in page.content
    assert b"<html" not in alone.content
    assert alone.content.strip().startswith(b'<div class="home-later">')


@pytest.mark.usefixtures("company")
def test_a_figure_and_the_list_behind_it_count_the_same() -> None:
    user, now = a_user("administrator"), timezone.localtime()
    home = SalesHome(user, now)
    won, commit, forecast, _stalled = quarter_row(home).figures
    listed = {name: FIGURES[name].listed(user, now) for name in FIGURES}
    assert won.value == sum(deal.amount_minor for deal in listed["won_quarter"]) == 1500
    assert commit.value == sum(deal.amount_minor for deal in listed["commit"])
    assert forecast.value == sum(deal.amount_minor for deal in listed["forecast"]) == 1800
    leads, accepted, mailable = marketing.four_weeks_row(user, now).figures
    assert leads.value == listed["leads_28"].count() == 2
    assert accepted.value == listed["accepted_28"].count() == 1
    assert mailable.value == listed["mailable"].count() == 2
    found = upkeep.upkeep(user)
    assert found.same_phone == listed["same_phone"].count() == 2
    assert found.without_evidence == listed["without_evidence"].count() == 2
    assert home.week.bridge.adds_up


@pytest.mark.usefixtures("company")
def test_a_margin_is_of_what_is_known_and_says_how_much_is_not() -> None:
    figure = closed_row(SalesHome(a_user("administrator"), timezone.localtime())).figures[3]
    assert figure.value == pytest.approx((1000 - 50) / 1000)
    assert figure.note == "unknown for 1 deals"


def test_without_sales_the_share_won_and_the_margin_are_unknown() -> None:
    for figure in closed_row(SalesHome(a_user("administrator"), timezone.localtime())).figures:
        assert figure.value is None


@pytest.mark.usefixtures("company")
def test_leads_are_counted_by_the_month_they_were_created_in() -> None:
    now = timezone.now()
    a_lead(a_contact(), campaign_code="spring", now=now - timedelta(days=70))
    cohorts = Cohorts(now, months=4)
    funnel = cohorts.funnel()
    assert [cohort.leads for cohort in funnel][-1] == 2
    assert sum(cohort.leads for cohort in funnel) == 3
    assert (funnel[-1].ready, funnel[-1].accepted, funnel[-1].deals, funnel[-1].won) == (1, 1, 1, 1)
    assert funnel[-1].cost_minor == 1200
    assert funnel[-1].immature == {"ready", "accepted", "deals", "won"}
    spring = next(line for line in cohorts.by_campaign() if line.code == "spring")
    assert spring.name == "Spring"
    assert spring.total == (2, 0)


@pytest.mark.usefixtures("company")
def test_a_campaign_starts_below_zero_by_what_it_cost() -> None:
    found = payback(timezone.now())
    assert [curve.totals for curve in found.curves] == [[-1200]]
    assert found.series("USD") == [{"name": "Spring", "values": [-12.0]}]


@pytest.mark.usefixtures("company")
def test_refused_mail_is_counted_by_the_domain_it_went_to() -> None:
    providers = operations.providers(timezone.now())
    assert [(one.domain, one.tried, one.bounced) for one in providers] == [("customer.example", 2, 2)]


@pytest.mark.usefixtures("company")
def test_a_promise_that_was_broken_is_named() -> None:
    user, now = a_user("administrator"), timezone.now()
    assert breaches_by_owner(user, now) == []
    later = now + timedelta(days=20)
    (row,) = breaches_by_owner(user, later)
    assert (row["answered_late"], row["attempted_late"]) == (0, 1)
    assert operations.breaches(user, later).count() == 1


def test_channels_hold_visits_beside_the_leads_they_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    asked = [{"channel": "email", "visits": 50, "before": 25}, {"channel": "direct", "visits": 80, "before": 0}]
    monkeypatch.setattr(visits, "ask_recent", lambda name, **params: asked)
    for source, days in [("email", 1), ("email", 40), ("", 2), ("event", 3), ("email", 70)]:
        a_lead(a_contact(), source=source, now=now - timedelta(days=days))
    direct, email, fair, unknown = visits.channels(now)
    assert (direct.label, direct.visits, direct.leads, direct.share) == ("Direct", 80, 0, 0.0)
    assert (email.leads, email.leads_before, email.share, email.share_before) == (1, 1, 0.02, 0.04)
    assert (fair.label, fair.visits, fair.leads, fair.share) == ("Event", 0, 1, None)
    assert (unknown.key, unknown.leads) == ("", 1)
    total = visits.together([direct, email, fair, unknown])
    assert (total.visits, total.visits_before, total.leads, total.leads_before) == (130, 25, 3, 1)


def test_direct_visits_are_told_for_thirteen_months_quiet_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "ask_recent", lambda name, **params: [{"month": "2026-02", "visits": 7}])
    months = visits.direct_by_month(NOW)
    assert [f"{month:%Y-%m}" for month, _count in (months[0], months[-1])] == ["2025-03", "2026-03"]
    assert [count for _month, count in months] == [0] * 11 + [7, 0]


def test_two_of_one_name_at_one_company_may_be_one_person() -> None:
    company, user = a_company(), a_user("administrator")
    twins = [a_contact(first_name=name, last_name="Byron", company=company) for name in ("Ada", "ADA")]
    a_contact(first_name="Ada", last_name="Byron", company=a_company())
    a_contact(first_name="Ada", last_name="Byron")
    listed = FIGURES["same_name"].listed(user, timezone.now())
    assert set(listed) == set(twins)


def test_whom_we_may_mail_tells_who_came_and_who_left() -> None:
    now, topic = timezone.now(), ConsentTopic.objects.create(key="news", label="News")
    other = ConsentTopic.objects.create(key="offers", label="Offers")
    old, since = now - timedelta(days=90), now - timedelta(days=28)
    stays, came, left, keeps_one = (a_contact() for _ in range(4))
    Consent.objects.create(contact=stays, topic=topic, state="given", since=old)
    Consent.objects.create(contact=came, topic=topic, state="given", since=now)
    Consent.objects.create(contact=left, topic=topic, state="withdrawn", since=now)
    Consent.objects.create(contact=keeps_one, topic=topic, state="withdrawn", since=now)
    Consent.objects.create(contact=keeps_one, topic=other, state="given", since=old)
    figure = marketing.mailable_figure(since)
    assert (figure.value, figure.before, figure.note) == (3, 3, "1 came, 1 left")
