"""A list in a real browser: keys, selecting, what axe says, and no page wider than a phone."""

from __future__ import annotations

from typing import Any

import pytest

from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in, visit
from tests.cast import a_company, a_contact, a_deal, a_lead, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]

LISTS = ["/contacts/", "/companies/", "/leads/", "/deals/list/"]


@pytest.fixture
def heir() -> User:
    return a_user(name="Grace Hopper")


@pytest.fixture
def contacts(page: Any, live_server: Any, heir: User) -> Any:
    boss = a_user("administrator", name="Ada Lovelace")
    for n in range(5):
        a_contact(owner=boss, last_name=f"Number {n}", company=a_company(owner=boss))
    a_lead(owner=boss), a_deal(owner=boss)
    sign_in(page, live_server, boss)
    visit(page, f"{live_server.url}/contacts/?sort=created")
    return page


def chosen(page: Any) -> int:
    return page.locator("[data-select]:checked").count()


def test_rows_are_walked_chosen_let_go_and_opened_by_keys(contacts: Any) -> None:
    for key in ("j", "x", "j", "j", "Shift+X"):
        contacts.keyboard.press(key)
    assert chosen(contacts) == 3
    assert contacts.locator("[data-bulk-bar].is-up").count() == 1
    contacts.keyboard.press("Escape")
    contacts.wait_for_selector("[data-bulk-bar]:not(.is-up)", state="attached")
    assert chosen(contacts) == 0
    contacts.keyboard.press("k")
    contacts.keyboard.press("Enter")
    contacts.wait_for_url("**/contacts/*/")
    assert "Number 1" in contacts.inner_text("h1")


def test_enter_on_a_ticked_box_opens_its_row_and_sends_nothing(contacts: Any) -> None:
    contacts.locator("[data-select]").nth(2).click()
    contacts.keyboard.press("Enter")
    contacts.wait_for_url("**/contacts/*/")
    assert "Number 2" in contacts.inner_text("h1")


def test_a_slash_goes_to_the_search_and_a_question_mark_shows_the_keys(contacts: Any) -> None:
    contacts.keyboard.press("/")
    assert contacts.evaluate("document.activeElement.name") == "q"
    contacts.evaluate("document.activeElement.blur()")
    contacts.keyboard.press("?")
    assert "let go of what is selected" in contacts.inner_text("#keys")


def test_the_chosen_rows_get_an_owner_and_undo_gives_them_back(contacts: Any, heir: User) -> None:
    contacts.locator("[data-select]").nth(0).click()
    contacts.locator("[data-select]").nth(3).click(modifiers=["Shift"])
    contacts.select_option("[name=to-owner]", str(heir.pk))
    contacts.click("[data-bulk-bar] button[value=owner]")
    contacts.wait_for_selector("text=4 contacts changed")
    assert Contact.objects.filter(owner=heir).count() == 4
    contacts.click("[data-toast] button:has-text('Undo')")
    contacts.wait_for_selector("text=As before: 4 contacts")
    assert not Contact.objects.filter(owner=heir).exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lists_have_no_grave_fault_even_with_a_menu_open(contacts: Any, live_server: Any, theme: str) -> None:
    contacts.emulate_media(color_scheme=theme)
    for path in [*LISTS, "/contacts/?q=nowhere&owner=me"]:
        visit(contacts, f"{live_server.url}{path}")
        assert grave_faults(contacts) == [], path
    contacts.goto(f"{live_server.url}/contacts/")
    for word in ("Newest first", "View", "Columns", "More"):
        contacts.click(f"main summary:has-text('{word}')")
        assert grave_faults(contacts) == [], word
        contacts.keyboard.press("Escape")


def test_no_list_is_wider_than_a_phone(contacts: Any, live_server: Any) -> None:
    contacts.set_viewport_size({"width": 375, "height": 780})
    for path in LISTS:
        contacts.goto(f"{live_server.url}{path}")
        for opened in (False, True):
            contacts.evaluate(
                f"document.querySelectorAll('main details').forEach((one) => {{ one.open = {str(opened).lower()}; }})"
            )
            wider = contacts.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, (path, opened)
