"""The mail with a number and a share at each of its links, for a frame without rights."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.urls import reverse
from django.utils.html import escape

from baton.marketing.email import mailing, writing
from baton.marketing.email.models import Broadcast
from baton.marketing.email_report.reads import LinkRow

_ANCHOR = re.compile(r"<a\b([^>]*)>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
_MARK = re.compile(r'\shref="#baton-link-(\d+)"')
_LEADS = re.compile(r"""\s(?:href|target|rel|ping|download)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_BADGE = (
    "display:inline-block;margin:0 0 0 6px;padding:0 7px;border-radius:9px;background:#0b4f4f;color:#fff;"
    "font:600 11px/18px system-ui,sans-serif;letter-spacing:0;text-decoration:none;text-transform:none;"
    "vertical-align:middle;white-space:nowrap"
)


def page_with_numbers(broadcast: Broadcast, links: list[LinkRow], shares: Mapping[int, str]) -> str:
    """The mail as somebody unknown would see it. A tracked link leads to the people who followed it, no other leads
    anywhere. `shares` are the words beside each number, by link. Raises BadWriting.
    """
    made = mailing.writing_of(broadcast)
    by_url = {link.url: link for link in links}
    slots = {f"c{place}": f"#baton-link-{place}" for place in range(len(made.links))}
    slots |= {writing.UNSUBSCRIBE: "#", writing.PREFERENCES: "#", writing.PIXEL: ""}
    rows = [by_url.get(url[:2000]) for url in made.links]
    people = reverse("email_people", kwargs={"email_id": broadcast.pk})

    def numbered(found: re.Match[str]) -> str:
        mark = _MARK.search(found[1])
        plain = _LEADS.sub("", found[1])
        row = rows[int(mark[1])] if mark else None
        if row is None:
            return f"<a{plain}>{found[2]}</a>"
        badge = f'<span style="{_BADGE}">{row.number} · {escape(shares[row.pk])}</span>'
        return f'<a{plain} href="{people}?what=clicked&amp;link={row.pk}" target="_top">{found[2]}{badge}</a>'

    return _ANCHOR.sub(numbered, made.html.words({"contact": {}}, slots))
