"""Write contacts, companies, deals or leads as CSV.

Everything that is not in the bin, in the order it was made.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.contacts.reads import EXPORT_HEAD, export_rows
from baton.people.leads.models import Lead
from baton.platform.csvfile import csv_lines
from baton.sales.deals.models import Deal

COLUMNS: dict[str, tuple[Any, list[str]]] = {
    "companies": (Company, ["id", "name", "domain", "industry", "employees", "city", "country", "created_at"]),
    "leads": (Lead, ["id", "contact_id", "status", "origin", "source", "campaign_code", "opened_at", "ended_at"]),
    "deals": (
        Deal,
        ["id", "name", "state", "stage_id", "amount_minor", "currency", "company_id", "opened_at", "closed_at"],
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("noun", choices=["contacts", *COLUMNS])
    parser.add_argument("--out", type=Path, help="file to write (default: the screen)")


def run(args: argparse.Namespace) -> int:
    with args.out.open("w", encoding="utf-8") if args.out else contextlib.nullcontext(sys.stdout) as file:
        file.writelines(_lines(args.noun))
    return 0


def _lines(noun: str) -> Iterator[str]:
    if noun == "contacts":
        contacts = Contact.objects.live().select_related("company", "owner")
        return csv_lines(EXPORT_HEAD, export_rows(contacts))
    model, columns = COLUMNS[noun]
    return csv_lines(columns, model.objects.live().order_by("pk").values_list(*columns).iterator(chunk_size=2000))
