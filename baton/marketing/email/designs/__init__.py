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
    """One thing to fill in. `kind`: text, area (paragraphs), url or image (both an address)."""

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
                Field("image", _("Address of a picture"), "image"),
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
            _("Product or offer"),
            _("A product with its price, what speaks for it, one button."),
            [
                Field("headline", _("Headline"), default="Made for what you do"),
                Field("text", _("Text"), "area", f"{_HELLO}\n\nwhat it does for you, in one paragraph."),
                Field("image", _("Address of a picture"), "image"),
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
    if field.kind in ("url", "image"):
        return html.escape(value)
    return _escaped(value)


def _escaped(value: str) -> str:
    """Escaped for HTML, quotes left alone so that Liquid's text in quotes stays readable."""
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", value, flags=re.DOTALL)
    return "".join(part if part.startswith("{") else html.escape(part, quote=False) for part in parts)
