"""The pages behind a mail's links on a phone, with scripts switched off; and what axe says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.preferences.confirming import confirm_address, give_or_ask
from baton.people.preferences.links import preferences_token, unsubscribe_token
from baton.people.preferences.models import Confirmation
from tests.browser.axe import grave_faults
from tests.cast import a_contact, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    """A small window in which no script runs."""
    context = chromium.new_context(viewport={"width": 375, "height": 740}, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def ada() -> Contact:
    """Agreed to the news and to being measured; product news waits for her confirmation."""
    contact, now = a_contact(), timezone.now()
    kinds = {"news": {}, "product": {"needs_confirmation": True}, "tracking": {"purpose": "tracking"}}
    for key, more in kinds.items():
        topic = ConsentTopic.objects.create(key=key, label=key.title(), explanation="Once a month.", **more)
        give_or_ask(contact, topic, evidence=Evidence(how="form guide v1", wording="Yes, write to me."), now=now)
    return contact


def links(contact: Contact) -> dict[str, str]:
    news = ConsentTopic.objects.get(key="news")
    return {
        "confirm": "/confirm/" + confirm_address(Confirmation.objects.get()).rpartition("/")[2],
        "choose": f"/p/{preferences_token(contact.pk)}",
        "leave": f"/u/{unsubscribe_token(contact.pk, news.pk, 0)}",
    }


def states(contact: Contact) -> dict[str, str]:
    return dict(Consent.objects.filter(contact=contact).values_list("topic__key", "state"))


def test_a_person_confirms_chooses_objects_and_takes_it_back(phone: Any, live_server: Any, ada: Contact) -> None:
    at = links(ada)
    phone.goto(live_server.url + at["confirm"])
    phone.click("main button")
    phone.wait_for_selector("h1 >> text=Confirmed")
    phone.click("text=Choose what else")
    phone.uncheck("label:has-text('News') >> nth=0")
    phone.click("text=Save my choice")
    phone.wait_for_selector("text=No more comes about")
    assert states(ada) == {"news": "withdrawn", "product": "given", "tracking": "given"}
    phone.click("text=Undo")
    phone.wait_for_selector("text=Put back as it was")
    phone.click("text=I object")
    phone.wait_for_selector("text=make no profile of you")
    assert set(states(ada).values()) == {"withdrawn"}
    phone.click("text=Undo")
    phone.wait_for_selector("text=Put back as it was")
    assert set(states(ada).values()) == {"given"}
    phone.goto(live_server.url + at["leave"])
    phone.click("main button")
    phone.wait_for_selector("h1 >> text=You are unsubscribed")
    assert states(ada)["news"] == "withdrawn"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_grave_fault(page: Any, live_server: Any, ada: Contact, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        for path in links(ada).values():
            page.goto(live_server.url + path)
            assert grave_faults(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_administrators_pages_have_no_grave_fault(
    page: Any, live_server: Any, client: Any, ada: Contact, theme
) -> None:
    page.emulate_media(color_scheme=theme)
    client.force_login(boss := a_user("administrator"))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    give_consent(
        ada, ConsentTopic.objects.get(key="news"), evidence=Evidence(how="phone"), now=timezone.now(), actor=boss
    )
    topic = ConsentTopic.objects.get(key="news")
    for path in ("/topics/", "/topics/new/", f"/topics/{topic.pk}/", f"/contacts/{ada.pk}/"):
        page.goto(live_server.url + path)
        for _depth in range(3):
            page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        assert grave_faults(page) == [], path
