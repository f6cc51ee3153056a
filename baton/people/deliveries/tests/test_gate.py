"""The gate: one function that says whom may be mailed, and why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions
from baton.people.deliveries.gate import REASONS, may_be_measured, may_mail
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic() -> ConsentTopic:
    return ConsentTopic.objects.get_or_create(key="news", defaults={"label": "News"})[0]


def agreed(topic: ConsentTopic, expires_at=None, **fields) -> Contact:
    contact = a_contact(**fields)
    give_consent(contact, topic, evidence=Evidence(how="test"), now=NOW, expires_at=expires_at)
    return contact


def test_every_reason_is_told(topic: ConsentTopic) -> None:
    people = {
        None: agreed(topic),
        "no_consent": a_contact(),
        "withdrawn": agreed(topic),
        "expired": agreed(topic, expires_at=NOW),
        "no_address": agreed(topic, email=""),
        "bad_address": agreed(topic, email="x y@z.example"),
        "gone": agreed(topic, deleted_at=NOW),
        "dead": agreed(topic, email="dead@z.example"),
        "complained": agreed(topic, email="angry@z.example"),
    }
    withdraw_consent(people["withdrawn"], topic, evidence=Evidence(how="test"), now=NOW)
    actions.suppress("Dead@z.example", "dead", evidence="550", now=NOW)
    actions.suppress("angry@z.example", "complained", evidence="arf", now=NOW)
    answers = may_mail([contact.pk for contact in people.values()], topic, NOW)
    assert {why: answers[contact.pk] for why, contact in people.items()} == {why: why for why in people}
    assert set(people) - {None} <= set(REASONS)


def test_the_cap_counts_mails_of_the_window(topic: ConsentTopic) -> None:
    full, free = agreed(topic), agreed(topic)
    MailRules.objects.create(cap_messages=1, cap_days=7)
    for days, contact in [(1, full), (8, free)]:
        Delivery.objects.create(message_kind="broadcast", message_id=1, contact=contact, state="handed",
                                handed_at=NOW - timedelta(days=days))  # fmt: skip
    assert may_mail([full.pk, free.pk], topic, NOW) == {full.pk: "cap", free.pk: None}


def test_only_who_agreed_to_measurement_may_be_measured(topic: ConsentTopic) -> None:
    tracking, _ = ConsentTopic.objects.get_or_create(
        key="tracking", defaults={"label": "Measurement", "purpose": "tracking"}
    )
    yes, no = agreed(topic), agreed(topic)
    give_consent(yes, tracking, evidence=Evidence(how="test"), now=NOW)
    assert may_be_measured([yes.pk, no.pk], NOW) == {yes.pk}


def test_an_address_of_several_people_is_left_out_unless_the_rules_say_so(topic: ConsentTopic) -> None:
    shared, own = agreed(topic, email="Sales+fair@z.example"), agreed(topic, email="salesman@z.example")
    assert may_mail([shared.pk, own.pk], topic, NOW) == {shared.pk: "role", own.pk: None}
    MailRules.objects.create(skips_role_addresses=False)
    assert may_mail([shared.pk], topic, NOW) == {shared.pk: None}


def test_what_a_person_asked_for_is_not_lifted_by_anyone_else() -> None:
    boss = a_user("marketer")
    assert actions.suppress_by_hand(["a@z.example", "b@z.example"], "objected", evidence="", actor=boss, now=NOW) == 2
    assert actions.suppress_by_hand(["a@z.example"], "by_hand", evidence="", actor=boss, now=NOW) == 0
    entry = Suppression.objects.first()
    with pytest.raises(actions.MayNotLift):
        actions.lift(entry, actor=boss)
    entry.reason = "dead"
    actions.lift(entry, actor=boss)
    assert Suppression.objects.count() == 1


def test_thousands_are_put_on_the_list_in_a_few_statements(django_assert_max_num_queries) -> None:
    boss = a_user("marketer")
    actions.suppress("p1@z.example", "dead", evidence="550", now=NOW)
    actions.suppress("p2@z.example", "complained", evidence="a report", now=NOW)
    many = [f"p{n}@z.example" for n in range(3_000)]
    with django_assert_max_num_queries(20):
        assert actions.suppress_by_hand([*many, *many], "objected", evidence="a letter", actor=boss, now=NOW) == 2_998
    assert Suppression.objects.filter(reason="objected", evidence="a letter").count() == 2_999
    assert Suppression.objects.filter(reason="complained").count() == 1


def test_what_a_person_asks_for_takes_the_place_of_a_weaker_reason() -> None:
    actions.suppress("a@z.example", "dead", evidence="550", now=NOW)
    entry, is_new = actions.suppress("a@z.example", "objected", evidence="a call", now=NOW)
    assert (entry.reason, entry.evidence, is_new) == ("objected", "a call", False)
    assert actions.suppress("a@z.example", "dead", evidence="550", now=NOW)[0].reason == "objected"
