"""One-click unsubscribe to the letter of RFC 8058, and the links anyone may hold: GET changes nothing, POST does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.gate import may_mail
from baton.people.deliveries.models import Delivery, Suppression
from baton.people.deliveries.tokens import CLICK, ForgedToken, make_token, read_token
from baton.people.preferences.links import preferences_token, unsubscribe_token
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ada() -> Contact:
    contact = a_contact()
    for key in ("news", "product"):
        topic, _ = ConsentTopic.objects.get_or_create(key=key, defaults={"label": key.title()})
        give_consent(contact, topic, evidence=Evidence(how="test"), now=NOW)
    return contact


def state(contact: Contact, key: str) -> str:
    return Consent.objects.get(contact=contact, topic__key=key).state


def address(contact: Contact) -> str:
    delivery = Delivery.objects.create(message_kind="broadcast", message_id=1, contact=contact, state="handed")
    return f"/u/{unsubscribe_token(contact.pk, ConsentTopic.objects.get(key='news').pk, delivery.pk)}"


def test_looking_at_the_link_changes_nothing(client: Client, ada: Contact) -> None:
    link = address(ada)
    before = ConsentEvidence.objects.count()
    for _again in range(2):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert client.options(link).status_code == 405
    assert state(ada, "news") == "given"
    assert ConsentEvidence.objects.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},  # Django's client sends multipart/form-data
        {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_one_click_is_answered_at_once_without_cookie_or_redirect(ada: Contact, body: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    link = address(ada)
    for _again in range(2):
        answer = client.post(link, **body)
        assert answer.status_code == 200
        assert "Location" not in answer.headers
        assert not answer.cookies
    assert state(ada, "news") == "withdrawn"
    assert state(ada, "product") == "given"
    (kept,) = ConsentEvidence.objects.filter(contact=ada, state="withdrawn")
    assert (kept.how, kept.ip) == ("one-click unsubscribe", "127.0.0.1")
    assert Delivery.objects.get().unsubscribed_at


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", ""),
        ("x", "multipart/form-data"),
        ("--b\r\n", "multipart/form-data; boundary=b"),
        ("{}", "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_unsubscribes_all_the_same(
    client: Client, ada: Contact, body: str, kind: str
) -> None:
    assert client.post(address(ada), body, content_type=kind or "text/plain").status_code == 200
    assert state(ada, "news") == "withdrawn"


def test_the_page_tells_no_one_its_address_and_is_kept_by_nobody(client: Client, ada: Contact) -> None:
    answer = client.get(address(ada), headers={"Accept-Language": "de"})
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Accept-Language" in answer.headers["Vary"]
    assert not answer.cookies


def test_the_link_of_a_merged_contact_reaches_the_one_that_was_kept(client: Client, ada: Contact) -> None:
    link = address(ada)
    Contact.objects.filter(pk=ada.pk).update(deleted_at=NOW)
    kept = a_contact(email=ada.email)  # the same mailbox
    other = a_contact()  # the deliveries went over to it
    Delivery.objects.update(contact=other)
    topic = ConsentTopic.objects.get(key="news")
    for contact in (kept, other):
        give_consent(contact, topic, evidence=Evidence(how="test"), now=NOW)
    assert client.post(link, ONE_CLICK).status_code == 200
    assert [state(one, "news") for one in (ada, kept, other)] == ["withdrawn"] * 3


def test_the_link_of_an_erased_contact_is_answered_and_its_suppression_stays(client: Client, ada: Contact) -> None:
    link, choices = address(ada), f"/p/{preferences_token(ada.pk)}"
    suppress(ada.email, Suppression.Reason.OBJECTED, evidence="", now=NOW)
    email = ada.email
    ada.delete()
    assert client.post(link, ONE_CLICK).status_code == 200
    assert client.get(link).status_code == 200
    assert "We hold nothing about the person" in client.get(choices).content.decode()
    assert client.post(choices, {"do": "object"}).status_code == 200
    again = a_contact(email=email)
    topic = ConsentTopic.objects.get(key="news")
    give_consent(again, topic, evidence=Evidence(how="import"), now=NOW)
    assert may_mail([again.pk], topic, NOW) == {again.pk: "objected"}


@pytest.mark.parametrize("forged", ["x", "AAAA", "é", "." * 300, "%00"])
@pytest.mark.parametrize("kind", ["u", "p", "confirm"])
def test_forged_links_are_not_found(client: Client, ada: Contact, kind: str, forged: str) -> None:
    assert client.get(f"/{kind}/{forged}").status_code == 404
    assert client.post(f"/{kind}/{forged}").status_code == 404


def test_a_token_of_one_purpose_is_worth_nothing_for_another(client: Client, ada: Contact) -> None:
    link = address(ada)
    assert client.post(link.replace("/u/", "/p/")).status_code == 404
    token = make_token(CLICK, 1, 2**40, 0)
    assert read_token(CLICK, token) == (1, 2**40, 0)
    for spoiled in (token[:-1], token + "A", token[::-1], "B" + token[1:]):
        with pytest.raises(ForgedToken):
            read_token(CLICK, spoiled)
