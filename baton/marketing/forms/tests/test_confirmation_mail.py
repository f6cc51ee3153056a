"""The mail that asks to confirm: HTML and text, signed, once, in the form's or the topic's words; and what follows."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email.tests.conftest import holds, sent_to
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.confirmation import mail_confirmation, starting_template, words_of
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.people.consent.actions import Evidence
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.people.preferences.confirming import give_or_ask
from baton.people.preferences.models import Confirmation
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.mail.dkim import make_key
from baton.platform.mail.transport import mailbox
from baton.platform.organisation import organisation
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db
__all__ = ["sent_to"]


@pytest.fixture(autouse=True)
def house(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Acme <hello@acme.example>"
    ours = organisation()
    ours.name, ours.postal_address = "Acme & Sons", "1 Long Way\nTown"
    ours.save()


@pytest.fixture
def news() -> ConsentTopic:
    return ConsentTopic.objects.create(key="news", label="News & more", needs_confirmation=True)


def a_form(topic: ConsentTopic, **fields: Any) -> Form:
    values = {"name": "Guide", "slug": "guide", "title": "The guide", "fields": DEFAULT_FIELDS, "topic": topic}
    return save_form(Form(), values | fields, actor=None, now=timezone.now())


def a_template(**fields: Any) -> MailTemplate:
    values = {"code": "sure", "name": "Sure?", "subject": "{{ data.contact.first_name | default: 'Hello' }}, sure?",
              "source": '<p>{{ data.form.title }}: <a href="{{ data.confirm_url }}">Yes</a></p>'}  # fmt: skip
    return MailTemplate.objects.create(**values | fields)


def asked(topic: ConsentTopic, form: Form | None = None, contact: Contact | None = None) -> Confirmation:
    proof = {"form": form.pk, "form_version": form.version} if form else {}
    evidence = Evidence(how="form guide v1", wording="Yes, write to me.", proof=proof)
    contact = contact or a_contact(first_name="Ada")
    give_or_ask(contact, topic, evidence=evidence, now=timezone.now(), asks=form.asks_confirmation if form else None)
    jobs.run_due()
    return Confirmation.objects.latest("pk")


def part(mail: EmailMessage, kind: str) -> str:
    return mail.get_body((kind,)).get_content()


def test_it_is_html_and_text_and_its_signature_holds(news: ConsentTopic, sent_to, settings) -> None:
    signer = make_key(settings.BATON_HOME / "keys", "acme.example", "s1")
    one = asked(news)
    (mail,) = sent_to()
    (path,) = mailbox().glob("*.eml")
    assert holds(path.read_bytes().split(b"\r\n", 2)[2], dict([signer.dns_record()]))
    link = f'href="http://127.0.0.1:8000{re.search("/confirm/[A-Za-z0-9_-]+", one.text)[0]}"'
    assert part(mail, "html").count(link) == 2  # the button, and the address for who cannot press it
    assert "News &amp; more" in part(mail, "html")
    assert "about: News & more." in part(mail, "plain")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (one.message_id, "auto-generated")
    assert "List-Unsubscribe" not in mail


def test_a_repeat_of_the_job_sends_nothing_again(news: ConsentTopic, sent_to) -> None:
    one = asked(news)
    mail_confirmation(Job(), confirmation_id=one.pk)
    jobs.run_due()
    assert len(sent_to()) == TransactionalMail.objects.count() == 1
    mail = TransactionalMail.objects.get()
    assert (mail.key, mail.delivery.state, mail.asked_by) == (f"confirmation:{one.pk}", "handed", None)


def test_it_goes_out_before_what_was_there_first(news: ConsentTopic, sent_to) -> None:
    asked(news)
    assert not Job.objects.filter(kind="consent.mail_confirmation", is_urgent=False).exists()
    assert Delivery.objects.get().message_kind == "transactional"


@pytest.mark.parametrize(
    ("of_topic", "of_form", "state"),
    [(True, "", "pending"), (False, "", "given"), (False, "yes", "pending"), (True, "no", "given")],
)
def test_a_form_decides_and_else_the_topic(news: ConsentTopic, sent_to, of_topic, of_form, state) -> None:
    news.needs_confirmation = of_topic
    news.save()
    form = a_form(news, confirms=of_form)
    give_or_ask(a_contact(), news, evidence=Evidence(how="f"), now=timezone.now(), asks=form.asks_confirmation)
    assert Consent.objects.get().state == state


def test_the_forms_template_is_filled_in_and_evidence_keeps_what_was_said(
    client: Client, news: ConsentTopic, sent_to
) -> None:
    form = a_form(news, confirm_template=a_template(sender_name="Guides", sender_email="guides@acme.example"))
    one = asked(news, form)
    (mail,) = sent_to()
    assert (mail["Subject"], mail["From"]) == ("Ada, sure?", "Guides <guides@acme.example>")
    assert "The guide: " in part(mail, "html")
    assert "/confirm/" in part(mail, "plain")
    client.post(re.search("/confirm/[A-Za-z0-9_-]+", one.text)[0])
    proof = ConsentEvidence.objects.get(state="given").proof
    assert (proof["mail_worded_by"], proof["mail_subject"]) == ("template sure v1", "Ada, sure?")
    assert (proof["mail_text"], proof["form_version"]) == (one.text, 1)


@pytest.mark.parametrize(
    "fault",
    [{"source": "<p>{{ data.nothing }}</p>"}, {"text": "without a link"}, {"deleted_at": timezone.now()}],
)
def test_a_template_that_fails_gives_way_to_the_topics_words(news: ConsentTopic, sent_to, fault) -> None:
    form = a_form(news, confirm_template=a_template(**fault))
    assert asked(news, form).worded_by == "topic news v1"
    assert sent_to()[0]["Subject"] == "Please confirm: News & more"


@pytest.mark.parametrize("typed", ["Buy at evil.example", "https://evil.example", "x" * 61, "call@evil"])
def test_nobody_advertises_by_what_they_type_in_anothers_name(news: ConsentTopic, sent_to, typed: str) -> None:
    form = a_form(news, confirm_template=a_template())
    asked(news, form, a_contact(first_name=typed, last_name=typed))
    (mail,) = sent_to()
    assert mail["Subject"] == "Hello, sure?"
    assert typed not in f"{mail['To']} {part(mail, 'html')}"


def test_words_of_a_topic_are_words_and_no_fields(news: ConsentTopic, sent_to) -> None:
    news.confirm_subject, news.confirm_text = "{{ data.foot }}", "<b>{% if %}</b> {{ data.confirm_url }}"
    news.save()
    asked(news)
    (mail,) = sent_to()
    assert mail["Subject"] == "{{ data.foot }}"
    assert "&lt;b&gt;{% if %}&lt;/b&gt; {{ data.confirm_url }}" in part(mail, "html")


def test_after_the_button_the_form_says_its_own(client: Client, news: ConsentTopic, sent_to) -> None:
    one = asked(news, a_form(news, confirmed="Your guide is on its way."))
    address = re.search("/confirm/[A-Za-z0-9_-]+", one.text)[0]
    assert "on its way" not in client.get(address).content.decode()
    assert "Your guide is on its way." in client.post(address).content.decode()


def test_or_goes_on_to_a_page_which_only_the_button_does(client: Client, news: ConsentTopic, sent_to) -> None:
    one = asked(news, a_form(news, confirmed_to="https://acme.example/thanks?x=1"))
    address = re.search("/confirm/[A-Za-z0-9_-]+", one.text)[0]
    page = client.get(address)
    assert (page.status_code, Consent.objects.get().state) == (200, "pending")
    assert "form-action 'self' https://acme.example;" in page.headers["Content-Security-Policy"]
    answer = client.post(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://acme.example/thanks?x=1")
    assert Consent.objects.get().state == "given"


def test_a_form_takes_only_a_template_that_leads_to_the_button(client: Client, news: ConsentTopic) -> None:
    client.force_login(a_user("marketer"))
    form = a_form(news, consent_wording="Yes")
    bad, good = a_template(code="bad", source="<p>Hello</p>"), a_template()
    fields = {"name": "Guide", "slug": "guide", "title": "The guide", "button": "Send", "thanks": "Thanks",
              "topic": news.pk, "field_name": "email", "field_label": "E-mail", "field_kind": "email",
              "field_required": "yes", "field_options": ""}  # fmt: skip
    answer = client.post(f"/forms/{form.pk}/edit/", fields | {"confirm_template": bad.pk})
    assert answer.status_code == 422
    assert "The link to confirm is missing" in answer.content.decode()
    assert client.post(f"/forms/{form.pk}/edit/", fields | {"confirm_template": good.pk}).status_code == 302
    assert Form.objects.get().confirm_template == good


def test_one_begins_with_the_houses_words_with_their_fields(client: Client) -> None:
    words = words_of(starting_template())
    assert words.subject == "Please confirm: Newsletter"
    assert "asked Acme &amp; Sons to write to this address about: Newsletter." in words.html
    assert words.text.count("http") == 1
    client.force_login(a_user("marketer"))
    assert "data.confirm_url" in client.get("/forms/confirmation-template/").content.decode()
