"""Double opt-in: one mail to the mailbox, one button, both steps kept; no stranger is flooded by another's typing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.gate import may_mail
from baton.people.preferences.confirming import give_or_ask, let_go_unconfirmed
from baton.people.preferences.models import Confirmation
from baton.people.preferences.rules import APART, MOST_OF_A_NETWORK, mail_from
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.organisation import organisation
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db
Letters = Callable[[], list[EmailMessage]]
FORM = Evidence(
    how="form guide v3", wording="Yes, write to me.", ip="203.0.113.9", proof={"form": 1, "form_version": 3}
)


@pytest.fixture
def news() -> ConsentTopic:
    house = organisation()
    house.name, house.postal_address = "Acme & Sons", "1 Long Way\nTown"
    house.save()
    return ConsentTopic.objects.create(key="news", label="News", needs_confirmation=True)


def words(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def link(letters: Letters) -> str:
    return re.search(r"http://127.0.0.1:8000(/confirm/\S+)", words(letters()[0]))[1]


def asked(topic: ConsentTopic, contact: Contact | None = None, *, at: datetime | None = None) -> Contact:
    contact = contact or a_contact()
    give_or_ask(contact, topic, evidence=FORM, now=at or timezone.now())
    jobs.run_due()
    return contact


def state(contact: Contact, topic: ConsentTopic) -> str:
    return Consent.objects.get(contact=contact, topic=topic).state


def test_what_waits_never_passes_the_gate(news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    assert state(contact, news) == "pending"
    assert may_mail([contact.pk], news, timezone.now()) == {contact.pk: "no_consent"}


def test_the_mail_says_who_asks_for_what_and_carries_one_link(news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    (mail,) = letters()
    assert mail["To"].addresses[0].addr_spec == contact.email
    assert mail["From"] == "Acme & Sons <baton@localhost>"
    assert mail["Subject"] == "Please confirm: News"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == Confirmation.objects.get().message_id
    text = words(mail)
    assert "Acme & Sons asked" not in text
    assert "asked Acme & Sons to write to this address about: News" in text
    assert "1 Long Way\nTown" in text
    assert text.count("http") == 1


def test_the_words_of_the_mail_are_the_topics_own(news: ConsentTopic, letters: Letters) -> None:
    news.confirm_subject, news.confirm_text = "{organisation}: {topic}?\n", "Hi {name} %(x)s {0}"
    news.save()
    asked(news)
    (mail,) = letters()
    assert mail["Subject"] == "Acme & Sons: News?"
    assert words(mail).startswith("Hi {name} %(x)s {0}\n\nhttp://127.0.0.1:8000/confirm/")


def test_only_the_button_confirms_and_both_steps_are_kept(client: Client, news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    address = link(letters)
    for _again in range(2):
        page = client.get(address)
        assert client.head(address).status_code == page.status_code == 200
    assert page.content.decode().count("<button") == 1
    assert "Yes, write to me." in page.content.decode()
    assert state(contact, news) == "pending"
    stranger = Client(enforce_csrf_checks=True, headers={"User-Agent": "Phone/1"})
    for _again in range(2):
        assert "Confirmed" in stranger.post(address).content.decode()
    assert may_mail([contact.pk], news, timezone.now()) == {contact.pk: None}
    waited, given = ConsentEvidence.objects.order_by("pk")
    one = Confirmation.objects.get()
    assert (waited.state, waited.how, waited.wording, waited.ip) == ("pending", FORM.how, FORM.wording, FORM.ip)
    assert (given.state, given.wording, given.ip) == ("given", FORM.wording, "127.0.0.1")
    assert given.proof == {
        "form": 1,
        "form_version": 3,
        "asked": waited.pk,
        "asked_ip": FORM.ip,
        "mail": one.message_id,
        "mailed_at": one.mailed_at.isoformat(),
        "mail_worded_by": "topic news v1",
        "mail_subject": "Please confirm: News",
        "mail_text": one.text,
        "agent": "Phone/1",
    }
    assert one.confirmed_at


def test_asking_again_within_a_day_sends_no_second_mail(news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    for _again in range(5):
        asked(news, contact)
    assert len(letters()) == 1
    assert ConsentEvidence.objects.filter(contact=contact, state="pending").count() == 6
    Confirmation.objects.update(mailed_at=timezone.now() - APART)
    asked(news, contact)
    assert len(letters()) == 2


def test_an_address_gets_one_mail_a_day_whatever_the_topic_and_the_next_waits(
    news: ConsentTopic, letters: Letters
) -> None:
    other = ConsentTopic.objects.create(key="product", label="Product", needs_confirmation=True)
    contact = asked(news)
    asked(other, contact)
    assert [mail["Subject"] for mail in letters()] == ["Please confirm: News"]
    waiting = Job.objects.get(kind="consent.mail_confirmation", state="waiting")
    assert timedelta(hours=23) < waiting.run_at - timezone.now() <= APART
    Confirmation.objects.filter(topic=news).update(mailed_at=timezone.now() - APART)
    jobs.run_due(now=timezone.now() + APART)
    assert len(letters()) == 2


def test_one_network_causes_only_so_many_mails_in_an_hour(news, letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.people.preferences.rules.MOST_OF_A_NETWORK", 3)
    for _n in range(5):
        asked(news)
    assert len(letters()) == 3
    assert Job.objects.filter(state="waiting").count() == 2


def test_when_the_next_mail_may_go_out() -> None:
    assert mail_from(NOW, None, []) == NOW
    assert mail_from(NOW, NOW - timedelta(hours=1), []) == NOW + timedelta(hours=23)
    assert mail_from(NOW, NOW - APART, []) == NOW
    full = [NOW - timedelta(minutes=MOST_OF_A_NETWORK - n) for n in range(MOST_OF_A_NETWORK)]
    assert mail_from(NOW, None, full[1:]) == NOW
    assert mail_from(NOW, None, full) == NOW
    assert mail_from(NOW, None, [one + timedelta(minutes=30) for one in full]) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize("reason", ["dead", "complained", "objected", "by_hand"])
def test_who_is_on_the_list_of_the_never_mailed_is_not_even_asked(news, letters, reason: str) -> None:
    contact = a_contact()
    suppress(contact.email, reason, evidence="", now=NOW)
    asked(news, contact)
    assert letters() == []


def test_who_agreed_before_stays_so_and_gets_no_mail(news: ConsentTopic, letters: Letters) -> None:
    contact = a_contact()
    sale = Evidence(how="order 7", basis="soft_opt_in")
    give_consent(contact, news, evidence=sale, now=NOW)
    asked(news, contact)
    consent = Consent.objects.get(contact=contact)
    assert (consent.state, consent.basis) == ("given", "soft_opt_in")  # typed by whoever; proves no more than before
    assert letters() == []


def test_a_topic_without_confirmation_takes_a_yes_in_the_place_of_what_would_have_ended(news, letters) -> None:
    ConsentTopic.objects.update(needs_confirmation=False)
    news.refresh_from_db()
    contact = a_contact()
    sale = Evidence(how="order 7", basis="implied_purchase")
    give_consent(contact, news, evidence=sale, now=NOW, expires_at=timezone.now() + timedelta(days=9))
    asked(news, contact)
    consent = Consent.objects.get(contact=contact)
    assert (consent.state, consent.basis, consent.expires_at) == ("given", "consent", None)


def test_a_stranger_cannot_bring_back_who_has_withdrawn(client: Client, news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    address = link(letters)
    client.post(address)
    withdraw_consent(contact, news, evidence=Evidence(how="test"), now=timezone.now())
    assert client.post(address).status_code == 410  # the old link
    assert state(contact, news) == "withdrawn"
    asked(news, contact)
    assert state(contact, news) == "pending"
    assert may_mail([contact.pk], news, timezone.now()) == {contact.pk: "no_consent"}


def test_a_link_is_over_after_its_term_and_what_waited_is_let_go(client: Client, news, letters) -> None:
    contact = asked(news)
    address = link(letters)
    let_go_unconfirmed(Job())
    assert state(contact, news) == "pending"
    past = timezone.now() - timedelta(days=8)
    Confirmation.objects.update(expires_at=past + timedelta(days=7))
    assert client.get(address).status_code == 410
    assert "too old" in client.post(address).content.decode()
    assert state(contact, news) == "pending"
    Consent.objects.update(since=past)
    let_go_unconfirmed(Job())
    let_go_unconfirmed(Job())
    assert state(contact, news) == "lapsed"
    assert ConsentEvidence.objects.filter(state="lapsed").count() == 1
    assert client.post(address).status_code == 410
    assert state(contact, news) == "lapsed"


def test_a_link_proves_the_mailbox_it_went_to_and_no_other(
    client: Client, news: ConsentTopic, letters: Letters
) -> None:
    contact = asked(news)
    address = link(letters)
    Contact.objects.filter(pk=contact.pk).update(email="other@customer.example")
    assert client.post(address).status_code == 410
    assert state(contact, news) == "pending"


def test_the_link_of_an_erased_contact_says_so_kindly(client: Client, news: ConsentTopic, letters: Letters) -> None:
    contact = asked(news)
    contact.delete()
    assert client.post(link(letters)).status_code == 410
