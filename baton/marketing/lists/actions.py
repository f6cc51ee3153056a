"""The verbs of contact lists: make, rename, put contacts on, take them off, undo either, put away, bring back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.leaves.look import ids_of
from baton.marketing.segments.models import ContactList, ListMember, Segment
from baton.marketing.segments.reads import members_seen
from baton.marketing.segments.rules import leaves
from baton.marketing.segments.touched import touch
from baton.marketing.segments.uses import journeys_with_list
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import among, write_turn
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.notifications.actions import notify
from baton.platform.pieces import in_pieces

PUT_MANY_ON = "contact_list.put_on"  # the job
PUT_ON, TAKEN_OFF = "contact_list.put_on", "contact_list.taken_off"
BATCH = 2_000
MAX_NAME = 200


class ListInUse(Refusal):
    """A segment speaks of it."""


class NoName(Refusal):
    """A list needs a name."""


@transaction.atomic
def make_list(name: str, *, actor: User, now: datetime) -> ContactList:
    """A new list with nobody on it. Raises NoName."""
    made = ContactList.objects.create(name=_named(name), owner=actor, created_at=now, changed_at=now)
    journal.record("contact_list.made", made, actor=actor, name=made.name)
    return made


@transaction.atomic
def rename_list(of: ContactList, name: str, *, actor: User) -> ContactList:
    """Call it otherwise. Raises NoName; the same name is no change."""
    before, of.name = of.name, _named(name)
    if before != of.name:
        of.claim_revision()
        of.save(update_fields=["name"])
        journal.record("contact_list.renamed", of, actor=actor, before={"name": before}, after={"name": of.name})
    return of


@transaction.atomic
def put_on(of: ContactList, contacts: Iterable[int], *, actor: User, now: datetime, **told: Any) -> JournalEntry:
    """Put contacts on a list; who is on it stays. The journal's line names who came on, and what else was `told`."""
    wanted = set(contacts)
    there = set(of.members.filter(contact__in=among(wanted)).values_list("contact_id", flat=True))
    fresh = sorted(wanted - there)
    rows = (ListMember(on_list=of, contact_id=pk, added_at=now) for pk in fresh)
    ListMember.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    touch(fresh, "list")
    return journal.record(PUT_ON, of, actor=actor, contacts=fresh, there=len(there), since=now.isoformat(), **told)


def put_members_on(of: ContactList, segment: Segment, *, actor: User, now: datetime) -> JournalEntry | None:
    """Put those who are in a segment now, of whom the actor may see, on a list. A worker does it where they are many,
    and tells when it is done: None then.
    """
    members = _members(segment, actor)
    if len(members) <= BATCH:
        return put_on(of, members, actor=actor, now=now)
    jobs.enqueue(PUT_MANY_ON, list_id=of.pk, segment_id=segment.pk, actor_id=actor.pk)
    return None


def put_many_on(job: Job, *, list_id: int, segment_id: int, actor_id: int) -> None:
    """Job: put a segment's members on a list, some at a time; begun again after a kill it goes through all of them."""
    of, segment = ContactList.objects.get(pk=list_id), Segment.objects.get(pk=segment_id)
    actor, now = User.objects.get(pk=actor_id), timezone.now()
    members = _members(segment, actor)
    for some in in_pieces(members, BATCH):
        with write_turn():
            put_on(of, some, actor=actor, now=now)
        jobs.heartbeat(job)
    with translation.override(actor.locale):
        facts = {"n": f"{len(members):,}", "segment": segment, "list": of}
        told = _("%(n)s contacts of %(segment)s are on %(list)s.") % facts
    notify(actor, "list.changed", told, url=of.get_absolute_url(), key=f"{PUT_MANY_ON}:{job.pk}")


def _members(segment: Segment, actor: User) -> BitMap64:
    """Contact ids of who is in a segment now, of whom somebody may see; read before anything is written."""
    return ids_of(members_seen(segment, actor), "contact_id")


@transaction.atomic
def take_off(of: ContactList, contacts: Iterable[int], *, actor: User) -> JournalEntry:
    """Take contacts off a list. The journal's line names them and since when they were on it."""
    rows = of.members.filter(contact__in=among(set(contacts)))
    since = rows.order_by("contact_id").values_list("contact", "added_at")
    were = {str(contact): at.isoformat() for contact, at in since}
    rows.delete()
    touch(map(int, were), "list")
    return journal.record(TAKEN_OFF, of, actor=actor, were=were)


@transaction.atomic
def undo(of: ContactList, entry: JournalEntry, *, actor: User) -> JournalEntry:
    """Undo one putting on or taking off; who was put on or taken off again since stays so."""
    if entry.verb == PUT_ON:
        since = of.members.filter(
            contact__in=among(entry.facts["contacts"]), added_at=datetime.fromisoformat(entry.facts["since"])
        )
        return take_off(of, since.values_list("contact_id", flat=True), actor=actor)
    were: dict[str, str] = entry.facts["were"]
    rows = [ListMember(on_list=of, contact_id=int(pk), added_at=datetime.fromisoformat(at)) for pk, at in were.items()]
    ListMember.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    touch(map(int, were), "list")
    return journal.record("contact_list.put_back", of, actor=actor, contacts=sorted(map(int, were)))


@transaction.atomic
def bin_list(of: ContactList, *, actor: User, now: datetime) -> ContactList:
    """Put a list away; its contacts stay. Raises ListInUse while a segment's rule or a journey speaks of it."""
    users = [one.name for one in [*segments_of(of), *journeys_with_list(of)]]
    if users:
        raise ListInUse(_("It is used by: %(names)s. Nothing was changed.") % {"names": ", ".join(users)})
    of.deleted_at = now
    of.save(update_fields=["deleted_at"])
    journal.record("contact_list.binned", of, actor=actor)
    return of


@transaction.atomic
def restore_list(of: ContactList, *, actor: User) -> ContactList:
    """Bring a list back with everyone on it."""
    of.deleted_at = None
    of.save(update_fields=["deleted_at"])
    journal.record("contact_list.restored", of, actor=actor)
    return of


@transaction.atomic
def make_segment(of: ContactList, *, actor: User, now: datetime) -> Segment:
    """The segment of everyone on the list, which emails can be sent to; the one that is there already, if any."""
    rule = {"all": [{"list": of.pk}]}
    there = Segment.objects.live().filter(rule=rule).first()
    return there or save_segment(None, name=of.name, rule=rule, actor=actor, now=now)


def segments_of(of: ContactList) -> list[Segment]:
    """Segments whose rule speaks of the list."""
    return [one for one in Segment.objects.live() if any(leaf.get("list") == of.pk for leaf in leaves(one.rule))]


def _named(name: str) -> str:
    if not name.strip():
        raise NoName(_("Give the list a name."))
    return name.strip()[:MAX_NAME]
