"""Folding text for search: small letters without accents, so that "muller" finds "Müller"."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"})


def fold(text: str) -> str:
    """Casefolded, decomposed, without combining marks: "Straße" is "strasse", "Øst" is "ost"."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """Folded words, letters and digits only: an address is found by each of its parts."""
    return _WORD.findall(fold(text))
