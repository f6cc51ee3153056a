"""Without a connection an email's editor says so, keeps what was typed, and saves once it is back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.tests.yard import wait_for
from tests.browser.pages import sign_in
from tests.cast import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]
KEPT = "Object.entries(localStorage).filter(([key]) => key.startsWith('baton-email-')).map(([, kept]) => kept).join()"
SAVE = re.compile("/visual/save/")


@pytest.fixture
def writer(page: Any, live_server: Any) -> Any:
    user = a_user("marketer")
    sign_in(page, live_server, user)
    return page


def opened(page: Any, live_server: Any, draft: Broadcast) -> Any:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{live_server.url}/emails/{draft.pk}/visual/")
    page.wait_for_selector("body[data-ready]")
    return page


def written(page: Any, subject: str) -> None:
    """Typed, and kept by the browser."""
    page.fill("[name=subject]", subject)
    assert wait_for(lambda: subject in page.evaluate(KEPT))


def test_what_is_written_without_a_connection_is_saved_when_it_is_back(writer: Any, live_server: Any) -> None:
    draft = an_email(1)
    opened(writer, live_server, draft)
    writer.context.set_offline(True)
    writer.fill("[name=subject]", "Written in a tunnel")
    writer.keyboard.press("Control+s")
    writer.wait_for_selector("[data-note] >> text=There is no connection")
    assert "Written in a tunnel" in writer.evaluate(KEPT)
    writer.fill("[name=preheader]", "And after it")
    with writer.expect_response(SAVE) as answer:
        writer.context.set_offline(False)
    assert answer.value.status == 200
    writer.wait_for_selector("[data-note]", state="hidden")
    draft.refresh_from_db()
    assert (draft.subject, draft.preheader) == ("Written in a tunnel", "And after it")
    assert writer.evaluate(KEPT) == ""


def test_a_reload_offers_what_was_not_saved_until_somebody_decides(writer: Any, live_server: Any) -> None:
    draft = an_email(1)
    opened(writer, live_server, draft)
    written(writer, "Not saved yet")
    for _reload in range(2):
        writer.reload()
        writer.wait_for_selector("[data-note] >> text=This browser kept words")
    Broadcast.objects.filter(pk=draft.pk).update(revision=draft.revision + 1, subject="Another wrote meanwhile")
    writer.click("text=Use them")
    assert writer.input_value("[name=subject]") == "Not saved yet"
    with writer.expect_response(SAVE) as answer:
        writer.keyboard.press("Control+s")
    assert answer.value.status == 409, "what another saved meanwhile is not written over unseen"
    writer.reload()
    writer.click("text=Drop them")
    writer.wait_for_selector("[data-note]", state="hidden")
    assert writer.evaluate(KEPT) == ""
    assert writer.input_value("[name=subject]") == "Another wrote meanwhile"


def test_of_two_tabs_neither_takes_the_others_words_away(writer: Any, live_server: Any) -> None:
    draft = an_email(1)
    first = opened(writer, live_server, draft)
    second = opened(writer.context.new_page(), live_server, draft)
    written(first, "From the first tab")
    written(second, "From the second tab")
    with second.expect_response(SAVE) as answer:
        second.keyboard.press("Control+s")
    assert answer.value.status == 200
    assert wait_for(lambda: "second" not in second.evaluate(KEPT))
    assert "From the first tab" in first.evaluate(KEPT)
    with first.expect_response(SAVE) as answer:
        first.keyboard.press("Control+s")
    assert answer.value.status == 409
    first.wait_for_selector("[data-note] a")  # the page has taken the answer in; until then it saves nothing more
    with first.expect_response(SAVE) as answer:
        first.keyboard.press("Control+s")
    assert answer.value.status == 200
    assert first.input_value("[name=subject]") == "From the first tab"
    draft.refresh_from_db()
    assert draft.subject == "From the first tab"
