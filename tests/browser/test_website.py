"""Monday morning on the Website page, in a real browser: a line filters all, a tab shows more, a goal is set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.tracking.store import append
from baton.tracking.store.recent import forget_answers
from baton.tracking.store.tests.made import an_event
from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in
from tests.cast import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.fixture
def marketer(page: Any, live_server: Any, settings: Any, tmp_path: Any) -> Any:
    """A page on which a marketer is signed in, over a store of its own."""
    settings.BATON_HOME = tmp_path
    forget_answers()
    user = a_user("marketer")
    sign_in(page, live_server, user)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_line_filters_the_page_and_its_chip_takes_it_away(marketer: Any, live_server: Any, theme: str) -> None:
    then = timezone.now() - timedelta(hours=30)
    append([an_event(then, path="/first", referrer_host="google.com"), an_event(then, "v2", path="/second")])
    marketer.emulate_media(color_scheme=theme)
    marketer.goto(f"{live_server.url}/website/")
    marketer.wait_for_selector("#panel-read >> text=/second")
    marketer.wait_for_selector("#panel-where")
    assert grave_faults(marketer) == []
    marketer.click("#panel-came >> text=Organic search")
    marketer.wait_for_selector(".chip >> text=Organic search")
    marketer.wait_for_selector("#panel-read >> text=/first")
    assert marketer.locator("#panel-read >> text=/second").count() == 0
    marketer.click("#panel-came nav >> text=Source")
    marketer.wait_for_selector("#panel-came >> text=google.com")
    assert grave_faults(marketer) == []
    marketer.click(".chip")
    marketer.wait_for_selector("#panel-read >> text=/second")


def test_a_goal_is_set_and_counted(marketer: Any, live_server: Any) -> None:
    then = timezone.now() - timedelta(hours=30)
    append([an_event(then, path="/"), an_event(then + timedelta(minutes=1), path="/thanks"), an_event(then, "v2")])
    marketer.goto(f"{live_server.url}/website/goals/")
    marketer.fill("[name=name]", "Said thanks")
    marketer.select_option("[name=kind]", "page")
    marketer.fill("[name=match]", "/thanks")
    marketer.fill("[name=worth]", "20")
    marketer.click("text=Add the goal")
    marketer.wait_for_selector("td >> text=/thanks")
    assert grave_faults(marketer) == []
    marketer.goto(f"{live_server.url}/website/")
    row = marketer.wait_for_selector("tr:has-text('Said thanks')").inner_text()
    assert "50.0%" in row
    assert "20.00" in row


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_channel_of_ones_own_is_made_previewed_and_saved_by_keyboard(
    marketer: Any, live_server: Any, theme: str
) -> None:
    then = timezone.now() - timedelta(hours=30)
    append([an_event(then, referrer_host="partner.example"), an_event(then, "v2")])
    marketer.emulate_media(color_scheme=theme)
    marketer.goto(f"{live_server.url}/website/channels/")
    assert grave_faults(marketer) == []
    marketer.click("text=Change the rules")
    marketer.focus("button[value=add]")
    marketer.keyboard.press("Enter")
    rule = marketer.wait_for_selector(".channel-rules > li.is-moved")
    rule.query_selector("select[name^=field-]").select_option("referrer")
    rule.query_selector("input[name^=values-]").fill("partner.example")
    rule.query_selector("input[name^=name-]").fill("Partners")
    marketer.click("button[value^='down:own-']")
    moved = marketer.wait_for_selector(".channel-rules > li.is-moved >> text=Partners")
    assert moved is not None
    assert "own-" in marketer.evaluate("document.activeElement.value")
    marketer.keyboard.press("Enter")
    marketer.wait_for_selector(".channel-rules > li.is-moved:first-child")
    assert "1 of 2 visits of the last 30 days" in marketer.inner_text("#result")
    assert grave_faults(marketer) == []
    marketer.click("text=Save as the newest version")
    marketer.wait_for_selector("tr:has-text('holds') >> text=1")
    marketer.goto(f"{live_server.url}/website/")
    marketer.wait_for_selector("#panel-came >> text=Partners")


def test_a_look_becomes_a_view_that_opens_first(marketer: Any, live_server: Any) -> None:
    append([an_event(timezone.now() - timedelta(hours=30), device="phone")])
    marketer.goto(f"{live_server.url}/website/?device=phone")
    marketer.click("summary:has-text('View')")
    marketer.fill("#new-view-name", "Phones")
    marketer.click("text=Save view")
    marketer.wait_for_selector(".tabs [aria-current=page] >> text=Phones")
    assert grave_faults(marketer) == []
    marketer.goto(f"{live_server.url}/website/views/")
    assert grave_faults(marketer) == []
    marketer.click("text=Open with it")
    marketer.wait_for_selector("text=opens first")
    marketer.goto(f"{live_server.url}/website/")
    marketer.wait_for_selector(".tabs [aria-current=page] >> text=Phones")
