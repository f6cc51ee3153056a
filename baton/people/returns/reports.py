"""The machine-readable halves of what comes back: delivery reports (RFC 3464), feedback (RFC 5965), Amazon's JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from baton.people.returns.mime import MAX_TEXT, Part, split_headers

MAX_RECIPIENTS = 50
_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status", "message/delivery_status")
_ADDRESS = re.compile(r"[^\s<>@,;:'\"()\[\]]{1,64}@[^\s<>@,;:'\"()\[\]]{1,253}")


@dataclass(frozen=True)
class Report:
    """One recipient's group of a delivery report; `action` is failed, delayed, delivered, relayed, expanded or ""."""

    recipient: str
    original: str
    action: str
    status: str
    answer: str


@dataclass(frozen=True)
class Feedback:
    """A complaint's fields: `type` is abuse, fraud, opt-out, not-spam, auth-failure, virus or other."""

    type: str
    recipients: tuple[str, ...]
    return_path: str


def address_in(text: str) -> str:
    """The first address in a text, in small letters; "" when there is none."""
    found = _ADDRESS.search(text[:4000])
    return found.group().lower().rstrip(".") if found else ""


def addresses_in(text: str) -> list[str]:
    """Every address in a text, in order, each once."""
    return list(dict.fromkeys(found.lower().rstrip(".") for found in _ADDRESS.findall(text[:MAX_TEXT])))[:200]


def delivery_reports(mail: Part) -> list[Report]:
    """The per-recipient groups of a mail's delivery report; not those of a report that the mail returns."""
    found = []
    for part in mail.outside_copies():
        if part.kind in _STATUS_KINDS or (not part.parts and "final-recipient:" in part.text[:20_000].lower()):
            found += [report for group in _groups(part.text) if (report := _report(group))]
    return found[:MAX_RECIPIENTS]


def _groups(text: str) -> Iterator[list[str]]:
    """The lines of each group. Blank lines stand between them, or should: a second recipient begins a new one too."""
    group: list[str] = []
    for line in text.split("\n"):
        name = line[:20].lower().partition(":")[0]
        begun = {one[:20].lower().partition(":")[0] for one in group} & {"final-recipient", "original-recipient"}
        if not line.strip() or name in begun:
            yield group
            group = []
        if line.strip() and len(group) < 40:
            group.append(line)
    yield group


def _report(group: list[str]) -> Report | None:
    fields = _fields(group)
    recipient = address_in(fields.get("final-recipient", "") or fields.get("x-actual-recipient", ""))
    original = address_in(fields.get("original-recipient", ""))
    if not recipient and not original and "final-recipient" not in fields:
        return None
    told = fields.get("status", "") or fields.get("tatus", "")
    answer = fields.get("diagnostic-code", "") or told.partition("(")[2].rstrip(")")
    kind, semicolon, words = answer.partition(";")
    return Report(
        recipient=recipient or original,
        original=original,
        action=re.sub(r"[^a-z]", "", fields.get("action", "").lower().partition(" ")[0])[:12],
        status=_status(told),
        answer=(words if semicolon and len(kind) < 40 else answer).strip(),
    )


def _fields(group: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in split_headers("\n".join(group).encode("utf-8", "replace"))[0]:
        found.setdefault(name, value)
    return found


def _status(text: str) -> str:
    found = re.search(r"[245]\.\d{1,3}\.\d{1,3}", text)
    return found.group() if found else ""


def feedback(mail: Part) -> Feedback | None:
    """The feedback report in a mail, or what stands for one (Microsoft's junk mail reports carry no fields)."""
    for part in mail.walk():
        if part.kind == "message/feedback-report":
            fields = dict(reversed(split_headers(part.text.lstrip("\n").encode("utf-8", "replace"))[0]))
            people = [address_in(fields.get(name, "")) for name in ("original-rcpt-to", "removal-recipient")]
            kind = fields.get("feedback-type", "abuse").partition(";")[0].strip().lower()
            return Feedback(kind, tuple(p for p in people if p), address_in(fields.get("original-mail-from", "")))
    for part in mail.walk():
        if part is not mail and (person := address_in(part.get("x-hmxmroriginalrecipient"))):
            return Feedback("abuse", (person,), "")
    return None


def amazon_notice(text: str) -> tuple[str, list[Report]] | None:
    """A notice of Amazon SES that SNS sends as a mail: its type in small letters and the recipients it is about."""
    start = text.find("{")
    if start < 0 or text[:start].strip() or "notificationType" not in text[: start + 3000]:
        return None
    try:
        notice, _end = json.JSONDecoder(strict=False).raw_decode(text[start:].replace("\n ", " "))
    except (ValueError, RecursionError):
        return None
    if not isinstance(notice, dict):
        return None
    kind = str(notice.get("notificationType", "")).lower()
    told = notice.get(kind)
    return (kind, list(_amazon_people(kind, told))) if isinstance(told, dict) else None


def _amazon_people(kind: str, told: dict[str, Any]) -> Iterator[Report]:
    names = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients", "delivery": "recipients"}
    people = told.get(names.get(kind, ""))
    is_final = told.get("bounceType") != "Transient"
    for person in people[:MAX_RECIPIENTS] if isinstance(people, list) else []:
        person = person if isinstance(person, dict) else {"emailAddress": person}
        yield Report(
            recipient=address_in(str(person.get("emailAddress", ""))),
            original="",
            action=str(person.get("action", "")) or ("failed" if is_final else "delayed"),
            status=_status(str(person.get("status", ""))),
            answer=str(person.get("diagnosticCode", "")).partition(";")[2].strip()[:2000],
        )
