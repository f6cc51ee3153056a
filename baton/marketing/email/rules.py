"""Pure rules of emails: what is missing before one may go out, who is held for a machine."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_FIELD = re.compile(
    r"{{\s*(?:\w+\.)*(?P<name>\w+)\s*(?:\|\s*default:\s*(?P<quote>[\"'])(?P<fallback>.*?)(?P=quote)\s*)?}}"
)
TOO_EARLY = timedelta(seconds=2)  # nobody reads and clicks that soon after the server took the mail


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


def label_of_hit(
    *, method: str, agent_reason: str, purpose: str, handed_at: datetime | None, at: datetime
) -> tuple[str, str]:
    """human, machine or unknown, with the reason. `agent_reason` says why the user agent is known for a machine."""
    if method == "HEAD":
        return "machine", "head"
    if "prefetch" in purpose.lower():
        return "machine", "prefetch"
    if agent_reason:
        return "machine", agent_reason
    if handed_at is None:
        return "unknown", "not known when it arrived"
    if at - handed_at < TOO_EARLY:
        return "machine", "too early"
    return "human", ""
