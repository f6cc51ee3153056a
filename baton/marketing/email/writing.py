"""From what a marketer wrote to bytes per person: MJML compiled once, Liquid per person, links and fields spliced in.

The compiled HTML is cut at Liquid's top-level nodes. What is the same for all is encoded once;
a field or a condition is rendered for each person and encoded alone. Links become slots filled with signed tokens.
"""

from __future__ import annotations

import html as html_words
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import mjml
from django.utils.translation import gettext as _
from liquid import Environment, RenderContext
from liquid.builtin.content import ContentNode
from liquid.exceptions import LiquidError
from markupsafe import escape

from baton.platform.errors import Refusal
from baton.platform.mail.splice import Body, Slot

# Slots travel through MJML and Liquid as private-use letters, which nobody types and which are taken out of values.
OPEN_MARK, CLOSE_MARK = "\ue000", "\ue001"
_MARKED = re.compile(f"{OPEN_MARK}([a-z0-9]+){CLOSE_MARK}")
_MARKS = re.compile(f"[{OPEN_MARK}{CLOSE_MARK}]")
_HREF = re.compile(r'(<a\b[^>]*?\shref=")([^"]*)(")', re.IGNORECASE | re.DOTALL)
_TEXT_LINK = re.compile(r"https?://[^\s<>{}\"']+[^\s<>{}\"'.,;:!?)]")
_PLAIN_OUTPUT = re.compile(r"\{\{ contact\.([a-z_]+)(?: \| default: (?:'[^'\\]*'|\"[^\"\\]*\"))? \}\}")
_SETTING = re.compile(r"\b(assign|capture|increment|decrement|cycle)\b")
_SHOWN_TO = re.compile(
    r'<mj-(?P<tag>section|wrapper|hero)\b(?P<before>[^<>]*?)\sshown-to="(?P<not>not-)?segment-(?P<segment>\d{1,15})"'
    r"(?P<after>[^<>/]*)>"
)
_ASKED = re.compile(r"\bcontact\.segments\s+contains\s+(\d{1,15})\b")
MAX_SOURCE = 300_000
UNSUBSCRIBE, PREFERENCES, PIXEL = "unsubscribe", "preferences", "pixel"


class BadWriting(Refusal):
    """What was written cannot be turned into a mail; the sentence says where."""


class _Limited(Environment):
    # An unlimited loop of ten million ran 27 s; a mail needs nothing near these.
    loop_iteration_limit = 2_000
    output_stream_limit = 300_000
    local_namespace_limit = 20_000
    context_depth_limit = 8


_HTML = _Limited(autoescape=True)
_TEXT = _Limited(autoescape=False)
for _environment in (_HTML, _TEXT):
    for _tag in ("include", "render", "extends", "block"):
        _environment.tags.pop(_tag, None)


class Person(NamedTuple):
    """What an email may tell of a contact; nothing else of it can be reached."""

    id: int
    first_name: str
    last_name: str
    email: str
    job_title: str
    city: str
    country: str
    company: str | None
    segments: tuple[int, ...] = ()  # of those that the writing asks for, the ones this person is in

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def fields(self) -> dict[str, Any]:
        """By the names that Liquid knows. An empty field is nil, for Liquid holds empty text for true."""
        told: dict[str, str | None] = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": self.full_name or self.email,
            "email": self.email,
            "job_title": self.job_title,
            "city": self.city,
            "country": self.country,
            "company": self.company,
        }
        if OPEN_MARK in (line := "".join([value or "" for value in told.values()])) or CLOSE_MARK in line:
            told = {name: _MARKS.sub("", value or "") for name, value in told.items()}
        return {"segments": self.segments, **{name: value or None for name, value in told.items()}}


FIELDS = frozenset({*Person._fields, "name"} - {"id", "segments"})  # as Liquid knows them


@dataclass(frozen=True)
class PlainField:
    """An output of one of the contact's fields, perhaps with words for when it is empty: what most fields are.

    Filled in without Liquid, which takes ten times as long, with the same outcome.
    """

    name: str
    is_escaped: bool
    when_empty: str

    def words(self, person: Mapping[str, Any]) -> str:
        value = person.get("contact", {}).get(self.name)
        if not value:
            return self.when_empty
        return str(escape(value)) if self.is_escaped else value


@dataclass
class Part:
    """One text cut into what is the same for all and what is rendered per person."""

    template: Any
    body: Body
    nodes: dict[str, Any] = field(default_factory=dict)
    pieces: list[str | Slot] = field(default_factory=list)
    plain: dict[str, PlainField] = field(default_factory=dict)
    sets_words: bool = False

    def values(self, person: Mapping[str, Any], slots: Mapping[str, str]) -> dict[str, str]:
        """The words of every slot for one person. Raises BadWriting when a limit is reached."""
        found = dict(slots)
        for name, plain in self.plain.items():
            found[name] = plain.words(person)
        if not self.nodes:
            return found
        context = RenderContext(self.template, globals=self.template.make_globals(dict(person)))
        for name, node in self.nodes.items():
            buffer = io.StringIO()
            try:
                node.render(context, buffer)
            except LiquidError as error:
                raise BadWriting(_("The fields cannot be filled in: %(error)s") % {"error": error}) from None
            words = buffer.getvalue()
            found[name] = _MARKED.sub(lambda mark: slots[mark[1]], words) if OPEN_MARK in words else words
        return found

    @property
    def of_everyone(self) -> str:
        """What stands in everyone's mail: slots as marks, without what is a contact's or a condition's.

        Where the writer sets words of their own, what nobody in particular would read.
        """
        if self.sets_words:
            slots = (piece.name for piece in self.pieces if isinstance(piece, Slot))
            return self.words({}, _Marks((name, mark_of(name)) for name in slots))
        return "".join(
            piece if isinstance(piece, str) else mark_of(piece.name)
            for piece in self.pieces
            if isinstance(piece, str) or piece.name not in {*self.nodes, *self.plain}
        )

    def words(self, person: Mapping[str, Any], slots: Mapping[str, str]) -> str:
        """The whole text for one person."""
        values = self.values(person, slots)
        return "".join(values[piece.name] if isinstance(piece, Slot) else piece for piece in self.pieces)


@dataclass(frozen=True)
class Writing:
    """One email, ready to be filled in for any number of people. `links` are the addresses of slots c0, c1, ..."""

    subject: Part
    html: Part
    text: Part
    links: list[str]
    segments: frozenset[int] = frozenset()  # which segments' members are told apart


def write(
    *, subject: str, source: str, text: str, known: Mapping[str, Any], link: Callable[[str], str] = lambda url: url
) -> Writing:
    """Compile an email. `known` is what is the same for all; `link` rewrites an address before it is kept.

    Raises BadWriting with a sentence for MJML or Liquid that cannot be read.
    """
    compiled = compile_mjml(source)
    links: list[str] = []

    def tracked(url: str) -> str:
        address = link(html_words.unescape(url).strip())
        if address not in links:
            links.append(address)
        return f"{OPEN_MARK}c{links.index(address)}{CLOSE_MARK}"

    def in_html(found: re.Match[str]) -> str:
        return found[0] if not _is_web(found[2]) else f"{found[1]}{tracked(found[2])}{found[3]}"

    page = _HREF.sub(in_html, compiled)
    page = _with_pixel(page)
    plain = _TEXT_LINK.sub(lambda found: tracked(found[0]), _MARKS.sub("", text))
    return Writing(
        subject=_part(_MARKS.sub("", subject), _TEXT, known),
        html=_part(page, _HTML, known),
        text=_part(plain, _TEXT, known),
        links=links,
        segments=frozenset(int(number) for words in (subject, page, plain) for number in _ASKED.findall(words)),
    )


def compile_mjml(source: str) -> str:
    """HTML of an MJML source. Raises BadWriting."""
    if len(source) > MAX_SOURCE:
        raise BadWriting(_("The source is longer than 300,000 characters; mail programs cut far shorter ones."))
    try:
        # Browsers send CRLF, at which the compiler stumbles.
        plain = _MARKS.sub("", source).replace("\r\n", "\n")
        return str(mjml.mjml2html(with_conditions(plain), disable_comments=True))
    except Exception as error:  # the compiler raises bare ValueError and RuntimeError for what it cannot read
        raise BadWriting(_("The MJML source cannot be read: %(error)s") % {"error": str(error)[:200]}) from None


def with_conditions(source: str) -> str:
    """The source with `shown-to="segment-12"` on a section, wrapper or hero written as the Liquid test it means."""
    at, pieces = 0, []
    while found := _SHOWN_TO.search(source, at):
        end = source.find(f"</mj-{found['tag']}>", found.end())
        if end < 0:
            break
        end += len(f"</mj-{found['tag']}>")
        test = "unless" if found["not"] else "if"
        pieces += [
            source[at : found.start()],
            f"<mj-raw>{{% {test} contact.segments contains {found['segment']} %}}</mj-raw>",
            f"<mj-{found['tag']}{found['before']}{found['after']}>",
            with_conditions(source[found.end() : end]),  # a wrapper holds sections
            f"<mj-raw>{{% end{test} %}}</mj-raw>",
        ]
        at = end
    return "".join([*pieces, source[at:]])


def of_contact(contact: Any) -> Person:
    """What an email may tell of one contact, for examples and test mails."""
    company = contact.company.name if contact.company_id else ""
    return Person(
        contact.pk, contact.first_name, contact.last_name, contact.email, contact.job_title, contact.city,
        contact.country, company,
    )  # fmt: skip


def plain_words(page: str) -> str:
    """Plain text of an HTML page: links as addresses, one blank line between paragraphs. For emails written in MJML."""
    page = re.sub(r"(?is)<(style|head|title|script)\b.*?</\1>|<!--.*?-->", "", page)
    page = re.sub(r'(?is)<a\b[^>]*\shref="([^"]*)"[^>]*>(.*?)</a>', r"\2 \1", page)
    page = re.sub(r"(?i)<br[^>]*>|</(p|div|tr|h\d|li)>", "\n", page)
    words = html_words.unescape(re.sub(r"<[^>]+>", "", page)).replace("\xa0", " ")
    lines = [" ".join(line.split()) for line in words.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def mark_of(slot: str) -> str:
    """How a slot is written inside a text that is not cut yet."""
    return f"{OPEN_MARK}{slot}{CLOSE_MARK}"


class _Marks(dict[str, str]):
    """Every slot as its mark, also those that stand inside a condition."""

    def __missing__(self, slot: str) -> str:
        return mark_of(slot)


def _is_web(url: str) -> bool:
    return url.strip().lower().startswith(("http://", "https://")) and "{" not in url and OPEN_MARK not in url


def _with_pixel(page: str) -> str:
    mark = f"{OPEN_MARK}{PIXEL}{CLOSE_MARK}"
    return page.replace("</body>", f"{mark}</body>", 1) if "</body>" in page else page + mark


def _part(words: str, environment: Environment, known: Mapping[str, Any]) -> Part:
    standing = {
        "unsubscribe_url": mark_of(UNSUBSCRIBE),
        "preferences_url": mark_of(PREFERENCES),
        **known,
    }
    try:
        template = environment.from_string(words, globals=standing)
    except LiquidError as error:
        raise BadWriting(_("A field is not written right: %(error)s") % {"error": error}) from None
    nodes: dict[str, Any] = {}
    plain: dict[str, PlainField] = {}
    pieces: list[str | Slot] = []
    sets_words = _sets_words(template)
    same_for_all = set() if sets_words else _same_for_all(template, standing)
    for number, node in enumerate(template.nodes):
        if isinstance(node, ContentNode):
            pieces += _cut(str(node.text))
        elif node in same_for_all:
            pieces += _cut(_rendered_for_nobody(template, node))
        else:
            if not sets_words and (name := _plain_field(node)):
                plain[f"n{number}"] = PlainField(name, environment is _HTML, _rendered_for_nobody(template, node))
            else:
                nodes[f"n{number}"] = node
            pieces.append(Slot(f"n{number}"))
    return Part(template, Body(pieces), nodes, pieces, plain, sets_words)


def _rendered_for_nobody(template: Any, node: Any) -> str:
    buffer = io.StringIO()
    node.render(RenderContext(template, globals=template.make_globals({})), buffer)
    return buffer.getvalue()


def _plain_field(node: Any) -> str:
    """The contact's field that an output shows as it is; empty for anything else."""
    found = _PLAIN_OUTPUT.fullmatch(str(node))
    return found[1] if found and found[1] in FIELDS else ""


def _sets_words(template: Any) -> bool:
    """Whether the writer sets words of their own, which may then stand for anything."""
    return any(_SETTING.search(str(node)) for node in template.nodes if not isinstance(node, ContentNode))


def _same_for_all(template: Any, standing: Mapping[str, Any]) -> set[Any]:
    """Outputs that name nothing of the contact: rendered once."""
    words = {node: str(node) for node in template.nodes if not isinstance(node, ContentNode)}
    begins = re.compile(rf"\{{\{{-?\s*({'|'.join(map(re.escape, standing))})\b")
    return {node for node, said in words.items() if begins.match(said) and "contact" not in said}


def _cut(words: str) -> list[str | Slot]:
    """Words and slots in turn: the pattern's group makes every second piece a slot's name."""
    return [Slot(piece) if number % 2 else piece for number, piece in enumerate(_MARKED.split(words)) if piece]
