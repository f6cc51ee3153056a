"""Checks of the fields that are filled in for each person: is there such a field, and who would read a gap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.marketing.email.audience import COUNT_AT_MOST, possible_readers
from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import FIELDS, Part, Writing
from baton.marketing.preflight.rules import BLOCK, OK, WARN, Finding
from baton.people.contacts.models import Contact
from baton.platform.db import among

# What may be named beside the contact's fields; writing.py and mailing.py fill these in.
STANDING: dict[str, set[str]] = {
    "organisation": {"name", "postal_address"},
    "topic": {"label"},
    "preheader": set(),
    "unsubscribe_url": set(),
    "preferences_url": set(),
}
_EMPTY = {
    "first_name": Q(first_name=""),
    "last_name": Q(last_name=""),
    "job_title": Q(job_title=""),
    "city": Q(city=""),
    "country": Q(country=""),
    "company": Q(company=None) | Q(company__name=""),
}
_OUTPUT = re.compile(r"\{\{-?\s*contact\.([a-z_]+)")


def field_findings(broadcast: Broadcast, made: Writing) -> list[Finding]:
    """Unknown fields, then fields that are empty for some."""
    found = [*_unknown(made), *_empty(broadcast, made)]
    return found or [Finding("fields", OK, _("Every field is known, and none would leave a gap."))]


def _unknown(made: Writing) -> Iterator[Finding]:
    names = sorted({name for part in _parts(made) for name in _named(part.template) if not _is_known(name)})
    if names:
        what = ngettext("There is no field %(names)s.", "There are no fields %(names)s.", len(names))
        known = ", ".join(f"contact.{name}" for name in sorted(FIELDS))
        mend = _("Everybody would read a gap there. Write one of these: %(known)s.") % {"known": known}
        told = {"names": ", ".join(".".join(name) for name in names)}
        yield Finding(f"fields.unknown.{told['names']}"[:120], BLOCK, what % told, mend)


def _parts(made: Writing) -> list[Part]:
    return [made.subject, made.html, made.text]


def _named(template: Any) -> Iterator[tuple[str, ...]]:
    """Every name that the writer did not set, as its parts: ("contact", "city")."""
    for variables in template.analyze().globals.values():
        for variable in variables:
            yield tuple(str(segment) for segment in variable.segments)


def _is_known(name: tuple[str, ...]) -> bool:
    root, rest = name[0], name[1:]
    if root == "contact":
        return len(rest) == 1 and rest[0] in {*FIELDS, "segments"}
    if root not in STANDING:
        return False
    return len(rest) == 1 and rest[0] in STANDING[root] if STANDING[root] else not rest


def _empty(broadcast: Broadcast, made: Writing) -> Iterator[Finding]:
    names = sorted({name for part in _parts(made) for name in _without_words(part)} & _EMPTY.keys())
    if not names:
        return
    ids = list(islice(possible_readers(broadcast), COUNT_AT_MOST))
    counts = {name: Count("pk", filter=_EMPTY[name]) for name in names}
    gaps = Contact.objects.filter(pk__in=among(ids)).aggregate(**{f"n_{name}": one for name, one in counts.items()})
    for name in names:
        number = gaps[f"n_{name}"] or 0
        if number:
            what = ngettext(
                "One person of %(all)s has no %(name)s and would read a gap.",
                "%(number)s people of %(all)s have no %(name)s and would read a gap.",
                number,
            )
            mend = _("Say what stands there instead: %(field)s")
            told = {"number": number, "all": len(ids), "name": name.replace("_", " ")}
            field = f'{{{{ contact.{name} | default: "…" }}}}'
            yield Finding(f"fields.empty.{name}", WARN, what % told, mend % {"field": field})


def _without_words(part: Part) -> Iterator[str]:
    """Fields that are written out, outside any condition, with nothing said for when they are empty."""
    for plain in part.plain.values():
        if not plain.when_empty:
            yield plain.name
    for node in part.nodes.values():
        if (found := _OUTPUT.match(str(node))) and "default" not in str(node):
            yield found[1]
