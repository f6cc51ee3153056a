"""From a template and data to words. A template reads the data it is given and nothing else, and cannot run long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.undefined import StrictDefaultUndefined

from baton.marketing.email.writing import BadWriting, compile_mjml, plain_words

MAX_SUBJECT, MAX_BODY = 500, 300_000
_FAULTS = (LiquidError, ArithmeticError, TypeError, ValueError, RecursionError, AttributeError)


class BadMail(BadWriting):
    """The mail cannot be made of what was given; the sentence says why."""


class _Missing(StrictDefaultUndefined):
    """A field that was not given: an error where it is shown, false in a condition, replaced by `default`."""

    allowed_properties = StrictDefaultUndefined.allowed_properties | {"__bool__", "__eq__", "__liquid__"}

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or other is False

    def __hash__(self) -> int:
        return 0

    def __liquid__(self) -> bool:
        return False


class _Limited(Environment):
    # The same bounds as for marketing emails (email/writing.py).
    loop_iteration_limit = 2_000
    output_stream_limit = MAX_BODY
    local_namespace_limit = 20_000
    context_depth_limit = 8


_HTML = _Limited(autoescape=True, undefined=_Missing)
_TEXT = _Limited(autoescape=False, undefined=_Missing)
for _environment in (_HTML, _TEXT):
    for _tag in ("include", "render"):
        _environment.tags.pop(_tag, None)


@dataclass(frozen=True)
class Words:
    """What a mail says, filled in."""

    subject: str
    html: str
    text: str


def filled(*, subject: str, source: str, text: str, data: dict[str, Any]) -> Words:
    """A template's words with `data` in them; MJML is compiled, missing plain text is made of the HTML.

    Raises BadMail, naming a field that is shown and was not given.
    """
    page = compile_mjml(source) if is_mjml(source) else source
    html = _words(page, _HTML, data)
    return checked(
        Words(_words(subject, _TEXT, data), html, _words(text, _TEXT, data) if text.strip() else plain_words(html))
    )


def is_mjml(source: str) -> bool:
    return source.lstrip()[:5].lower() == "<mjml"


def checked(words: Words) -> Words:
    """The words within their bounds, the subject on one line. Raises BadMail."""
    subject = " ".join(words.subject.split())
    if not subject or len(subject) > MAX_SUBJECT:
        raise BadMail(_("The subject has between 1 and 500 characters."))
    if not words.html.strip() and not words.text.strip():
        raise BadMail(_("The mail has no words: give html or text."))
    if max(len(words.html), len(words.text)) > MAX_BODY:
        raise BadMail(_("The mail is longer than 300,000 characters."))
    whole = f"{subject}{words.html}{words.text}"
    if "\0" in whole or any("\ud800" <= letter <= "\udfff" for letter in whole):
        raise BadMail(_("The mail holds characters that no mail can carry."))
    return Words(subject, words.html, words.text or plain_words(words.html))


def _words(source: str, environment: Environment, data: dict[str, Any]) -> str:
    try:
        return environment.from_string(source).render(data=data)
    except _FAULTS as error:
        said = str(error).partition("\n")[0][:200]
        raise BadMail(_("The fields cannot be filled in: %(error)s") % {"error": said}) from None
