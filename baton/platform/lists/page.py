"""What the page of a list and its file are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from baton.platform import wiring
from baton.platform.accounts.models import User
from baton.platform.fields.models import FieldDefinition
from baton.platform.fields.rules import from_text
from baton.platform.lists.asked import Asked
from baton.platform.lists.listing import BulkField, Listing
from baton.platform.pages import capped_count, page_of


@dataclass(frozen=True)
class Drop:
    """A condition that keeps rows out: without it, at the address `without`, `count` of them are there."""

    words: str
    without: str
    count: int
    count_stops_at: int


def page(asked: Asked, after: str) -> dict[str, Any]:
    """Fifty rows with all that stands around them. When none fits, which condition to drop."""
    listing, user = asked.listing, asked.user
    narrowed = asked.rows()
    records = asked.read_for(asked.shown, listing.rows(user))
    found = page_of(narrowed, asked.order, after, records=records)
    listing.with_more(found.rows, user, asked.now)
    stops_at = asked.count_stops_at()
    count, is_capped = capped_count(narrowed, stops_at) if found.next or after else (len(found.rows), False)
    return {
        "listing": listing,
        "asked": asked,
        "rows": found.rows,
        "cells": [(one.value, "part" if one.part else one.kind, one.part, one.css) for one in asked.shown],
        "next": found.next,
        "is_first": not after,
        "count": count + is_capped,
        "count_stops_at": stops_at,
        "drops": drops(asked) if asked.is_narrowed and not found.rows and not after else [],
        "may_change": user.may(f"{listing.side}.change"),
        "may_export": user.may("people.export"),
        "bulk_fields": bulk_fields(asked) if user.may(f"{listing.side}.change") else [],
        "bulk_parts": _parts(listing, user),
        "now": asked.now,
    }


def _parts(listing: Listing, user: User) -> list[tuple[str, dict[str, Any]]]:
    """What other sides put into the bar over chosen rows: (template, what it is given), listed in web/wiring.py."""
    parts = [part(user) for part in wiring.page().LIST_PARTS.get(listing.key, [])]
    return [part for part in parts if part]


def drops(asked: Asked) -> list[Drop]:
    """What each condition alone keeps out, the most first; counts stop where all counts stop."""
    found = []
    for name, words in asked.in_words.items():
        stops_at = asked.count_stops_at(without=name)
        count, is_capped = capped_count(asked.rows(without=name), stops_at)
        found.append(Drop(words, asked.query(**{name: ""}), count + is_capped, stops_at))
    return sorted(found, key=lambda drop: -drop.count)


def bulk_fields(asked: Asked) -> list[BulkField]:
    """What may be set on many rows: the listing's own fields and the custom ones."""
    on = asked.listing.custom_on
    defined = FieldDefinition.objects.filter(on=on, is_hidden=False).order_by("label", "pk") if on else []
    return [*asked.listing.bulk_fields, *(_custom_field(one) for one in defined)]


def _custom_field(field: FieldDefinition) -> BulkField:
    def read(text: str, user: User) -> Any:
        return from_text(field, text, locale=user.locale or "en")

    flags = [("yes", _("Yes")), ("no", _("No"))]
    offered = flags if field.kind == "flag" else [(one, one) for one in field.choices]
    is_choice = field.kind in ("flag", "choice")
    return BulkField(
        f"custom-{field.pk}",
        field.label,
        read,
        kind="date" if field.kind == "date" else "text",
        choices=(lambda user: offered) if is_choice else None,
        is_named_by_people=True,
    )


def file_of(asked: Asked, *, all_columns: bool) -> tuple[list[str], Iterator[list[Any]]]:
    """Head and rows of the CSV file: the columns shown, or all there are; the id and the name always."""
    columns = [asked.listing.name, *(asked.columns if all_columns else asked.shown)]
    cells = [cell for column in columns for cell in column.cells]
    rows = asked.read_for(columns, asked.rows()).order_by("pk").iterator(chunk_size=2000)
    head = ["id", *(head for head, _value in cells)]
    return head, ([row.pk, *(plain(value(row)) for _head, value in cells)] for row in rows)


def plain(value: Any) -> Any:
    """A value as a file holds it."""
    if isinstance(value, User):
        return value.email
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
