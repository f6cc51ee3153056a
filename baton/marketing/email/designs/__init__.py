"""The templates one can fill in. Each is a file of MJML beside this one and a list of its fields here.

In the file `[[name]]` stands for a field, `[[#name]]...[[/name]]` for what is left out when the field is empty, and
`[[footer]]` for the part the law asks for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    `kind`: text, area (paragraphs), words (for who sees no picture), url or image (both an address).
    """

    name: str
    label: str | Promise
    kind: str = "text"
    default: str = ""


@dataclass(frozen=True)
class Design:
    """One template: its key is the file's name."""

    key: str
    label: str | Promise
    purpose: str | Promise
    fields: list[Field]


_PICTURE = [
    Field("image", _("Address of a picture"), "image"),
    Field("picture_words", _("What the picture shows"), "words"),
]
_BUTTON = [
    Field("button", _("Button"), default="Read more"),
    Field("link", _("Where the button leads"), "url", "https://example.com/"),
]
_HELLO = 'Hello {{ contact.first_name | default: "there" }},'

DESIGNS = {
    design.key: design
    for design in [
        Design(
            "announcement",
            _("Announcement"),
            _("One thing to say, one button."),
            [
                Field("headline", _("Headline"), default="One thing worth knowing"),
                Field(
                    "text",
                    _("Text"),
                    "area",
                    f"{_HELLO}\n\nSay in two or three sentences what is new and why it matters.",
                ),
                *_PICTURE,
                Field("button", _("Button"), default="Read more"),
                Field("link", _("Where the button leads"), "url", "https://example.com/"),
                Field("closing", _("Closing"), "area", "Just answer this mail if you have a question."),
            ],
        ),
        Design(
            "newsletter",
            _("Newsletter"),
            _("Three short pieces, each with a link."),
            [
                Field("headline", _("Headline"), default="What we learned this month"),
                Field("text", _("Opening"), "area", f"{_HELLO}\n\nthree things that our customers found useful."),
                *[
                    field
                    for n in (1, 2, 3)
                    for field in [
                        Field(f"title{n}", _("Title of a piece"), default="A short title"),
                        Field(f"text{n}", _("Text of the piece"), "area", "What it is about, in a sentence or two."),
                        Field(f"link{n}", _("Link of the piece"), "url", "https://example.com/"),
                    ]
                ],
                Field("closing", _("Closing"), "area", "Until next month."),
            ],
        ),
        Design(
            "offer",
            _("Seasonal offer"),
            _("A product with its price, what speaks for it, one button."),
            [
                Field("headline", _("Headline"), default="Made for what you do"),
                Field("text", _("Text"), "area", f"{_HELLO}\n\nwhat it does for you, in one paragraph."),
                *_PICTURE,
                Field("product", _("Product"), default="The product"),
                Field("price", _("Price"), default="from 490 a year"),
                Field("point1", _("First point"), default="The first thing that speaks for it"),
                Field("point2", _("Second point"), default="The second"),
                Field("point3", _("Third point"), default="The third"),
                Field("button", _("Button"), default="See it"),
                Field("link", _("Where the button leads"), "url", "https://example.com/"),
                Field("until", _("Small print"), default="The offer is open until the end of the month."),
            ],
        ),
        Design(
            "event",
            _("Event invitation"),
            _("Day and place at a glance, reasons to come, one button."),
            [
                Field("kind", _("What it is"), default="Invitation"),
                Field("headline", _("Headline"), default="An afternoon with people who do what you do"),
                Field("day", _("Day and hour"), default="Thursday, 12 March, 14:00"),
                Field("place", _("Place"), default="Our house, and online"),
                *_PICTURE,
                Field(
                    "text", _("Text"), "area", f"{_HELLO}\n\nwhat the day is about, and for whom it is worth coming."
                ),
                Field("point1", _("First point"), default="Somebody tells what went wrong, and what helped"),
                Field("point2", _("Second point"), default="Time for your own questions"),
                Field("point3", _("Third point"), default="No slides after four"),
                *_BUTTON,
                Field("closing", _("Closing"), "area", "Places are few; a word is enough if you cannot come."),
            ],
        ),
        Design(
            "welcome",
            _("Welcome"),
            _("A greeting and the first three steps."),
            [
                Field("headline", _("Headline"), default="Good that you are here"),
                Field("text", _("Text"), "area", f"{_HELLO}\n\nwhat you may expect from us, and how often."),
                *_PICTURE,
                Field("steps", _("Title of the steps"), default="The first three steps"),
                *[
                    field
                    for n, title in ((1, "Look around"), (2, "Try it with something of your own"), (3, "Ask us"))
                    for field in [
                        Field(f"title{n}", _("Title of a step"), default=title),
                        Field(f"text{n}", _("Text of the step"), default="In a sentence."),
                    ]
                ],
                *_BUTTON,
                Field("closing", _("Closing"), "area", "Answer this mail whenever something is unclear."),
            ],
        ),
        Design(
            "product_news",
            _("Product news"),
            _("What is new, thing by thing."),
            [
                Field("release", _("Line above the headline"), default="New this month"),
                Field("headline", _("Headline"), default="Three things that save you time"),
                Field("text", _("Opening"), "area", f"{_HELLO}\n\nthis is what changed since the last time."),
                *_PICTURE,
                *[
                    field
                    for n in (1, 2, 3)
                    for field in [
                        Field(f"title{n}", _("Title of a piece"), default="What is new"),
                        Field(f"text{n}", _("Text of the piece"), "area", "What one can do with it now."),
                    ]
                ],
                Field("closing", _("Closing"), "area", "All changes stand in the release notes."),
                *_BUTTON,
            ],
        ),
        Design(
            "case_study",
            _("Case study"),
            _("A customer's story in three numbers and one sentence of theirs."),
            [
                Field("customer", _("Customer"), default="A customer's story"),
                Field("headline", _("Headline"), default="How they halved the time to the first result"),
                Field("text", _("Text"), "area", f"{_HELLO}\n\nwhere they stood, what they did, what came of it."),
                *_PICTURE,
                *[
                    field
                    for n, number, what in (
                        (1, "50 %", "less time"),
                        (2, "3 weeks", "to the first result"),
                        (3, "0", "lost readings"),
                    )
                    for field in [
                        Field(f"number{n}", _("Number"), default=number),
                        Field(f"what{n}", _("What it counts"), default=what),
                    ]
                ],
                Field("quote", _("Their words"), default="We would not go back."),
                Field("who", _("Who says so"), default="Name, role, company"),
                Field("closing", _("Closing"), "area", "The whole story has the figures and the mistakes too."),
                *_BUTTON,
            ],
        ),
        Design(
            "webinar",
            _("Webinar follow-up"),
            _("The recording, what to remember, what comes next."),
            [
                Field("headline", _("Headline"), default="Here is the recording"),
                Field(
                    "text",
                    _("Text"),
                    "area",
                    f"{_HELLO}\n\nthank you for being there. If you had to leave early, it is all here.",
                ),
                *_PICTURE,
                Field("button", _("Button"), default="Watch the recording"),
                Field("link", _("Where the button leads"), "url", "https://example.com/"),
                Field("points", _("Title of the points"), default="What to remember"),
                Field("point1", _("First point"), default="The first thing worth keeping"),
                Field("point2", _("Second point"), default="The second"),
                Field("point3", _("Third point"), default="The third"),
                Field("next", _("What comes next"), "area", "The next one is about what everybody asked for."),
                Field("next_link", _("Words of its link"), default="Keep a place"),
                Field("link2", _("Where it leads"), "url", "https://example.com/"),
            ],
        ),
        Design(
            "reengagement",
            _("Re-engagement"),
            _("For those who have not read for long: stay, less often, or go."),
            [
                Field("headline", _("Headline"), default="Still of use to you?"),
                Field(
                    "text",
                    _("Text"),
                    "area",
                    f"{_HELLO}\n\nyou have not looked at our mails for a while. That is fine; tell us what you want.",
                ),
                Field("button", _("Button"), default="Yes, keep them coming"),
                Field("link", _("Where the button leads"), "url", "https://example.com/"),
                Field("less", _("Words of the link to the topics"), default="Less often, or only some topics"),
                Field("closing", _("Closing"), "area", "If you do nothing, we stop by the end of the month."),
            ],
        ),
        Design(
            "letter",
            _("Plain letter"),
            _("From one person to another, with nothing round it."),
            [
                Field(
                    "text",
                    _("Text"),
                    "area",
                    f"{_HELLO}\n\na few lines as you would write them yourself.\n\nOne thought in each paragraph.",
                ),
                Field("link_words", _("Words of the link"), default="Here is more about it"),
                Field("link", _("Where it leads"), "url", "https://example.com/"),
                Field("closing", _("Closing"), "area", "Kind regards"),
                Field("name", _("Name"), default="Your name"),
                Field("role", _("Role"), default="Role, telephone"),
            ],
        ),
    ]
}


def first_fields(key: str) -> dict[str, str]:
    """What a new email of this template starts with."""
    return {field.name: field.default for field in DESIGNS[key].fields}


def source_of(key: str, values: Mapping[str, str]) -> str:
    """The MJML of a template with its fields filled in; text is escaped, Liquid in it stays."""
    source = (FOLDER / f"{key}.mjml").read_text().replace("[[footer]]", footer())
    for field in DESIGNS[key].fields:
        value = values.get(field.name, "").strip()
        part = re.compile(rf"[ \t]*\[\[#{field.name}\]\](.*?)\[\[/{field.name}\]\]\n?", re.DOTALL)
        source = part.sub((lambda found: found[1].strip("\n") + "\n") if value else "", source)
        source = source.replace(f"[[{field.name}]]", _written(field, value))
    return source


def footer() -> str:
    """The part that the law asks for, as MJML."""
    return (FOLDER / "footer.mjml").read_text().strip()


def text_of(key: str, values: Mapping[str, str]) -> str:
    """The plain text of a template: its fields in order, links on a line of their own."""
    # By the template's order, not that of the values: PostgreSQL keeps JSON in an order of its own.
    parts = [values.get(one.name, "").strip() for one in DESIGNS[key].fields if one.kind in ("text", "area", "url")]
    return "\n\n".join(part for part in parts if part)


def _written(field: Field, value: str) -> str:
    if field.kind == "area":
        paragraphs = re.split(r"\n\s*\n", _escaped(value.replace("\r\n", "\n")))
        return "</p><p>".join(paragraph.strip().replace("\n", "<br />") for paragraph in paragraphs)
    if field.kind in ("url", "image", "words"):
        return html.escape(value)
    return _escaped(value)


def _escaped(value: str) -> str:
    """Escaped for HTML, quotes left alone so that Liquid's text in quotes stays readable."""
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", value, flags=re.DOTALL)
    return "".join(part if part.startswith("{") else html.escape(part, quote=False) for part in parts)
