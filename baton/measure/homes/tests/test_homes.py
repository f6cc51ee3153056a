"""Every role's home draws with and without anything to count, and asks few questions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from baton.handoff.assignments.jobs import consider
from baton.platform.accounts.roles import ROLES
from baton.sales.quotas.models import Quota
from tests.cast import a_contact, a_deal, a_lead, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"rep", "sdr"}))
def test_a_home_draws_what_there_is(
    client: Client, role: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rep = a_user("rep")
    a_user("sdr")
    a_lead(a_contact(), source="email", now=timezone.now())
    consider(a_contact(fit_score=90, engagement_score=90).pk)
    for number in range(12):
        a_deal(owner=rep, state="won", closed_at=timezone.now(), amount_minor=number * 100)
    Quota.objects.create(
        user=rep, period="month", starts_on=timezone.localdate().replace(day=1), amount_minor=9000, currency="USD"
    )
    client.force_login(a_user(role))
    with django_assert_max_num_queries(25):
        answer = client.get("/")
    assert answer.status_code == 200
    assert b"stat-value" in answer.content


@pytest.mark.parametrize("role", ["rep", "sdr"])
def test_sellers_start_on_today(client: Client, role: str) -> None:
    client.force_login(a_user(role))
    assert client.get("/").url == "/today/"
