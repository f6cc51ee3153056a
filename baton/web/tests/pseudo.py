"""A language in which every wrapped word wears brackets, and a reader that finds the words without them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

PACKAGE = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
OPEN, CLOSE = "⟦", "⟧"


def write_catalogue(folder: Path, language: str) -> None:
    """Extract every wrapped string of the package and compile its bracketed translation into `folder`."""
    with (PACKAGE / "web" / "locale" / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    catalogue = Catalog(locale=language)
    for _file, _line, message, _comments, context in extract_from_dir(
        PACKAGE, method_map=methods, options_map=options, keywords=KEYWORDS
    ):
        forms = message if isinstance(message, tuple) else (message,)
        marked = tuple(f"{OPEN}{form}{CLOSE}" for form in forms)
        catalogue.add(message, marked if len(marked) > 1 else marked[0], context=context)
    to = folder / language / "LC_MESSAGES"
    to.mkdir(parents=True)
    with (to / "django.mo").open("wb") as file:
        write_mo(file, catalogue)


class Words(HTMLParser):
    """Collects what a person sees or hears: text and spoken attributes, save what is marked translate="no"."""

    SILENT = {"script", "style", "code", "kbd", "time", "svg", "textarea"}
    SPOKEN = {"title", "aria-label", "placeholder", "alt", "data-confirm"}
    VOID = {"input", "meta", "link", "img", "br", "hr", "use", "path"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in self.SILENT or given.get("translate") == "no" or self._is_silent()
        if not silent:
            self.found += [value or "" for name, value in attrs if name in self.SPOKEN]
        if tag not in self.VOID:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_silent():
            self.found.append(data.strip())

    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def unwrapped(html: str, *, language: str, names: tuple[str, ...]) -> list[str]:
    """The texts of a page that hold words outside brackets; `names` are data, not words."""
    reader = Words()
    reader.feed(html)
    left = []
    for text in reader.found:
        bare = re.sub(rf"{OPEN}.*{CLOSE}", "", text, flags=re.S)
        for name in (*names, "Baton", *_words_of_dates(language)):
            bare = bare.replace(name, "")
        bare = re.sub(r"\b[A-Z]{2,3}\b\$?", "", bare)  # codes of currencies, countries, roles of fields
        if re.search(r"[^\W\d_]{2,}", bare):
            left.append(" ".join(text.split()))
    return left


def _words_of_dates(language: str) -> list[str]:
    # Babel writes these in the reader's language by itself.
    locale = Locale.parse(language)
    tables = [*locale.months["format"].values(), *locale.days["format"].values()]
    words = [word for table in tables for word in table.values() if len(word) > 1]
    return [*sorted(words, key=len, reverse=True), " de ", " la ", "atm", "ptm"]
