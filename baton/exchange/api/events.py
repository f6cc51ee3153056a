"""The API's events: what a person did elsewhere, one at a time or many at once."""

# No postponed annotations here: ninja reads them at import, through decorators.

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from ninja import Router, Status
from pydantic import ValidationError

from baton.exchange.api import schemas as s
from baton.exchange.api.problems import Problem, ProblemOut
from baton.exchange.api.shared import BIGGEST_ID, PROBLEMS, allow
from baton.exchange.api.tokens import ApiRequest
from baton.people.contacts.models import Contact
from baton.tracking.collect.reported import Report, reported_event
from baton.tracking.collect.sites import KnownSites
from baton.tracking.errors import EventDropped
from baton.tracking.store import Event
from baton.tracking.store.append import id_of
from baton.tracking.store.once import append_once

router = Router(tags=["events"])
_sites = KnownSites()
_EVENT_FIELDS = {"id", "contact_id", "email"}


@router.post("/events", response={202: s.EventStored, **PROBLEMS})
def post_event(request: ApiRequest, body: s.EventIn) -> Status[s.EventStored]:
    """Store that a person did something elsewhere; durable when it answers, a repeat of the same id is harmless."""
    allow(request, "people.change")
    now = timezone.now()
    try:
        event = _event(request, body, _Known(request, [body]), now)
    except EventDropped as dropped:
        raise Problem(422, str(dropped)) from None
    append_once([event], now=now)
    return Status(202, s.EventStored(id=event.id))


@router.post("/events/batch", response={202: s.EventsStored, **PROBLEMS, 413: ProblemOut})
def post_events(request: ApiRequest, body: s.EventsIn) -> Status[s.EventsStored]:
    """Store up to 1,000 events. Each is stored, known already, or dropped with a reason; the answer says which.

    Durable when it answers. Send the whole batch again when in doubt.
    """
    allow(request, "people.change")
    now = timezone.now()
    told = [_read(one) for one in body.events]
    known = _Known(request, [one for one in told if isinstance(one, s.EventIn)])
    answers: list[s.EventAnswer] = []
    events: dict[str, Event] = {}
    for place, one in enumerate(told):
        try:
            if isinstance(one, EventDropped):
                raise one
            event = _event(request, one, known, now)
        except EventDropped as dropped:
            answers.append(s.EventAnswer(place=place, state="dropped", reason=dropped.reason, why=str(dropped)))
            continue
        answers.append(s.EventAnswer(place=place, state="repeated" if event.id in events else "stored", id=event.id))
        events.setdefault(event.id, event)
    return Status(202, _stored(answers, append_once(list(events.values()), now=now)))


class _Known:
    """The contacts that some events name, of those the token's owner may see."""

    def __init__(self, request: ApiRequest, told: Collection[s.EventIn]) -> None:
        visible = Contact.objects.visible_to(request.user)
        ids = {one.contact_id for one in told if one.contact_id is not None and one.contact_id <= BIGGEST_ID}
        emails = {email for one in told if (email := one.email.strip().lower())}
        self.ids = set(visible.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        self.emails = dict(visible.holding(email=emails).values_list("email", "pk")) if emails else {}

    def contact_of(self, told: s.EventIn) -> int | None:
        """Whose event it is; None where it names no contact. Raises EventDropped for one that is not known."""
        if told.contact_id is not None:
            if told.contact_id not in self.ids:
                raise EventDropped("unknown_contact", f"contact_id: there is none with the id {told.contact_id}.")
            return told.contact_id
        if email := told.email.strip().lower():
            if email not in self.emails:
                raise EventDropped("unknown_contact", f"email: no contact has the address {email}.")
            return self.emails[email]
        return None


def _event(request: ApiRequest, told: s.EventIn, known: _Known, now: datetime) -> Event:
    report = Report(contact=known.contact_of(told), **told.model_dump(exclude=_EVENT_FIELDS))
    return reported_event(report, id=id_of(f"api:{request.auth.pk}:{told.id}"), now=now, site_of=_sites.site_of)


def _read(told: object) -> s.EventIn | EventDropped:
    try:
        return s.EventIn.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return EventDropped("invalid", f"{where}: {first['msg']}" if where else first["msg"])


def _stored(answers: list[s.EventAnswer], there: set[str]) -> s.EventsStored:
    for one in answers:
        if one.id in there:
            one.state = "repeated"
    counts = {state: sum(one.state == state for one in answers) for state in ("stored", "repeated", "dropped")}
    return s.EventsStored(**counts, events=answers)
