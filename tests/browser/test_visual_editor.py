"""A marketer writes a mail on the canvas, saves it, and looks at what the server makes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from baton.marketing.email import mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from tests.cast import PASSWORD, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


def test_a_mail_is_written_on_the_canvas_saved_and_looked_at(page: Any, live_server: Any) -> None:
    draft = an_email(1)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    user = a_user("marketer")
    user.set_password(PASSWORD)
    user.save()
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{live_server.url}/emails/{draft.pk}/visual/")
    page.wait_for_selector("body[data-ready]")
    canvas = page.frame_locator("iframe.gjs-frame")
    canvas.get_by_text("One thing worth knowing").dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("Our new probe:")
    page.select_option(".field-menu", index=1)
    page.locator(".gjs-block", has_text="For a segment").click()
    page.locator("[data-traits] select").first.select_option(index=1)
    page.fill("[name=preheader]", "Measured in the field")
    with page.expect_response(re.compile("/visual/save/")) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.status == 200
    saved = Broadcast.objects.get(pk=draft.pk)
    assert "shown-to" in saved.mjml
    assert saved.preheader == "Measured in the field"
    assert "Our new probe:there" in mailing.Example(saved).html
    page.click("[data-view=preview]")
    shown = page.frame_locator("[data-preview-frame]")
    shown.get_by_text("Our new probe:there").wait_for()
    shown.get_by_text("Unsubscribe").wait_for()
    assert faults == []
