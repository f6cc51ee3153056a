"""Pure rules of preflight: what a finding is, what blocks, and what a subject looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

BLOCK, WARN, OPEN, OK = "block", "warn", "open", "ok"
_ORDER = {BLOCK: 0, WARN: 1, OPEN: 2, OK: 3}

# Gmail cuts a message whose HTML is larger and hides the rest, the footer with it (developers and senders report 102 KB
# alike; litmus.com/blog and mailchimp.com/help, read 2026-11). The tokens of links make each copy a little longer.
CLIPPED_BYTES = 102 * 1024
NEAR_CLIPPED_BYTES = 80 * 1024
LONG_SUBJECT = 70  # what a mail program on a desktop shows of it, about; a phone half as much
_LEAST_CAPITALS = 5
_REPLY = re.compile(r"^\s*(re|aw|fw|fwd|wg)\s*:", re.IGNORECASE)


@dataclass(frozen=True)
class DnsRecord:
    """A record to publish: its full name, its type, its text."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class Finding:
    """What one check found: `what` is wrong in a sentence, the `mend` in one or two, the `evidence` as it was read.

    `key` names this very fault, by which it is overridden; a `is_final` block never is. `overridden` says by whom
    and why. `link` leads to where it is mended, if that is a page of ours.
    """

    key: str
    level: str
    what: str
    mend: str = ""
    evidence: str = ""
    record: DnsRecord | None = None
    is_final: bool = False
    overridden: str = ""
    link: str = ""
    link_words: str = ""

    @property
    def may_be_overridden(self) -> bool:
        return self.level == BLOCK and not self.is_final


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Blocks first, then warnings, what is open, what is fine; otherwise as they came."""
    return sorted(findings, key=lambda one: _ORDER[one.level])


def with_overrides(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[Finding]:
    """The findings, where a block that was overridden is a warning that says why."""
    return [
        replace(one, level=WARN, overridden=reasons[one.key]) if one.may_be_overridden and one.key in reasons else one
        for one in findings
    ]


def blocks(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.level == BLOCK]


def is_shouted(subject: str) -> bool:
    """Whether a subject is all in capitals; a few letters such as a name of a country are not."""
    letters = [letter for letter in subject if letter.isalpha()]
    return len(letters) >= _LEAST_CAPITALS and all(letter.isupper() for letter in letters)


def pretends_to_answer(subject: str) -> bool:
    """Whether it begins as an answer does ("Re:"), which a first mail is not (CAN-SPAM: 15 U.S.C. 7704(a)(2))."""
    return bool(_REPLY.match(subject))
