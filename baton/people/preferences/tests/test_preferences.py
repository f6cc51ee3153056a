"""The preference centre: what is marked holds, what is taken away is taken away, an objection stops profiling too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from baton.people.consent.actions import Evidence, await_consent, give_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.gate import may_be_measured, may_mail, objecting
from baton.people.deliveries.models import Suppression
from baton.people.preferences.links import preferences_token
from baton.platform.journal.models import JournalEntry
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics() -> dict[str, ConsentTopic]:
    words = {"news": {}, "product": {}, "partners": {"is_public": False}, "tracking": {"purpose": "tracking"}}
    return {key: ConsentTopic.objects.create(key=key, label=key.title(), **more) for key, more in words.items()}


@pytest.fixture
def ada(topics: dict[str, ConsentTopic]) -> Contact:
    contact = a_contact(email="ada@engine.example")
    for key in ("news", "partners", "tracking"):
        give_consent(contact, topics[key], evidence=Evidence(how="test"), now=NOW)
    return contact


def link(contact: Contact) -> str:
    return f"/p/{preferences_token(contact.pk)}"


def states(contact: Contact) -> dict[str, str]:
    return dict(Consent.objects.filter(contact=contact).values_list("topic__key", "state"))


def test_the_page_says_where_one_stands_and_shows_no_whole_address(client: Client, ada: Contact) -> None:
    page = client.get(link(ada)).content.decode()
    assert "News" in page
    assert "Partners" in page  # not public, but theirs: what was given can be taken back here
    assert "You agreed on Mar 10, 2026." in page
    assert "ad…@engine.example" in page
    assert "ada@engine.example" not in page


def test_marks_give_and_withdraw_and_a_stray_post_does_nothing(
    client: Client, ada: Contact, topics: dict[str, ConsentTopic]
) -> None:
    before = ConsentEvidence.objects.count()
    client.post(link(ada))
    client.post(link(ada), {"do": "something else"})
    assert ConsentEvidence.objects.count() == before
    answer = client.post(link(ada), {"do": "save", "topic": [topics["product"].pk, topics["tracking"].pk]})
    assert states(ada) == {"news": "withdrawn", "partners": "withdrawn", "tracking": "given", "product": "given"}
    kept = ConsentEvidence.objects.get(topic=topics["product"])
    assert (kept.how, kept.basis, kept.ip, kept.topic_version) == ("preference page", "consent", "127.0.0.1", 1)
    assert "You will get:" in answer.content.decode()
    assert "No more comes about:" in answer.content.decode()


def test_the_same_choice_again_leaves_no_more_evidence(client: Client, ada: Contact, topics) -> None:
    body = {"do": "save", "topic": [topics["product"].pk]}
    client.post(link(ada), body)
    before = ConsentEvidence.objects.count()
    assert "Nothing was changed" in client.post(link(ada), body).content.decode()
    assert ConsentEvidence.objects.count() == before


def test_a_topic_of_another_or_none_is_not_given(client: Client, topics: dict[str, ConsentTopic]) -> None:
    bob = a_contact()
    client.post(link(bob), {"do": "save", "topic": [topics["partners"].pk, "9" * 17, "x", "-1"]})
    assert states(bob) == {}


def test_marking_what_waits_confirms_it_and_leaving_it_unmarked_ends_it(client: Client, topics) -> None:
    for body, outcome in (({"topic": [topics["news"].pk]}, "given"), ({}, "withdrawn")):
        contact = a_contact()
        await_consent(contact, topics["news"], evidence=Evidence(how="form"), now=NOW)
        client.post(link(contact), {"do": "save", **body})
        assert states(contact) == {"news": outcome}


def test_what_has_ended_can_be_given_anew(client: Client, topics: dict[str, ConsentTopic]) -> None:
    contact = a_contact()
    evidence = Evidence(how="order 7", basis="implied_purchase")
    give_consent(contact, topics["news"], evidence=evidence, now=NOW, expires_at=NOW + timedelta(days=1))
    assert "Ended on Mar 11, 2026." in client.get(link(contact)).content.decode()
    client.post(link(contact), {"do": "save", "topic": [topics["news"].pk]})
    consent = Consent.objects.get(contact=contact)
    assert (consent.state, consent.basis, consent.expires_at) == ("given", "consent", None)


def test_all_marketing_off_is_one_press_and_outlasts_what_is_brought_in_later(client: Client, ada, topics) -> None:
    client.post(link(ada), {"do": "stop"})
    assert states(ada) == {"news": "withdrawn", "partners": "withdrawn", "product": "withdrawn", "tracking": "given"}
    for key in ("news", "product", "partners"):
        assert may_mail([ada.pk], topics[key], timezone.now()) == {ada.pk: "withdrawn"}
    assert objecting([ada.pk]) == set()


def memory(page: str) -> str:
    return page.split('name="memory" value="')[1].split('"')[0]


def test_undo_puts_back_what_stood_with_its_basis_and_end(client: Client, ada: Contact, topics) -> None:
    ends = timezone.now() + timedelta(days=30)
    evidence = Evidence(how="order 7", basis="soft_opt_in")
    give_consent(ada, topics["product"], evidence=evidence, now=NOW, expires_at=ends)
    page = client.post(link(ada), {"do": "object"}).content.decode()
    assert set(states(ada).values()) == {"withdrawn"}
    answer = client.post(link(ada), {"do": "undo", "memory": memory(page)}).content.decode()
    assert "Put back as it was" in answer
    assert states(ada) == dict.fromkeys(("news", "partners", "product", "tracking"), "given")
    consent = Consent.objects.get(contact=ada, topic=topics["product"])
    assert (consent.basis, consent.since, consent.expires_at) == ("soft_opt_in", NOW, ends)
    assert not Suppression.objects.exists()


def test_nobody_undoes_for_another(client: Client, ada: Contact) -> None:
    page = client.post(link(ada), {"do": "stop"}).content.decode()
    bob = a_contact()
    for forged in (memory(page), memory(page)[:-1], "", "x"):
        client.post(link(bob), {"do": "undo", "memory": forged})
    client.post(link(ada), {"do": "undo", "memory": memory(page)[1:]})
    assert states(bob) == {}
    assert states(ada)["news"] == "withdrawn"


def test_an_objection_stops_all_of_it_and_only_the_person_ends_it(client: Client, ada: Contact, topics) -> None:
    answer = client.post(link(ada), {"do": "object"}).content.decode()
    assert "make no profile of you" in answer
    assert set(states(ada).values()) == {"withdrawn"}
    assert Suppression.objects.get().reason == "objected"
    assert objecting([ada.pk, a_contact().pk]) == {ada.pk}
    assert may_be_measured([ada.pk], timezone.now()) == set()
    assert JournalEntry.objects.filter(verb="contact.objected", thing_id=ada.pk).count() == 1
    assert "You objected to marketing on" in client.get(link(ada)).content.decode()
    client.post(link(ada), {"do": "save", "topic": [topics["tracking"].pk]})
    assert objecting([ada.pk]) == {ada.pk}  # measurement is another matter
    client.post(link(ada), {"do": "save", "topic": [topics["tracking"].pk, topics["news"].pk]})
    assert objecting([ada.pk]) == set()
    assert may_mail([ada.pk], topics["news"], timezone.now()) == {ada.pk: None}
    assert JournalEntry.objects.filter(verb="contact.objection_ended").count() == 1


def test_what_this_house_decided_is_not_ended_by_a_mark(client: Client, ada: Contact, topics) -> None:
    suppress(ada.email, Suppression.Reason.BY_HAND, evidence="a lawyer's letter", now=NOW)
    client.post(link(ada), {"do": "save", "topic": [topics["product"].pk]})
    assert may_mail([ada.pk], topics["product"], timezone.now()) == {ada.pk: "by_hand"}
    assert "stopped on our side" in client.get(link(ada)).content.decode()


def test_the_page_asks_for_no_cookie_and_no_script(ada: Contact) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(link(ada), {"do": "stop"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert "<script>" not in answer.content.decode()
