"""The frame in a real browser: signing in, keys, palette, selection, theme, and what axe says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in, visit
from tests.cast import PASSWORD, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.fixture
def signed_in(page: Any, live_server: Any, settings: Any) -> Any:
    settings.DEBUG = True  # for the style guide
    sign_in(page, live_server, a_user("administrator", name="Ada Lovelace"))
    return page


def go(page: Any, live_server: Any, path: str) -> None:
    visit(page, f"{live_server.url}{path}")


def test_one_signs_in_by_address_and_password(page: Any, live_server: Any) -> None:
    user = a_user("administrator", name="Ada Lovelace")
    user.set_password(PASSWORD)
    user.save()
    page.goto(f"{live_server.url}/accounts/login/")
    assert grave_faults(page) == []
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector(".side")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("side", ["marketing", "sales"])
def test_style_guide_has_no_grave_fault(signed_in: Any, live_server: Any, theme: str, side: str) -> None:
    signed_in.emulate_media(color_scheme=theme)
    go(signed_in, live_server, f"/styleguide/?side={side}")
    assert signed_in.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert grave_faults(signed_in) == []


@pytest.mark.parametrize("path", ["/", "/settings/", "/settings/people/", "/operations/", "/me/", "/notifications/"])
def test_own_pages_have_no_grave_fault(signed_in: Any, live_server: Any, path: str) -> None:
    said: list[str] = []
    signed_in.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    signed_in.on("pageerror", lambda error: said.append(str(error)))
    go(signed_in, live_server, path)
    assert grave_faults(signed_in) == []
    assert said == []


def test_palette_leads_to_a_place_by_keys_alone(signed_in: Any, live_server: Any) -> None:
    go(signed_in, live_server, "/me/")
    signed_in.keyboard.press("Control+k")
    signed_in.keyboard.type("operat")
    signed_in.wait_for_selector("#palette [aria-selected=true]:has-text('Operations')")
    assert grave_faults(signed_in) == []
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/operations/")


def test_question_mark_shows_the_keys_and_g_jumps(signed_in: Any, live_server: Any) -> None:
    go(signed_in, live_server, "/me/")
    signed_in.keyboard.press("?")
    signed_in.wait_for_selector("#keys[open]")
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("o")
    signed_in.wait_for_url(f"{live_server.url}/")


def test_selecting_rows_raises_the_bar(signed_in: Any, live_server: Any) -> None:
    go(signed_in, live_server, "/styleguide/")
    boxes = signed_in.locator("[data-select]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert signed_in.inner_text("[data-bulk-count]") == "3"
    assert signed_in.locator(".bulk-bar.is-up").count() == 1


def test_chosen_theme_is_remembered_without_a_flash(signed_in: Any, live_server: Any) -> None:
    signed_in.emulate_media(color_scheme="light")
    go(signed_in, live_server, "/me/")
    signed_in.click("main [data-theme-next]")
    go(signed_in, live_server, "/operations/")
    assert signed_in.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_asking_first_sends_only_after_yes(signed_in: Any, live_server: Any) -> None:
    rep = a_user("rep")
    go(signed_in, live_server, "/settings/people/")
    row = signed_in.locator("tr", has_text=rep.email)
    row.get_by_role("button", name="Close account").click()
    signed_in.click("#confirm [data-close]")
    rep.refresh_from_db()
    assert rep.is_active
    row.get_by_role("button", name="Close account").click()
    signed_in.click("#confirm [data-agree]")
    signed_in.wait_for_selector("[data-toast]")
    rep.refresh_from_db()
    assert not rep.is_active
