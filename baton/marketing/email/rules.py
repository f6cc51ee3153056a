"""Pure rules of emails: subjects and addresses."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_FIELD = re.compile(
    r"{{\s*(?:\w+\.)*(?P<name>\w+)\s*(?:\|\s*default:\s*(?P<quote>[\"'])(?P<fallback>.*?)(?P=quote)\s*)?}}"
)
NO_LINK = 0  # stands in a token in the place of a link: the trap that only machines find


def subject_shown(subject: str) -> str:
    """The subject without its fields' markup: each shows its fallback, or its name where it has none."""
    fallback = _FIELD.sub(lambda found: found["fallback"] or f"[{found['name'].replace('_', ' ')}]", subject)
    return " ".join(fallback.split())


def with_campaign(url: str, code: str) -> str:
    """The address with utm words where it carries none, so that the visit finds its campaign."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.startswith("utm_") for name, _ in query) or not parts.hostname:
        return url
    words = [("utm_source", "email"), ("utm_medium", "email"), *([("utm_campaign", code)] if code else [])]
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(words)]))))


def with_parameter(url: str, name: str, value: str) -> str:
    """The address with one more word in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode({name: value})]))))
