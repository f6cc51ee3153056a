"""Records that belong to contacts, as conditions may ask for them: leads here, deals and handoffs by the treaty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from baton.marketing.segments.vocabulary import ATTRIBUTES, DATE, TEXT
from baton.people.leads.models import Lead
from baton.people.leads.rules import ORIGIN_CHOICES, STATUS_CHOICES
from baton.platform import wiring


@dataclass(frozen=True)
class Field:
    """A fact of a record: `column` is where the ORM finds it from the rows, `choices` what it may be."""

    label: Any
    kind: str
    column: str
    choices: Callable[[], list[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Records:
    """`rows()` are the records, `contact` is the path from a row to its contact's id, `fields` what may be asked."""

    label: Any
    rows: Callable[[], QuerySet[Any]]
    contact: str
    fields: Mapping[str, Field]


LEADS = Records(
    _("leads"),
    lambda: Lead.objects.live(),
    "contact_id",
    {
        "status": Field(_("status"), TEXT, "status", lambda: [(key, str(label)) for key, label in STATUS_CHOICES]),
        "origin": Field(_("origin"), TEXT, "origin", lambda: [(key, str(label)) for key, label in ORIGIN_CHOICES]),
        "source": Field(_("source"), TEXT, "source"),
        "campaign": Field(_("campaign"), TEXT, "campaign_code"),
        "owner": Field(_("owner"), TEXT, "owner__name"),
        "opened": Field(_("opened"), DATE, "opened_at"),
        "ended": Field(_("ended"), DATE, "ended_at"),
    },
)
COLLEAGUES = "colleagues"
# What may be asked of the other people of a contact's company: the attributes of a person.
OF_COLLEAGUES = {
    name: Field(label, kind, name.replace(".", "__"))
    for name, (label, kind) in ATTRIBUTES.items()
    if not name.startswith("company.")
}


def record_kinds() -> dict[str, Records]:
    """Every kind of related record by its key, colleagues apart."""
    return {"leads": LEADS, **getattr(wiring.page(), "SEGMENT_RECORDS", {})}


def fields_of(related: str) -> Mapping[str, Field]:
    """What may be asked of such records; empty for none."""
    if related == COLLEAGUES:
        return OF_COLLEAGUES
    found = record_kinds().get(related)
    return found.fields if found else {}


def label_of(related: str) -> str:
    """What such records are called."""
    if related == COLLEAGUES:
        return str(_("colleagues at the company"))
    found = record_kinds().get(related)
    return str(found.label) if found else related
