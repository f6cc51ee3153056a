"""Random rules over people of every kind: the bitmaps find exactly those the slow evaluator finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.keeping import Previewer
from baton.marketing.segments.models import ContactList, ListMember
from baton.marketing.segments.rules import check
from baton.marketing.segments.tests.reference import Person, satisfies
from baton.marketing.segments.words import sentence
from baton.people.companies.models import Company
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.models import Delivery
from baton.people.leads.models import Lead
from baton.people.lifecycle.models import LifecycleMove
from baton.platform.fields.models import FieldDefinition
from baton.platform.journal.models import JournalEntry
from baton.platform.organisation import organisation
from baton.tracking.store import record_event
from tests.cast import a_company, a_contact

pytestmark = pytest.mark.django_db(databases=["default", "events"])

# The Monday after the clocks went back in Berlin: days of 24 hours from now and days of the calendar differ.
NOW = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"
COUNTRIES = ["", "DE", "de", "AT", "Ös"]
EMPLOYEES = [None, 0, 50, 80]
DAYS = [None, 0, 1, 2, 7, 29, 30, 366]


def people() -> list[Person]:
    """Twenty people, no two alike, with events at the very edges of the windows."""
    organisation().__class__.objects.update(zone=ZONE)
    topic = ConsentTopic.objects.create(key="news", label="News")
    fields = {
        kind: FieldDefinition.objects.create(on="contact", key=kind, label=kind, kind=kind)
        for kind in ("text", "number", "date", "flag")
    }
    shared = a_company(employees=80)
    found = [_person(number, topic, fields, shared) for number in range(20)]
    at_work = [person for person in found if person.pk in set(shared.contacts.values_list("pk", flat=True))]
    for person in at_work:
        person.colleagues = [other.attributes for other in at_work if other is not person]
    return found


def _person(n: int, topic: ConsentTopic, fields: dict[str, FieldDefinition], shared: Company) -> Person:
    country, employees, age = COUNTRIES[n % 5], EMPLOYEES[n % 4], DAYS[n % 8]
    email = f"n{n}@{'gmail.com' if n % 3 == 2 else 'x.example'}" if n % 3 else ""
    company = (shared if n % 6 == 1 else a_company(employees=employees)) if n % 2 else None
    employees = 80 if company == shared else employees
    values = {"text": ["Straße", "ÉCLAIR", "", None][n % 4], "number": [None, 0, 2.5, 7][n % 4],
              "date": [None, "2026-10-25", "2026-10-26", "2000-02-29", "2020-10-31"][n % 5],
              "flag": [None, True, False][n % 3]}  # fmt: skip
    custom = {str(fields[kind].pk): value for kind, value in values.items() if value is not None}
    contact = a_contact(country=country, email=email, fit_score=n * 5, company=company, custom=custom)
    since = NOW - timedelta(days=age, microseconds=n % 2) if age is not None else None
    Contact.objects.filter(pk=contact.pk).update(lifecycle_at=since)
    person = Person(contact.pk, {"country": country, "email": email, "fit_score": n * 5, "lifecycle_at": since,
                                 "lifecycle": "subscriber",
                                 "company.employees": employees if company else None,
                                 **{f"custom.{kind}": value for kind, value in values.items()}})  # fmt: skip
    _history(person, n, topic, since)
    _more(person, n, company, since)
    return person


def _more(person: Person, n: int, company: Company | None, since: datetime | None) -> None:
    """Messages, a list, changes, leads and colleagues, at the edges of the windows."""
    edge = NOW - timedelta(days=[0, 1, 7, 30][n % 4], microseconds=n % 2)
    if n % 3:
        opened, clicked = (edge if n % 2 else None), (edge if n % 4 == 1 else None)
        person.messages.append({"sent": edge, "opened": opened, "clicked": clicked})
        Delivery.objects.create(message_kind="broadcast", message_id=1, contact_id=person.pk, state="handed",
                                handed_at=edge, opened_at=opened, clicked_at=clicked)  # fmt: skip
    if n % 4 == 0:
        on_list, _made = ContactList.objects.get_or_create(pk=1, defaults={"name": "By hand"})
        ListMember.objects.create(on_list=on_list, contact_id=person.pk, added_at=edge)
        person.lists[1] = edge
    person.created = NOW - timedelta(days=[0, 7, 400][n % 3])
    Contact.objects.filter(pk=person.pk).update(created_at=person.created)
    if n % 5 == 1:
        person.changes.append(("country", edge, "AT", "DE"))
        JournalEntry.objects.create(at=edge, verb="contact.changed", thing="people.contact", thing_id=person.pk,
                                    facts={"before": {"country": "AT"}, "after": {"country": "DE"}})  # fmt: skip
    if since is not None:
        person.changes.append(("lifecycle", since, "lead", "mql"))
    for status in [["new"], ["unqualified"], ["unqualified", "qualified"], []][n % 4]:
        Lead.objects.create(contact_id=person.pk, status=status, opened_at=edge)
        person.leads.append({"status": status, "opened": edge})


def _history(person: Person, n: int, topic: ConsentTopic, since: datetime | None) -> None:
    for time in range(n % 4):
        at = NOW - timedelta(days=[0, 7, 30][time]) - timedelta(microseconds=(n // 4) % 2)
        event = (
            "pageview",
            at,
            ["/pricing/eu", "/", ""][n % 3],
            {"plan": ["pro", "basic"][time % 2], "n": [2, 2.5][n % 2]},
        )
        person.events.append((*event[:3], {**event[3], "v": int(event[3]["n"])}))
        for _twice in range(2):
            record_event(
                event[0],
                at=at,
                contact=person.pk,
                path=event[2],
                props=event[3],
                value_minor=int(event[3]["n"]),
                id=f"{person.pk}:{time}",
            )
    record_event("pageview", at=NOW - timedelta(hours=1), contact=person.pk, path="/pricing", machine="scanner")
    if n % 4:
        expires = [None, NOW, NOW + timedelta(days=1)][n % 3]
        person.consents["news"] = (["given", "pending", "withdrawn"][n % 4 - 1], expires)
        Consent.objects.create(contact_id=person.pk, topic=topic, state=person.consents["news"][0], since=NOW,
                               expires_at=expires)  # fmt: skip
    if n == 5:
        suppress(person.attributes["email"].upper(), "complained", evidence="a test", now=NOW)
        person.is_suppressed = True
    if since is not None:
        person.reached.append(("mql", since))
        LifecycleMove.objects.create(contact_id=person.pk, from_stage="lead", to_stage="mql", at=since)


def _leaf(names: list[str], operators: list[str], values: list[Any]) -> st.SearchStrategy:
    return st.fixed_dictionaries({"attribute": st.sampled_from(names), "op": st.sampled_from(operators),
                                  "value": st.sampled_from(values)})  # fmt: skip


CALENDAR = ["2026-10-24", "2026-10-25", "2026-10-26", "2000-02-29"]
TEXTS, NUMBERS = ["country", "custom.text"], ["fit_score", "company.employees", "custom.number"]
DATES = ["lifecycle_at", "custom.date"]
leaves = st.one_of(
    _leaf(TEXTS, ["is", "is_not", "contains", "not_contains", "starts_with", "ends_with"],
          ["de", "STRASSE", "éclair", "o", "e", "s"]),
    _leaf(TEXTS, ["in", "not_in"], [["DE"], ["at", "strasse"]]),
    _leaf(NUMBERS, ["at_least", "at_most", "more_than", "less_than", "is", "is_not"], [0, 2.5, 50, 80]),
    _leaf(NUMBERS, ["between"], [[0, 50], [2, 3], [80, 80]]),
    _leaf(DATES, ["in_last_days", "before_last_days", "in_next_days", "anniversary_in_days"], [1, 2, 7, 30, 365]),
    _leaf(DATES, ["on", "before", "after"], CALENDAR),
    _leaf(DATES, ["between"], [["2026-10-25", "2026-10-25"], ["2026-10-19", "2026-10-25"]]),
    _leaf(DATES, ["this", "last", "next"], ["day", "week", "month", "quarter", "year"]),
    _leaf(["custom.flag"], ["yes", "no"], [None]),
    _leaf([*TEXTS, *NUMBERS, *DATES, "custom.flag"], ["known", "unknown"], [None]),
    st.fixed_dictionaries(
        {"event": st.sampled_from(["pageview", "never_seen"])},
        optional={"path": st.sampled_from(["/pricing", "/"]), "at_least": st.integers(1, 3),
                  "at_most": st.integers(3, 4) | st.just(3), "days": st.sampled_from([1, 7, 30, None])},
    ),
    st.fixed_dictionaries({"event": st.just("pageview"), "at_most": st.integers(0, 2), "days": st.just(7)}),
    st.fixed_dictionaries({"event": st.just("pageview"), "prop": st.just("plan"), "is": st.sampled_from(["pro", "x"])}),
    st.fixed_dictionaries({"consent": st.sampled_from(["news", "none"])},
                          optional={"state": st.sampled_from(["given", "pending", "withdrawn", "reachable"])}),
    _leaf(["country", "custom.text"], ["is", "is_not"], ["de"]).map(lambda leaf: {**leaf, "or_unknown": True}),
    st.fixed_dictionaries({"consent": st.just("news"), "state": st.just("expires"), "days": st.sampled_from([1, 2])}),
    st.fixed_dictionaries({"event": st.just("pageview"), "occurrence": st.sampled_from(["first", "last"])},
                          optional={"days": st.sampled_from([1, 7, 30, None])}),
    st.fixed_dictionaries({"event": st.just("pageview"), "at_least": st.integers(1, 2)},
                          optional={"since": st.sampled_from(CALENDAR[:2]), "until": st.sampled_from(CALENDAR[1:3])}),
    st.fixed_dictionaries({"event": st.just("pageview"), "then": st.just("pageview"),
                           "days": st.sampled_from([30, None]),
                           "within_minutes": st.sampled_from([7 * 1440, 23 * 1440])},
                          optional={"path": st.just("/pricing"), "then_path": st.just("/")}),
    st.fixed_dictionaries({"aggregate": st.sampled_from(["sum", "average", "least", "most"]),
                           "event": st.just("pageview"),
                           "of": st.sampled_from(["n", "plan"]), "op": st.sampled_from(["at_least", "less_than", "is"]),
                           "value": st.sampled_from([0, 2, 2.5, 4])}, optional={"days": st.sampled_from([7, 30])}),
    st.fixed_dictionaries({"message": st.sampled_from(["sent", "opened", "clicked"])},
                          optional={"without": st.sampled_from(["opened", "clicked"]), "email": st.just(1),
                                    "days": st.sampled_from([1, 7, 30]), "at_least": st.integers(1, 2)}),
    st.fixed_dictionaries({"list": st.sampled_from([1, 2])}, optional={"days": st.sampled_from([1, 7])}),
    st.fixed_dictionaries({"changed": st.sampled_from(["country", "lifecycle"])},
                          optional={"from": st.sampled_from(["at", "lead"]), "to": st.sampled_from(["DE", "mql"]),
                                    "days": st.sampled_from([1, 7, 30])}),
    st.fixed_dictionaries({"has_been": st.just("country"), "value": st.just("DE"), "days": st.sampled_from([1, 7, 30])},
                          optional={"how": st.sampled_from(["at_least", "less_than"])}),
    st.fixed_dictionaries({"related": st.just("leads"), "which": st.sampled_from(["any", "all", "none"])},
                          optional={"where": st.sampled_from([
                              [{"field": "status", "op": "is", "value": "unqualified"}],
                              [{"field": "opened", "op": "in_last_days", "value": 7},
                               {"field": "status", "op": "is_not", "value": "new"}]])}),
    st.fixed_dictionaries({"related": st.just("colleagues"), "which": st.sampled_from(["at_least", "at_most"]),
                           "times": st.integers(0, 2)},
                          optional={"where": st.just([{"field": "country", "op": "is", "value": "de"}])}),
    st.fixed_dictionaries({"provider": st.sampled_from(["gmail", "others"])}),
    st.fixed_dictionaries({"bucket": st.sampled_from(["a", "b"]), "from": st.just(0),
                           "to": st.sampled_from([10, 50.5])}),
    st.fixed_dictionaries({"reached": st.sampled_from(["mql", "sql"])}, optional={"days": st.sampled_from([1, 7, 30])}),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda mode, of: {mode: of}, st.sampled_from(["all", "any", "none"]), st.lists(parts, max_size=4)
    ),
    max_leaves=10,
)


@pytest.fixture
def known_people() -> list[Person]:
    return people()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=trees, of=st.sampled_from(["all", "few", "preview"]))
@example(rule={"all": [{"event": "pageview", "days": 1, "at_most": 3}, {"event": "pageview"}]}, of="few")
def test_the_fast_answer_equals_the_slow_one(known_people: list[Person], rule: dict[str, Any], of: str) -> None:
    check(rule, custom=custom_attributes())
    asked = known_people[::3] if of == "few" else known_people
    only = [person.pk for person in asked] if of == "few" else None
    found = (Previewer(now=NOW) if of == "preview" else Compiler(now=NOW, only=only)).members(rule)
    assert set(found) == {person.pk for person in asked if satisfies(rule, person, now=NOW, zone=ZONE)}
    assert sentence(rule)
