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
from tests.browser.pages import sign_in
from tests.cast import a_product, a_user

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
    sign_in(page, live_server, marketer)
    page.goto(f"{live_server.url}/emails/{draft.pk}/visual/")
    page.wait_for_selector("body[data-ready]")
    return page.frame_locator("iframe.gjs-frame")


def saved(page: Any, draft: Broadcast) -> Broadcast:
    """The draft after Ctrl-S."""
    with page.expect_response(re.compile("/visual/save/")) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.status == 200
    return Broadcast.objects.get(pk=draft.pk)


def drop(page: Any, place: Any) -> None:
    """Drag the block of a product to the upper edge of something on the canvas, in steps as a hand does."""
    block, to = page.locator(".gjs-block", has_text="Product").bounding_box(), place.bounding_box()
    page.mouse.move(block["x"] + 20, block["y"] + 20)
    page.mouse.down()
    page.mouse.move(block["x"] + 60, block["y"] + 20, steps=4)
    page.mouse.move(to["x"] + 50, to["y"] - 30, steps=8)
    page.mouse.move(to["x"] + 55, to["y"] - 32, steps=4)
    page.locator(".gjs-placeholder:visible").wait_for()  # it says where the block would go
    page.mouse.up()


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


def test_a_product_is_put_onto_the_canvas_by_keyboard_and_is_text_from_then_on(page: Any, live_server: Any) -> None:
    a_product("Sensor")
    a_product(
        "Gateway <4> {{ now }}", description="Two & two\nmore\n\nSecond", currency="EUR", price_micros=640_000_000
    )
    draft = an_email(1)
    canvas = opened(page, live_server, draft)
    page.locator(".gjs-block", has_text="Product").focus()
    page.keyboard.press("Enter")
    page.locator("[data-product]").nth(1).wait_for()
    page.keyboard.type("gate")
    page.locator("[data-product]").nth(1).wait_for(state="detached")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    canvas.get_by_text("€640.00").dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("now 600")
    html = mailing.Example(saved(page, draft)).html
    for words in ("Gateway &lt;4&gt; { { now }}", "Two &amp; two<br", "<p>Second</p>", "now 600", 'href="https://"'):
        assert words in html
    assert "640" not in html
    assert html.index("Second") < html.index("nsubscribe")


def test_a_product_is_put_where_the_cursor_stands_in_the_source(page: Any, live_server: Any) -> None:
    a_product("Gateway")
    draft = an_email(1)
    opened(page, live_server, draft)
    page.click("[data-view=source]")
    area = page.locator("[data-source]")
    area.evaluate("area => { const at = area.value.indexOf('One thing'); area.setSelectionRange(at, at); }")
    before = area.input_value()
    page.click("[data-do=product]")
    page.locator("[data-product]").wait_for()
    page.keyboard.press("Escape")
    assert area.input_value() == before
    page.click("[data-do=product]")
    page.locator("[data-product]").click()
    made = area.input_value()
    column = made[made.rindex("<mj-column", 0, made.index("Gateway")) : made.index("Gateway")]
    assert "One thing worth knowing" in column, "it stands below the words of the cursor, in their column"
    assert "</mj-column>" not in column
    assert "Gateway" in mailing.Example(saved(page, draft)).html
    page.locator("[data-source]").press("Control+z")
    assert area.input_value() == before


def test_a_dropped_product_is_chosen_first_and_leaves_nothing_where_none_is(page: Any, live_server: Any) -> None:
    a_product("Gateway")
    draft = an_email(1)
    canvas = opened(page, live_server, draft)
    drop(page, canvas.get_by_text("One thing worth knowing"))
    page.locator("[data-product]").wait_for()
    page.keyboard.press("Escape")
    canvas.get_by_text("Product's name").wait_for(state="detached")
    drop(page, canvas.get_by_text("One thing worth knowing"))
    page.locator("[data-product]").click()
    canvas.get_by_text("Gateway").wait_for()


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
