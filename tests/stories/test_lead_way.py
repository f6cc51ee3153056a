"""One lead's way through every side, by real pages and jobs: visit, form, scores, handoff, deal, won, credit."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from baton.handoff.assignments.models import Handoff
from baton.marketing.campaigns.models import Campaign
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.measure.attribution.models import Credit
from baton.people.contacts.models import Contact
from baton.platform import jobs
from baton.sales.deals.models import Deal
from baton.tracking.collect.reading import new_id
from baton.tracking.store import Event, append
from baton.tracking.store.append import to_micros
from baton.tracking.store.projector import project
from tests.cast import a_company, a_pipeline, a_user

CAME = "utm_source=google&utm_medium=cpc&utm_campaign=spring"

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


def visit(path: str, **came: str) -> None:
    """A page view in the durable tail, as the beacon leaves it there."""
    at = to_micros(timezone.now())
    append([Event(id=new_id(), at=at, name="pageview", host="site.example", path=path, visitor="v1", **came)])


def settle() -> None:
    """Let the workers do everything that is due."""
    project(now=timezone.now())
    while jobs.run_due():
        project(now=timezone.now())


def test_a_visit_becomes_a_won_deal_and_credit_for_its_campaign(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baton.marketing.forms.public.HUMAN_SECONDS", 0)
    a_pipeline()
    sdr = a_user("sdr")
    a_company("Engine Ltd", domain="engine.example", employees=300)
    Campaign.objects.create(
        name="Spring", code="spring", objective="demand", starts_on=timezone.localdate(), currency="USD"
    )
    values = {"name": "Guide", "slug": "guide", "title": "Guide", "fields": [*DEFAULT_FIELDS,
              {"name": "job_title", "label": "Job", "kind": "text", "required": False}]}  # fmt: skip
    save_form(Form(), values, actor=None, now=timezone.now())

    visit("/", source="google", medium="cpc", campaign="spring")
    visit("/pricing")
    key = re.search(r'name="page_key" value="([^"]+)"', client.get("/f/guide/").content.decode())[1]
    client.post("/f/guide/", {"page_key": key, "last_name": "Lovelace", "email": "ada@engine.example", "visitor": "v1",
                              "job_title": "Head of Operations",
                              "page": f"https://site.example/guide?{CAME}"})  # fmt: skip
    settle()
    contact = Contact.objects.get()
    Contact.objects.filter(pk=contact.pk).update(seniority="head")
    visit("/pricing")
    settle()

    handoff = Handoff.objects.get()
    assert handoff.owner == sdr
    assert any("pricing" in reason["text"] for reason in handoff.evidence["engagement"]["reasons"])
    client.force_login(sdr)
    assert client.post(f"/new-leads/{handoff.pk}/accept/").status_code == 302
    assert client.post(f"/leads/{handoff.lead_id}/move/", {"status": "qualified"}).status_code == 302
    settle()

    deal = Deal.objects.get()
    assert deal.campaign_code == "spring"
    Deal.objects.filter(pk=deal.pk).update(amount_minor=100_00)
    deal.refresh_from_db()
    client.post(f"/deals/{deal.pk}/win/", {"revision": deal.revision})
    settle()
    contact.refresh_from_db()
    assert contact.lifecycle == "customer"
    for method in ("first", "last", "linear"):
        credit = Credit.objects.filter(method=method)
        assert sum(row.amount_minor for row in credit) == 100_00
        assert {row.campaign_code for row in credit} == {"spring"}
