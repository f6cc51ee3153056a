"""Reading the HTML of a mail: its pictures, links, elements and styles. What only old Outlook sees is left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)")


@dataclass(frozen=True)
class Picture:
    """One <img>. `alt` is None where there is none at all; an empty one says that it is decoration."""

    src: str
    alt: str | None
    is_link: bool
    width: int

    @property
    def says_nothing(self) -> bool:
        """Whether who sees no pictures misses something: no alt at all, or a link that is nothing but this picture."""
        return self.width > 1 and (self.alt is None or (self.is_link and not self.alt.strip()))


@dataclass
class Page:
    """What stands in a mail's HTML. `styles` are the texts of style attributes and <style> elements."""

    pictures: list[Picture] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    styles: list[str] = field(default_factory=list)
    has_drawn_background: bool = False  # VML for Outlook stands beside the CSS


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self._link_depth, self._is_style = Page(), 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        page = self.page
        page.tags[tag] += 1
        if style := told.get("style"):
            page.styles.append(style)
        if tag == "img":
            page.pictures.append(
                Picture(told.get("src", "").strip(), told.get("alt"), self._link_depth > 0, _width(told.get("width")))
            )
        if tag == "a":
            self._link_depth += 1
            page.links.append(told.get("href", "").strip())
        self._is_style = tag == "style"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link_depth:
            self._link_depth -= 1
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self.page.styles.append(data)

    def handle_comment(self, data: str) -> None:
        if "<v:fill" in data:
            self.page.has_drawn_background = True


def read_page(html: str) -> Page:
    """What stands in the HTML; never raises, whatever it is given."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def web_addresses(page: Page) -> list[str]:
    """Links and pictures that are fetched from the web, each once; those with a field in them are left out."""
    found = [*page.links, *[picture.src for picture in page.pictures]]
    for style in page.styles:
        found += _URL.findall(style)
    return list(dict.fromkeys(url for url in found if _is_fixed(url)))


def _is_fixed(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and "{" not in url and "%7B" not in url


def _width(written: str | None) -> int:
    """The width attribute in pixels; 100 where none is written."""
    found = re.match(r"\s*(\d{1,5})\s*(px)?\s*$", written or "")
    return int(found[1]) if found else 100
