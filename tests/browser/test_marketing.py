"""Marketing's pages in a real browser: a rule built by clicks and counted at once, a form sent, and what axe says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.campaigns.models import Campaign
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form, FormSubmission
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.marketing.journeys.actions import save_journey, start
from baton.marketing.journeys.jobs import tend
from baton.marketing.journeys.models import Journey, JourneyRun
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.models import ContactList, Segment
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from tests.browser.axe import grave_faults
from tests.browser.pages import SETTLED, sign_in, visit
from tests.cast import a_contact, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]

RULE = {
    "all": [
        {"attribute": "country", "op": "in", "value": ["DE", "AT"]},
        {"any": [{"event": "pageview", "path": "/pricing", "at_least": 2, "days": 30},
                 {"attribute": "created_at", "op": "this", "value": "quarter"}]},
        {"none": [{"consent": "news", "state": "withdrawn"}, {"reached": "customer", "days": 90}]},
    ]
}  # fmt: skip


@pytest.fixture
def marketer(page: Any, live_server: Any) -> Any:
    user = a_user("marketer", name="Grace Hopper")
    for country in ("DE", "DE", "AT"):
        a_contact(country=country)
    sign_in(page, live_server, user)
    return page


def test_a_rule_is_built_by_clicks_and_counted_at_once(marketer: Any, live_server: Any) -> None:
    visit(marketer, f"{live_server.url}/segments/new/")
    marketer.select_option("#what-1", "attribute:country")
    marketer.wait_for_selector("#value-1")
    marketer.wait_for_selector(SETTLED)
    marketer.fill("#value-1", "de")
    marketer.press("#value-1", "Tab")
    marketer.wait_for_selector("#preview strong >> text='2'")
    marketer.click("#group-0")
    marketer.wait_for_selector("#what-3")
    marketer.wait_for_selector(SETTLED)
    marketer.select_option("#what-3", "attribute:lifecycle")
    marketer.wait_for_selector("#op-3")
    marketer.wait_for_selector(SETTLED)
    marketer.select_option("#op-3", "unknown")
    marketer.wait_for_selector("#preview strong >> text='0'")
    marketer.click("[aria-label='Remove row 2']")
    marketer.wait_for_selector("#preview strong >> text='2'")
    assert marketer.locator("[name=row]").count() == 2
    marketer.fill("#f-name", "Germany")
    marketer.click("text=Save the segment")
    marketer.wait_for_selector("h1 >> text=Germany")
    assert Segment.objects.get().rule == {"all": [{"attribute": "country", "op": "is", "value": "de"}]}


def test_a_stranger_sends_a_form(page: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.marketing.forms.public.HUMAN_SECONDS", 0)
    the_form()
    page.goto(f"{live_server.url}/f/guide/?utm_source=google&utm_medium=cpc&utm_campaign=spring")
    assert grave_faults(page) == []
    page.fill("[name=last_name]", "Lovelace")
    page.fill("[name=email]", "ada@engine.example")
    page.check("[name=consent]")
    page.click("main button.btn-primary")
    page.wait_for_selector("text=Thank you")
    source = FormSubmission.objects.get().source
    assert (source["channel"], source["campaign"]) == ("paid_search", "spring")
    assert "Chrome" in source["agent"]
    assert Contact.objects.get().consents.get().state == "given"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_grave_fault(marketer: Any, live_server: Any, theme: str) -> None:
    marketer.emulate_media(color_scheme=theme)
    form = the_form()
    campaign = Campaign.objects.create(
        name="Spring", code="spring", objective="demand", starts_on=timezone.localdate(), currency="EUR"
    )
    segment = save_segment(None, name="Awake", rule=RULE, actor=None, now=timezone.now())
    refresh(segment, now=timezone.now())
    who = Contact.objects.first().email
    about = {"segments": segment.pk, "campaigns": campaign.pk, "forms": form.pk}
    paths = [path for noun, pk in about.items() for path in (f"/{noun}/", f"/{noun}/{pk}/", f"/{noun}/{pk}/edit/")]
    paths += [f"/segments/{segment.pk}/?who={who}", f"/scoring/?who={who}"]
    journey = a_journey_under_way(segment)
    paths += [f"/journeys/{journey.pk}/{page}" for page in ("", "people/", "try/?everyone=1", f"try/?who={who}")]
    paths += [
        f"/journeys/{journey.pk}/steps/new/{asked}" for asked in ("", "?kind=wait", "?kind=await", "?kind=notify")
    ]
    paths += ["/journeys/", "/journeys/new/", JourneyRun.objects.first().get_absolute_url()]
    for path in [*paths, "/scoring/new/fit/", "/scoring/new/engagement/"]:
        visit(marketer, f"{live_server.url}{path}")
        assert grave_faults(marketer) == [], path


def a_journey_under_way(segment: Segment) -> Journey:
    """With a question and both its ways, and everyone in the segment waiting behind it."""
    put_on = {"id": "l1", "kind": "list", "list": ContactList.objects.create(name="Awake").pk, "is_off": False}
    wait = {"id": "w1", "kind": "wait", "amount": 2, "unit": "days", "at": "09:00", "workdays": True}
    steps = [{"id": "i1", "kind": "if", "rule": RULE, "yes": [put_on], "no": []}, wait]
    values = {"name": "Wake up", "segment": segment, "steps": steps, "takes_members": True}
    actor, now = User.objects.get(), timezone.now()
    journey = start(save_journey(Journey(), values, actor=actor, now=now), actor=actor, now=now)
    tend(journey, now=now + timedelta(seconds=1))
    return journey


def the_form() -> Form:
    topic = ConsentTopic.objects.create(key="news", label="News")
    size = {"name": "size", "label": "How many sensors?", "kind": "choice", "options": ["10", "100"]}
    values = {"name": "Guide", "slug": "guide", "title": "The guide", "fields": [*DEFAULT_FIELDS, size],
              "topic": topic, "consent_wording": "Yes, write to me."}  # fmt: skip
    return save_form(Form(), values, actor=None, now=timezone.now())
