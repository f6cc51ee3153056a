"""The demo company is what the README promises, and with it every place of the navigation keeps to its queries."""

from __future__ import annotations

import pytest
from django.db import connections
from django.db.models import Count
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.handoff.assignments.models import Handoff
from baton.marketing.campaigns.models import Campaign
from baton.marketing.email.models import Broadcast
from baton.marketing.lists.reads import overview
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ROLES
from baton.sales.deals.models import Deal
from baton.sales.orders.models import Order
from baton.sales.products.models import Product
from baton.sales.quotas.models import Quota
from baton.sales.quotes.models import Quote
from baton.sales.tasks.models import Task
from baton.tracking.store.health import counted_events
from baton.tracking.website.reads import look_at, not_found
from baton.web.demo.fill import fill
from baton.web.shell.navigation import places_of

QUERY_BUDGET = 25


@pytest.mark.slow
@pytest.mark.own_sqlite
@pytest.mark.django_db(databases=["default", "events"], transaction=True)
def test_a_year_of_the_demo_company(tmp_path, settings) -> None:
    settings.BATON_HOME = tmp_path
    now = timezone.now()
    fill(now=now, say=lambda line: None)
    assert told() == {
        "companies": 800,
        "contacts": 5_000,
        "campaigns": 12,
        "leads from marketing": 900,
        "leads from sales": 200,
        "handed over": 250,
        "accepted": 215,
        "deals from marketing": 90,
        "events": "about 100,000",
        "unknown source": "a tenth to a fifth",
        "products without cost": 1,
        "contact lists": 3,
        "addresses not found": 7,
    }
    assert {"won", "lost", "open"} == set(Deal.objects.values_list("state", flat=True))
    assert Deal.objects.filter(state="open", expected_close_on__lt=now.date()).exists(), "no close date slipped"
    for what in (Quote, Order, Quota, Task, Broadcast):
        assert what.objects.exists(), what
    assert Handoff.objects.filter(state="assigned", accept_by__gt=now).count() == 4, "no clock runs today"
    assert pages_over_budget() == []


def told() -> dict[str, object]:
    """The company's counts; what is said in words is said by its bounds."""
    leads = dict(Lead.objects.values_list("origin").annotate(n=Count("pk")))
    inbound = leads.pop("inbound")
    unknown = Lead.objects.filter(origin="inbound", source="").count() / inbound
    events = sum(counted_events().values())
    return {
        "companies": Company.objects.count(),
        "contacts": Contact.objects.count(),
        "campaigns": Campaign.objects.count(),
        "leads from marketing": inbound,
        "leads from sales": sum(leads.values()),
        "handed over": Handoff.objects.count(),
        "accepted": Handoff.objects.filter(state="accepted").count(),
        "deals from marketing": Deal.objects.filter(lead__origin="inbound").count(),
        "events": "about 100,000" if 95_000 < events < 110_000 else events,
        "unknown source": "a tenth to a fifth" if 0.1 <= unknown <= 0.2 else unknown,
        "products without cost": Product.objects.filter(cost_micros=None).count(),
        "contact lists": len([line for line in overview() if line.members]),
        "addresses not found": len(not_found(look_at(QueryDict("period=year")), timezone.now(), most=100, sources=9)),
    }


def pages_over_budget() -> list[tuple[str, str, int, int]]:
    """(role, address, status, queries) of every place that fails or asks too much."""
    wrong = []
    for role in ROLES:
        user = User.objects.filter(role=role).first()
        client = Client()
        client.force_login(user)
        for place in places_of(user):
            with (
                CaptureQueriesContext(connections["default"]) as main,
                CaptureQueriesContext(connections["events"]) as events,
            ):
                status = client.get(place.href, follow=True).status_code
            asked = len(main) + len(events)
            if status != 200 or asked >= QUERY_BUDGET:
                wrong.append((role, place.href, status, asked))
    return wrong
