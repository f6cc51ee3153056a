"""What the large mail programs do not draw, as a table: one row for each way of writing a mail.

Read from the test results of caniemail.com for Gmail (web, iOS, Android), Outlook (Windows) and Apple Mail (macOS and
iOS), 2026-11; each row's `source` is a page there. `harm` is lost where a reader misses something, plainer where it
only looks less fine: the first is worth a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.marketing.preflight.page import Page

LOST, PLAINER = "lost", "plainer"
GMAIL, OUTLOOK, APPLE = "Gmail", "Outlook (Windows)", "Apple Mail"
EVERYWHERE = (GMAIL, OUTLOOK, APPLE)


@dataclass(frozen=True)
class Feature:
    """One way of writing: how it is recognised, who does not draw it, what happens then."""

    name: str
    is_used: Callable[[Page], bool]
    missing_in: tuple[str, ...]
    harm: str
    instead: str | Promise
    source: str


def _tag(*names: str) -> Callable[[Page], bool]:
    return lambda page: any(page.tags[name] for name in names)


def _style(pattern: str) -> Callable[[Page], bool]:
    found = re.compile(rf"(?<![-\w]){pattern}", re.IGNORECASE)
    return lambda page: any(found.search(style) for style in page.styles)


def _picture(pattern: str) -> Callable[[Page], bool]:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda page: any(found.search(picture.src) for picture in page.pictures)


def _has_bare_background(page: Page) -> bool:
    return not page.has_drawn_background and _style(r"background(-image)?\s*:[^;]*url\(")(page)


FEATURES = [
    Feature("<script>", _tag("script"), EVERYWHERE, LOST, _("Leave it out: no mail program runs scripts."),
            "https://www.caniemail.com/features/html-script/"),
    Feature("<iframe>, <object>, <embed>", _tag("iframe", "object", "embed"), EVERYWHERE, LOST,
            _("Show a picture that leads to the page."), "https://www.caniemail.com/features/html-object/"),
    Feature("<form>", _tag("form", "input", "select", "textarea"), (OUTLOOK,), LOST,
            _("Lead to a form by a button; Gmail on iOS does not send one either."),
            "https://www.caniemail.com/features/html-form/"),
    Feature("<video>", _tag("video"), (GMAIL, OUTLOOK), LOST, _("Show a picture that leads to the film."),
            "https://www.caniemail.com/features/html-video/"),
    Feature("<audio>", _tag("audio"), (GMAIL, OUTLOOK), LOST, _("Show a picture that leads to the recording."),
            "https://www.caniemail.com/features/html-audio/"),
    Feature("<svg>", _tag("svg"), (GMAIL, OUTLOOK), LOST, _("Use a PNG."),
            "https://www.caniemail.com/features/html-svg/"),
    Feature("SVG", _picture(r"\.svg([?#]|$)"), (GMAIL, OUTLOOK), LOST, _("Use a PNG."),
            "https://www.caniemail.com/features/image-svg/"),
    Feature("WebP", _picture(r"\.webp([?#]|$)"), (OUTLOOK,), LOST, _("Use a JPEG or PNG."),
            "https://www.caniemail.com/features/image-webp/"),
    Feature("data:", _picture(r"^data:"), (GMAIL, OUTLOOK), LOST, _("Put the picture on the web and name its address."),
            "https://www.caniemail.com/features/image-base64/"),
    Feature("position", _style(r"position\s*:\s*(absolute|relative|fixed|sticky)"), (GMAIL, OUTLOOK), LOST,
            _("Put one thing below the other, or use columns."), "https://www.caniemail.com/features/css-position/"),
    Feature("display: grid", _style(r"display\s*:\s*(inline-)?grid"), (GMAIL, OUTLOOK), LOST, _("Use columns."),
            "https://www.caniemail.com/features/css-display-grid/"),
    Feature("display: flex", _style(r"display\s*:\s*(inline-)?flex"), (OUTLOOK,), LOST, _("Use columns."),
            "https://www.caniemail.com/features/css-display-flex/"),
    Feature("background-image", _has_bare_background, (OUTLOOK,), LOST,
            _("Use the background of a section, which is drawn for Outlook too, and a colour beneath it."),
            "https://www.caniemail.com/features/css-background-image/"),
    Feature("var()", _style(r"[\w-]+\s*:[^;]*var\(\s*--"), (GMAIL, OUTLOOK), LOST, _("Write the value itself."),
            "https://www.caniemail.com/features/css-variables/"),
    Feature("@font-face, @import", _style(r"@(font-face|import)"), (GMAIL, OUTLOOK), PLAINER,
            _("They show the next font of the list: name one that every machine has."),
            "https://www.caniemail.com/features/css-at-font-face/"),
    Feature("animation", _style(r"animation(-name)?\s*:"), (GMAIL, OUTLOOK), PLAINER, _("It stands still there."),
            "https://www.caniemail.com/features/css-animation/"),
]  # fmt: skip


def used(page: Page) -> list[Feature]:
    """What of the table stands in a mail."""
    return [feature for feature in FEATURES if feature.is_used(page)]
