"""Reading addresses out of what was pasted. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from baton.people.contacts.rules import clean_email

MAX_ADDRESSES = 20_000
_SEPARATORS = re.compile(r"[,;\n\r\t]+")
_IN_ANGLES = re.compile(r"<([^<>]*)>")


@dataclass
class Pasted:
    """Addresses in small letters, each once, in the order pasted; and the pieces that hold none."""

    emails: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def read_addresses(text: str) -> Pasted:
    """From addresses one to a line or between commas or blanks, also as `Ada Lovelace <ada@engine.example>`."""
    emails: dict[str, None] = {}
    others: dict[str, None] = {}
    for piece in filter(None, map(str.strip, _SEPARATORS.split(text))):
        inside = _IN_ANGLES.findall(piece)
        words = inside or [word for word in piece.split() if "@" in word] or [piece]
        for word in words:
            try:
                emails[clean_email(word.strip(" \"'()")) or word] = None
            except ValueError:
                others[word] = None
    return Pasted(list(emails), list(others))
