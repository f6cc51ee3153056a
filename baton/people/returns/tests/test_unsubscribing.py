"""A mail to the address in List-Unsubscribe ends one topic for one person; nobody can do that to another by guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries import tokens
from baton.people.deliveries.models import Delivery
from baton.people.preferences.links import unsubscribe_headers
from baton.people.returns.actions import receive_mail
from baton.people.returns.jobs import read_folder
from baton.people.returns.models import Return
from baton.people.returns.tests.conftest import SENDER, a_delivery, a_letter, a_report
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> ConsentTopic:
    return ConsentTopic.objects.create(key="news", label="News")


@pytest.fixture
def delivery(news: ConsentTopic) -> Delivery:
    """A mail about the news, to someone who agreed to that and to something else."""
    made = a_delivery()
    other = ConsentTopic.objects.create(key="product", label="Product")
    for topic in (news, other):
        give_consent(made.contact, topic, evidence=Evidence(how="test"), now=NOW)
    return made


def address_of(delivery: Delivery, topic: ConsentTopic) -> str:
    return tokens.leaving_address(delivery.contact_id, topic.pk, delivery.pk, SENDER)


def wish(address: str, **headers: str) -> bytes:
    return a_letter("unsubscribe", "", **{"To": address, **headers})


def given(contact: Contact) -> list[str]:
    kept = Consent.objects.filter(contact=contact, state="given").order_by("topic__key")
    return list(kept.values_list("topic__key", flat=True))


def test_it_ends_the_mails_topic_and_no_other_with_evidence(news: ConsentTopic, delivery: Delivery) -> None:
    (back,) = receive_mail(wish(address_of(delivery, news)), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["product"]
    assert (back.kind, back.delivery, back.contact, back.traced_by) == (
        "unsubscribe", delivery, delivery.contact, "link",
    )  # fmt: skip
    kept = ConsentEvidence.objects.get(state="withdrawn")
    assert (kept.how, kept.proof) == (
        "unsubscribe by mail", {"delivery": delivery.pk, "mail": back.pk, "from": "ada@customer.example"},
    )  # fmt: skip
    delivery.refresh_from_db()
    assert (delivery.unsubscribed_at, delivery.state) == (NOW, "delivered")


def test_repeats_are_harmless(news: ConsentTopic, delivery: Delivery) -> None:
    for subject in ("unsubscribe", "unsubscribe", "Unsubscribe me again"):
        receive_mail(a_letter(subject, "", To=address_of(delivery, news)), source="mailbox", now=NOW)
    assert ConsentEvidence.objects.filter(state="withdrawn").count() == 1
    assert Return.objects.filter(kind="unsubscribe").count() == 2


def test_who_writes_does_not_matter_and_how_the_address_is_spelled_neither(news, delivery: Delivery) -> None:
    address = address_of(delivery, news).upper()
    receive_mail(wish(address, From="Work <ada@work.example>"), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["product"]


@pytest.mark.parametrize("change", ["contact", "topic", "delivery", "mark"])
def test_an_address_that_was_not_made_here_ends_nothing(news: ConsentTopic, delivery: Delivery, change: str) -> None:
    address = address_of(delivery, news)
    name, domain = address.split("@")
    start, marked = name.split("+u")
    parts = dict(zip(["contact", "topic", "delivery", "mark"], marked.split("-"), strict=True))
    parts[change] = "0" * 16 if change == "mark" else str(int(parts[change]) + 1)
    forged = f"{start}+u{'-'.join(parts.values())}@{domain}"
    receive_mail(wish(forged), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["news", "product"]
    assert not Return.objects.filter(kind="unsubscribe").exists()


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Precedence": "bulk"},
     {"Subject": "Out of office: unsubscribe"}, {"From": "MAILER-DAEMON@mx.customer.example"}],
)  # fmt: skip
def test_a_machines_answer_is_no_wish(news: ConsentTopic, delivery: Delivery, headers: dict[str, str]) -> None:
    receive_mail(wish(address_of(delivery, news), **headers), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["news", "product"]


def test_a_bounce_to_the_address_is_no_wish(news: ConsentTopic, delivery: Delivery) -> None:
    receive_mail(a_report("550 5.1.1 user unknown", to=address_of(delivery, news)), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["news", "product"]


def test_what_the_persons_own_mail_program_writes_for_them_is_theirs(news: ConsentTopic, delivery: Delivery) -> None:
    receive_mail(wish(address_of(delivery, news), Auto_Submitted="auto-generated"), source="mailbox", now=NOW)
    assert given(delivery.contact) == ["product"]


def test_an_address_copied_in_the_words_of_a_reply_is_no_wish(news: ConsentTopic, delivery: Delivery) -> None:
    receive_mail(a_letter("Re: News", f"List-Unsubscribe: <mailto:{address_of(delivery, news)}>"), source="x", now=NOW)
    assert given(delivery.contact) == ["news", "product"]


def test_after_a_merge_it_reaches_who_holds_the_delivery(news: ConsentTopic, delivery: Delivery) -> None:
    address, kept = address_of(delivery, news), a_delivery(message=8).contact
    give_consent(kept, news, evidence=Evidence(how="test"), now=NOW)
    Delivery.objects.filter(pk=delivery.pk).update(contact=kept)
    receive_mail(wish(address), source="mailbox", now=NOW)
    assert given(kept) == []


def test_of_an_erased_person_only_the_mail_is_kept(news: ConsentTopic, delivery: Delivery) -> None:
    address = address_of(delivery, news)
    delivery.contact.delete()
    (back,) = receive_mail(wish(address), source="mailbox", now=NOW)
    assert (back.kind, back.contact) == ("unsubscribe", None)


def test_a_folder_that_a_mail_server_fills_brings_it(news: ConsentTopic, delivery: Delivery, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(wish(address_of(delivery, news)))
    assert read_folder(tmp_path) == 1
    assert given(delivery.contact) == ["product"]
    assert ConsentEvidence.objects.get(state="withdrawn").at <= timezone.now()


def test_it_is_offered_second_and_only_where_returns_are_read(settings) -> None:
    link = "https://b.example/u/x"
    assert dict(unsubscribe_headers(link, 1, 2, 3, SENDER))["List-Unsubscribe"] == f"<{link}>"
    settings.RETURNS_FOLDER = "/var/mail/returns"
    told = dict(unsubscribe_headers(link, 1, 2, 3, SENDER))
    address = tokens.leaving_address(1, 2, 3, SENDER)
    assert told["List-Unsubscribe"] == f"<{link}>, <mailto:{address}?subject=unsubscribe>"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert dict(unsubscribe_headers(link, 1, 2, 3, f"{'n' * 60}@acme.example"))["List-Unsubscribe"] == f"<{link}>"
