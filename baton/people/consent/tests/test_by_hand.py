"""What a contact told someone of the house: recorded with its basis, its day, how, and when it ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from baton.people.consent.actions import Evidence, WithdrewLater, give_consent, record_by_hand, withdraw_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.consent.rules import last_day
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import may_mail
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> ConsentTopic:
    return ConsentTopic.objects.create(key="news", label="News")


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def tell(client: Client, contact: Contact, topic: ConsentTopic, **told: str) -> str:
    body = {"how": "on the phone", "state": "given", **told}
    page = client.post(f"/contacts/{contact.pk}/consent/{topic.pk}/", body, follow=True)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize(
    ("basis", "told_on", "ends"),
    [
        ("consent", date(2026, 1, 31), None),
        ("soft_opt_in", date(2026, 1, 31), None),
        ("implied_purchase", date(2024, 2, 29), date(2026, 2, 28)),
        ("implied_inquiry", date(2026, 8, 31), date(2027, 2, 28)),
        ("implied_inquiry", date(2026, 3, 15), date(2026, 9, 15)),
    ],
)
def test_implied_consent_ends_by_law(basis: str, told_on: date, ends: date | None) -> None:
    assert last_day(basis, told_on) == ends


def test_a_purchase_carries_consent_for_two_years(boss: Client, news: ConsentTopic) -> None:
    contact, bought = a_contact(), timezone.localdate() - timedelta(days=300)
    page = tell(boss, contact, news, basis="implied_purchase", told_on=bought.isoformat(), rests_on="order 2026-7")
    assert "Recorded with you as the witness." in page
    assert "Implied by a purchase (Canada)" in page
    consent, kept = Consent.objects.get(), ConsentEvidence.objects.get()
    assert consent.expires_at
    assert timezone.localtime(consent.expires_at).date() == last_day("implied_purchase", bought)
    assert consent.since.date() == bought
    assert kept.proof["rests_on"] == "order 2026-7"
    assert kept.proof["told_on"] == bought.isoformat()
    assert may_mail([contact.pk], news, timezone.now()) == {contact.pk: None}
    assert may_mail([contact.pk], news, consent.expires_at) == {contact.pk: "expired"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"how": " "}, "Say how the contact told you."),
        ({"basis": "soft_opt_in"}, "Name the sale or inquiry"),
        ({"told_on": "2999-01-01"}, "still to come"),
        ({"told_on": "31.12."}, "valid date"),
        ({"basis": "implied_inquiry", "rests_on": "a call", "told_on": "2020-01-01"}, "has ended already"),
        ({"basis": "because"}, "because is not one"),
        ({"state": "maybe"}, "maybe is not one"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_recorded(boss, news, told: dict[str, str], said: str) -> None:
    page = tell(boss, a_contact(), news, **told)
    assert said in page
    assert "Nothing was recorded." in page
    assert not ConsentEvidence.objects.exists()


def test_a_yes_older_than_their_own_no_is_refused(news: ConsentTopic) -> None:
    contact, boss = a_contact(), a_user("marketer")
    withdraw_consent(contact, news, evidence=Evidence(how="one-click unsubscribe"), now=NOW)
    older = Evidence(how="at the fair", told_at=NOW - timedelta(days=1))
    with pytest.raises(WithdrewLater):
        record_by_hand(contact, news, "given", evidence=older, actor=boss, now=NOW + timedelta(days=2))
    assert ConsentEvidence.objects.count() == 1
    newer = Evidence(how="on the phone", told_at=NOW + timedelta(days=1))
    record_by_hand(contact, news, "given", evidence=newer, actor=boss, now=NOW + timedelta(days=2))
    assert Consent.objects.get().state == "given"


def test_a_weaker_basis_never_takes_the_place_of_express_consent(news: ConsentTopic) -> None:
    contact = a_contact()
    give_consent(contact, news, evidence=Evidence(how="form"), now=NOW)
    sale = Evidence(how="order 7", basis="implied_purchase")
    give_consent(contact, news, evidence=sale, now=NOW, expires_at=NOW + timedelta(days=1))
    consent = Consent.objects.get()
    assert (consent.basis, consent.expires_at) == ("consent", None)
    assert ConsentEvidence.objects.count() == 2


def test_the_contact_page_shows_the_evidence_and_the_list_of_the_never_mailed(boss: Client, news: ConsentTopic) -> None:
    from baton.people.deliveries.actions import suppress

    contact = a_contact()
    evidence = Evidence(how="form guide v3", wording="Yes, write to me.", ip="203.0.113.9", proof={"form_version": 3})
    give_consent(contact, news, evidence=evidence, now=NOW)
    suppress(contact.email, "objected", evidence="a call", now=NOW)
    page = boss.get(f"/contacts/{contact.pk}/").content.decode()
    for words in ("Yes, write to me.", "203.0.113.9", "Form version", "Objected to all marketing"):
        assert words in page
