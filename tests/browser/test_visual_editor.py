"""A marketer writes a mail on the canvas, saves it, and looks at what the server makes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from baton.marketing.email import mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.web.tests.pseudo import unwrapped, write_catalogue
from tests.cast import PASSWORD, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]

LANGUAGE = "eo"  # Django knows it, nobody ships it here
PARTS = (
    '<mj-wrapper><mj-section><mj-column><mj-text><p>Text</p><a href="x">link</a></mj-text><mj-image src="x"/>'
    '<mj-divider/><mj-button>Button</mj-button><mj-spacer/><mj-social><mj-social-element name="xing">x'
    "</mj-social-element></mj-social><mj-navbar><mj-navbar-link>x</mj-navbar-link></mj-navbar></mj-column></mj-section></mj-wrapper>"
    "<mj-section><mj-group><mj-column></mj-column></mj-group></mj-section><mj-hero></mj-hero>"
)
KINDS = (
    "mjml mj-body mj-wrapper mj-section mj-group mj-column mj-hero mj-text mj-image mj-divider mj-button mj-spacer "
    "mj-social mj-social-element mj-navbar mj-navbar-link link"
).split()
# What has one name in all languages: values that one types, units, fonts, networks.
NAMES = (
    "https desktop en rtl auto normal none medium black px em rem vw vh Arial Black Brush Script MT Comic Sans Courier "
    "New Georgia Helvetica Impact Lucida Unicode Tahoma Times Roman Trebuchet MS Verdana Facebook Twitter Google "
    "Instagram Youtube Pinterest Linkedin Snapchat Vimeo Tumblr Github SoundCloud Medium Dribbble Xing"
)


CHOOSE = """kind => {
  const one = batonEditor.getWrapper().findType(kind)[0];
  batonEditor.select(one);
  return one.getName();
}"""


def opened(page: Any, live_server: Any, draft: Broadcast, **user: str) -> Any:
    """The editor of a draft, as a marketer sees it; the frame of its canvas."""
    marketer = a_user("marketer", **user)
    marketer.set_password(PASSWORD)
    marketer.save()
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", marketer.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{live_server.url}/emails/{draft.pk}/visual/")
    page.wait_for_selector("body[data-ready]")
    return page.frame_locator("iframe.gjs-frame")


def saved(page: Any, draft: Broadcast) -> Broadcast:
    """The draft after Ctrl-S."""
    with page.expect_response(re.compile("/visual/save/")) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.status == 200
    return Broadcast.objects.get(pk=draft.pk)


def test_a_mail_is_written_on_the_canvas_saved_and_looked_at(page: Any, live_server: Any) -> None:
    draft = an_email(1)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    canvas = opened(page, live_server, draft)
    canvas.get_by_text("One thing worth knowing").dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("Our new probe:")
    page.select_option(".field-menu", index=1)
    page.locator(".gjs-block", has_text="For a segment").click()
    page.locator("[data-traits] select").first.select_option(index=1)
    page.fill("[name=preheader]", "Measured in the field")
    kept = saved(page, draft)
    assert "shown-to" in kept.mjml
    assert kept.preheader == "Measured in the field"
    assert "Our new probe:there" in mailing.Example(kept).html
    page.click("[data-view=preview]")
    shown = page.frame_locator("[data-preview-frame]")
    shown.get_by_text("Our new probe:there").wait_for()
    shown.get_by_text("Unsubscribe").wait_for()
    assert faults == []


def test_the_canvas_speaks_the_language_of_who_writes(
    page: Any, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    write_catalogue(tmp_path, LANGUAGE)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (LANGUAGE, "Brackets")]
    canvas = opened(page, live_server, an_email(1), locale=LANGUAGE)
    page.evaluate("parts => { batonEditor.getWrapper().findType('mj-body')[0].append(parts); }", PARTS)
    names = ("everyone", *NAMES.split())
    left = []
    for kind in KINDS:
        name = page.evaluate(CHOOSE, kind)
        seen = f"<p>{name}</p>" + page.inner_html(".visual-side") + page.inner_html(".gjs-toolbar")
        left += [(kind, words) for words in unwrapped(seen, language=LANGUAGE, names=names)]
    canvas.get_by_text("One thing worth knowing").dblclick()
    left += unwrapped(page.inner_html(".gjs-rte-toolbar"), language=LANGUAGE, names=names)
    left += unwrapped(page.inner_html(".visual-blocks"), language=LANGUAGE, names=names)
    assert left == []
