"""Links in mails that anyone may hold: GET changes nothing, POST does, forged ones are not found."""

from __future__ import annotations

import pytest
from django.test import Client

from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.public import preferences_token, unsubscribe_token
from baton.people.deliveries.tokens import CLICK, ForgedToken, make_token, read_token
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db


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
    assert client.get(link).status_code == 200
    assert client.head(link).status_code == 200
    assert state(ada, "news") == "given"


def test_one_click_unsubscribes_without_a_cookie_and_leaves_evidence(ada: Contact) -> None:
    client = Client(enforce_csrf_checks=True)
    link = address(ada)
    for _ in range(2):
        assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert state(ada, "news") == "withdrawn"
    assert state(ada, "product") == "given"
    assert ConsentEvidence.objects.filter(contact=ada, state="withdrawn")[0].how == "one-click unsubscribe"
    assert Delivery.objects.get().unsubscribed_at


@pytest.mark.parametrize("forged", ["x", "AAAA", "é", "." * 300, "%00"])
@pytest.mark.parametrize("kind", ["u", "p"])
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


def test_choosing_topics_gives_and_withdraws(client: Client, ada: Contact) -> None:
    link = f"/p/{preferences_token(ada.pk)}"
    assert "News" in client.get(link).content.decode()
    product = ConsentTopic.objects.get(key="product")
    assert client.post(link, {"topic": [product.pk]}).status_code == 200
    assert (state(ada, "news"), state(ada, "product")) == ("withdrawn", "given")
