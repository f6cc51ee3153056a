"""What steps do for people: mails put on the ledger, places on lists, messages, and the job that hands to sales.

All of it are rows of the main database, written in the transaction that moves the people.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.journeys import rules
from baton.marketing.journeys.models import Journey
from baton.marketing.journeys.world import Effects
from baton.marketing.segments.models import ContactList, ListMember
from baton.marketing.segments.touched import touch
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions as ledger
from baton.platform import jobs
from baton.platform.accounts.models import User
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import among
from baton.platform.jobs.models import Job
from baton.platform.notifications.actions import notify

FEW = 10  # of more people than this, whom one step speaks of at once, somebody is told in one message
HAND_OVER = "journey.hand_over"  # the job


def do(journey: Journey, effects: Effects, runs: set[int], now: datetime) -> None:
    """Everything that the steps do, for the people who were moved; in the transaction that moves them."""
    mails: dict[tuple[int, int], list[int]] = defaultdict(list)
    for run, email, contact, number in effects.mails:
        if run in runs:
            mails[email, number].append(contact)
    for (email, number), contacts in mails.items():
        ledger.fill(ledger.Message(KIND, email), contacts, ledger.Entry(occasion=number))
    _ring({email for email, _number in mails})
    _put_on_lists([(step, contact) for run, step, contact in effects.lists if run in runs], now)
    _tell(journey, [one for one in effects.notices if one[0] in runs])
    for run, contact, place in effects.handovers:
        if run in runs:
            jobs.enqueue(HAND_OVER, key=f"{HAND_OVER}:{run}:{place}", contact_id=contact)


def _ring(emails: set[int]) -> None:
    """See that the emails have somebody who sends them, unless they rest."""
    for pk in Broadcast.objects.filter(pk__in=emails, state=Broadcast.State.LIVE).values_list("pk", flat=True):
        waiting = Job.objects.filter(kind="email.send_batch", payload__email_id=pk, state__in=["waiting", "running"])
        if not waiting.exists():
            jobs.enqueue("email.send_batch", email_id=pk)


def _put_on_lists(asked: list[tuple[rules.Step, int]], now: datetime) -> None:
    """On and off contact lists. A list that is put away takes nobody."""
    by_list: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for step, contact in asked:
        by_list[step["list"], step["is_off"]].append(contact)
    there = set(ContactList.objects.live().filter(pk__in=[pk for pk, _off in by_list]).values_list("pk", flat=True))
    for (pk, is_off), contacts in by_list.items():
        if is_off:
            ListMember.objects.filter(on_list=pk, contact__in=among(contacts)).delete()
        elif pk in there:
            insert_rows(ListMember, ["on_list", "contact", "added_at"], ((pk, one, moment(now)) for one in contacts))
        touch(contacts, "list")


def _tell(journey: Journey, asked: list[tuple[int, rules.Step, int, int]]) -> None:
    """Messages to people of the house; without one, to the contact's owner, else to the journey's. Of many at once
    somebody is told in one.
    """
    contacts = Contact.objects.filter(pk__in=among({contact for _run, _step, contact, _place in asked}))
    people = {one.pk: one for one in contacts.select_related("owner")}
    users = {one.pk: one for one in User.objects.filter(is_active=True)} if asked else {}
    letters: dict[tuple[int, str, str], list[tuple[str, Contact]]] = defaultdict(list)
    for run, step, contact, place in asked:
        person = people.get(contact)
        to = person and users.get(step["user"] or person.owner_id or journey.owner_id or 0)
        if person and to:
            letters[to.pk, step["id"], step["text"]].append((f"journey:{run}:{place}", person))
    for (user, step_id, text), about in letters.items():
        _tell_of(users[user], journey, step_id, text, about)


def _tell_of(to: User, journey: Journey, step: str, text: str, about: list[tuple[str, Contact]]) -> None:
    if len(about) <= FEW:
        for key, person in about:
            notify(to, "journey.notice", f"{person}: {text}", url=person.get_absolute_url(), key=key)
        return
    facts = {"first": about[0][1], "n": f"{len(about) - 1:,}", "text": text}
    said = _("%(first)s and %(n)s more: %(text)s") % facts
    notify(to, "journey.notice", said, url=f"{journey.get_absolute_url()}people/", key=f"{about[0][0]}:{step}")
