"""The visual editor's side on the server: its page, saving, two who write, looking before saving."""

from __future__ import annotations

import pytest
from django.test import Client

from baton.marketing.drafting.looking import seen
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.people.contacts.models import Contact
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)
MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>%s</mj-text></mj-column></mj-section></mj-body></mjml>"


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def test_the_page_lets_styles_stand_but_no_foreign_script(writer: Client) -> None:
    draft = an_email(1)
    answer = writer.get(f"/emails/{draft.pk}/visual/")
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert "One thing worth knowing" in page
    Broadcast.objects.update(state="sending")
    assert writer.get(f"/emails/{draft.pk}/visual/").status_code == 302


def test_what_is_saved_is_the_source_with_the_line_ends_the_compiler_reads(writer: Client) -> None:
    draft = an_email(1)
    told = {"mjml": (MJML % "Hello").replace("><", ">\r\n<"), "subject": "New", "preheader": "Look", "revision": "1"}
    answer = writer.post(f"/emails/{draft.pk}/visual/save/", told)
    assert answer.json()["revision"] == 2
    assert answer.json()["undo"] == f"/emails/{draft.pk}/versions/1/bring-back/"
    same = writer.post(f"/emails/{draft.pk}/visual/save/", told | {"revision": "2"}).json()
    assert same["undo"] == ""
    draft.refresh_from_db()
    assert draft.has_own_source
    assert "\r" not in draft.mjml
    assert (draft.subject, draft.preheader) == ("New", "Look")
    again = writer.post(f"/emails/{draft.pk}/visual/save/", told | {"subject": "Newer", "revision": "2"}).json()
    assert again["undo"] == f"/emails/{draft.pk}/versions/2/bring-back/"


def test_of_two_who_save_the_second_is_told_and_may_save_over(writer: Client) -> None:
    draft = an_email(1)
    told = {"mjml": MJML % "Mine", "subject": "Mine", "preheader": "", "revision": "1"}
    writer.post(f"/emails/{draft.pk}/visual/save/", told)
    answer = writer.post(f"/emails/{draft.pk}/visual/save/", told | {"subject": "Theirs"})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.subject == "Mine"
    over = told | {"subject": "Theirs", "revision": str(answer.json()["revision"])}
    assert writer.post(f"/emails/{draft.pk}/visual/save/", over).status_code == 200


@pytest.mark.parametrize("wrong", [{"mjml": "<mjml><oops"}, {"subject": "{{ x"}, {"subject": ""}])
def test_what_cannot_be_read_is_not_saved(writer: Client, wrong: dict[str, str]) -> None:
    draft = an_email(1)
    told = {"mjml": MJML % "Hello", "subject": "New", "revision": "1"} | wrong
    answer = writer.post(f"/emails/{draft.pk}/visual/save/", told)
    assert answer.status_code == 422
    assert answer.json()["error"]
    draft.refresh_from_db()
    assert draft.subject == "Hi {{ contact.first_name }}"


def test_a_mail_is_looked_at_as_somebody_before_it_is_saved(writer: Client) -> None:
    draft = an_email(1)
    contact = Contact.objects.get()
    told = {"mjml": MJML % "Hello {{ contact.first_name }}", "subject": "For {{ contact.first_name }}"}
    shown = writer.post(f"/emails/{draft.pk}/visual/preview/", told | {"contact": contact.pk, "dark": "1"}).json()
    assert "Hello Ada0" in shown["html"]
    assert "invert(1)" in shown["html"]
    assert "Hello Ada0" in shown["text"]
    assert shown["subject"] == "For Ada0"
    draft.refresh_from_db()
    assert not draft.has_own_source
    wrong = writer.post(f"/emails/{draft.pk}/visual/preview/", told | {"mjml": "<mjml><oops"})
    assert wrong.status_code == 422


def test_pictures_off_means_that_none_is_fetched() -> None:
    page = seen("<html><head></head><body></body></html>", is_dark=False, has_pictures=False)
    assert "img-src 'none'" in page
    assert "invert" not in page


def test_a_template_is_chosen_from_what_it_really_looks_like(writer: Client) -> None:
    page = writer.get("/emails/new/").content.decode()
    assert page.count("/emails/designs/") == 10
    shown = writer.get("/emails/designs/event/")
    assert "An afternoon with people" in shown.content.decode()
    assert shown["Content-Security-Policy"].startswith("sandbox;")
    assert writer.get("/emails/designs/nothing/").status_code == 404


def test_the_plain_text_is_made_anew_from_what_the_email_says(writer: Client) -> None:
    draft = an_email(1, text="Written by hand")
    words = writer.get(f"/emails/{draft.pk}/text/").content.decode()
    assert "Written by hand" not in words
    assert 'Hello {{ contact.first_name | default: "there" }}' in words
    assert "{{ unsubscribe_url }}" in words
