"""Reading versions: the list, and what one changed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.marketing.drafting.models import Version
from baton.marketing.email import designs
from baton.marketing.email.models import Broadcast

MOST_LINES = 400
_LABELS: dict[str, str | Promise] = {
    "name": _("Name"),
    "subject": _("Subject"),
    "preheader": _("Preheader"),
    "sender_name": _("Sender's name"),
    "sender_email": _("Sender's address"),
    "reply_to": _("Replies go to"),
    "design": _("Template"),
    "source": _("What it says"),
    "text": _("Plain text"),
}


@dataclass(frozen=True)
class Change:
    """What one version changed in one thing: lines with "+", "-" or " " in front."""

    label: str | Promise
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One version in the list, with the labels of what it changed against the one before."""

    version: Version
    changed: list[str | Promise]


def version_rows(broadcast: Broadcast) -> list[Row]:
    """The versions of an email, the newest first, fifty at most."""
    found = list(broadcast.versions.select_related("saved_by")[:51])
    rows = [Row(new, [change.label for change in changes(old, new)]) for new, old in pairwise(found)]
    return [*rows, Row(found[-1], [])][:50] if found else []


def version_before(version: Version) -> Version | None:
    """The version that this one took the place of."""
    return Version.objects.filter(broadcast=version.broadcast_id, number__lt=version.number).first()


def changes(old: Version | None, new: Version) -> list[Change]:
    """What is otherwise in `new` than in `old`, thing by thing."""
    before, after = _shown(old) if old else {}, _shown(new)
    return [
        Change(label, _lines(before.get(name, ""), after[name]))
        for name, label in _LABELS.items()
        if before.get(name, "") != after[name]
    ]


def _shown(version: Version) -> dict[str, str]:
    """A version's things in text, each piece of its page on a line of its own."""
    words = version.words
    if words["has_own_source"]:
        source = re.sub(r">\s*<", ">\n<", words["mjml"])
    elif words["design"] in designs.DESIGNS:
        source = "\n".join(words["fields"].get(field.name, "") for field in designs.DESIGNS[words["design"]].fields)
    else:
        source = "\n".join(map(str, words["fields"].values()))
    return {**{name: str(words[name]) for name in _LABELS if name != "source"}, "source": source}


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [(line[0], line[1:]) for line in told if not line.startswith(("---", "+++"))][:MOST_LINES]
