"""Taking a whole import back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from baton.exchange.imports.models import ExternalId, ImportChange, ImportRun
from baton.people.companies.models import Company
from baton.people.companies.search import index_company
from baton.people.consent.models import Consent
from baton.people.consent.together import take_back
from baton.people.contacts.models import Contact
from baton.people.contacts.search import index_contact
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.sales.deals.search import index_deal

BATCH = 500
NOUNS = {
    "people.contact": "contacts",
    "people.company": "companies",
    "people.lead": "leads",
    "sales.deal": "deals",
    "sales.product": "products",
}
FOUND_AGAIN: dict[str, Callable[..., None]] = {
    "people.contact": index_contact,
    "people.company": index_company,
    "sales.deal": index_deal,
}


@transaction.atomic
def undo(run: ImportRun, *, actor: User, now: datetime) -> tuple[int, list[str]]:
    """Take an import back: what it created goes into the bin, what it updated gets its old values.

    Records that someone changed since are kept and named, and so are companies that still have contacts; users it added
    can no longer sign in. Gives how many were taken back, and those names. Raises Refusal for a run that is not done.
    """
    if run.noun == "events":
        raise Refusal(_("Events stay: they are part of figures by now. Erasing a person takes theirs away."))
    claimed = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.DONE).update(state=ImportRun.State.UNDONE)
    if not claimed:
        raise Refusal(_("Only an import that is done can be undone."))
    run.state = ImportRun.State.UNDONE
    kept: list[str] = []
    undone, last = 0, None
    while changes := _before(run, last):
        last = changes[-1].pk
        undone += _undo_batch(changes, now, kept)
    journal.record("import.undone", run, actor=actor, undone=undone, kept=len(kept))
    return undone, kept


def _before(run: ImportRun, last: int | None) -> list[ImportChange]:
    changes = run.changes.order_by("-pk")
    return list((changes if last is None else changes.filter(pk__lt=last))[:BATCH])


def _undo_batch(changes: list[ImportChange], now: datetime, kept: list[str]) -> int:
    things = {
        label: apps.get_model(label)._base_manager.in_bulk([one.object_id for one in changes if one.model == label])
        for label in {one.model for one in changes}
    }
    binned: dict[str, list[int]] = {}
    undone = 0
    for change in changes:
        thing = things[change.model].get(change.object_id)
        if thing is None or getattr(thing, "deleted_at", None):
            continue
        if isinstance(thing, User):
            User.objects.filter(pk=thing.pk).update(is_active=False)
        elif isinstance(thing, Consent):
            if not take_back(thing, change.before, imported_at=change.changed_at, now=now):
                kept.append(str(thing))
                continue
        elif _is_needed(thing, change):
            kept.append(str(thing))
            continue
        else:
            _give_back(thing, change, now)
            if change.before is None:
                binned.setdefault(change.model, []).append(thing.pk)
        undone += 1
    for label, ids in binned.items():
        ExternalId.objects.filter(noun=NOUNS.get(label, ""), object_id__in=ids).delete()
    return undone


def _is_needed(thing: Any, change: ImportChange) -> bool:
    """Changed by someone since the import, or a company that people still work at."""
    if thing.changed_at > change.changed_at:
        return True
    is_new_company = isinstance(thing, Company) and change.before is None
    return is_new_company and Contact.objects.live().filter(company=thing).exists()


def _give_back(thing: Any, change: ImportChange, now: datetime) -> None:
    if change.before is None:
        thing.deleted_at = now
        fields = ["deleted_at"]
    else:
        fields = list(change.before)
        for name, value in change.before.items():
            field = thing._meta.get_field(name)
            setattr(thing, field.attname, value if field.is_relation else field.to_python(value))
    thing.save(update_fields=fields)
    if change.model in FOUND_AGAIN:
        FOUND_AGAIN[change.model](thing)
