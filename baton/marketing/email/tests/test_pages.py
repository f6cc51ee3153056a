"""The pages: write, look, test, send, watch; and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email import actions
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.tests.test_writing import MJML
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def typed(broadcast: Broadcast, **more: str) -> dict[str, object]:
    words = {f"field_{name}": value for name, value in broadcast.fields.items()}
    return {
        "name": "Guide", "subject": "A guide", "sender_name": "Acme", "sender_email": "news@acme.example",
        "design": "announcement",
        "topic": broadcast.topic_id, "segments": [segment.pk for segment in broadcast.segments.all()], **words, **more,
    }  # fmt: skip


def test_an_email_is_written_looked_at_and_sent(marketer: Client, sent_to) -> None:
    base = an_email(3)
    assert marketer.get("/emails/new/").status_code == 200
    assert "double braces" in marketer.get("/emails/new/?design=offer").content.decode()
    answer = marketer.post("/emails/new/?design=announcement", typed(base, field_headline="New & better"))
    made = Broadcast.objects.get(name="Guide")
    assert answer["Location"] == f"/emails/{made.pk}/"
    page = marketer.get(f"/emails/{made.pk}/").content.decode()
    assert "3 will get it" in page
    shown = marketer.get(f"/emails/{made.pk}/preview/?contact={Contact.objects.first().pk}")
    assert "Hello Ada0" in shown.content.decode()
    assert "New &amp; better" in shown.content.decode()
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "allow-scripts" not in shown["Content-Security-Policy"]
    assert Delivery.objects.count() == 0
    for _click in range(2):
        assert marketer.post(f"/emails/{made.pk}/send/", {"when": "now"}).status_code == 302
    jobs.run_due(limit=50)
    assert len(sent_to()) == 3
    meanwhile = marketer.get(f"/emails/{made.pk}/?state=scheduled", headers={"HX-Request": "true"})
    assert meanwhile["HX-Refresh"] == "true"
    assert "3 of 3" in marketer.get(f"/emails/{made.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "Guide" in marketer.get("/emails/").content.decode()


def test_a_test_goes_to_oneself_and_counts_nowhere(marketer: Client, sent_to) -> None:
    draft = an_email(2)
    marketer.post(f"/emails/{draft.pk}/test/", {"contact": Contact.objects.first().pk})
    (mail,) = sent_to()
    assert mail["Subject"] == "Test: Hi Ada0"
    assert mail["Delivered-To"].endswith("@baton.example")
    assert Delivery.objects.count() == 0


def test_the_source_can_be_written_by_hand(marketer: Client, sent_to) -> None:
    draft = an_email(1)
    source = MJML % "Own words {{ contact.first_name }}"
    marketer.post(f"/emails/{draft.pk}/edit/", typed(draft, has_own_source="1", mjml=source))
    page = marketer.get(f"/emails/{draft.pk}/").content.decode()
    assert "no unsubscribe link" in page
    assert "does not show the postal address" in page
    assert "Own words" in marketer.get(f"/emails/{draft.pk}/preview/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "{{ contact.first_name"},
        {"has_own_source": "1", "mjml": "<mjml><oops"},
        {"field_link": "javascript:alert(1)"},
        {"sender_email": "not an address"},
        {"design": "nothing"},
        {"name": ""},
    ],
)
def test_what_cannot_be_sent_is_not_saved(marketer: Client, sent_to, wrong: dict[str, str]) -> None:
    draft = an_email(1)
    assert marketer.post(f"/emails/{draft.pk}/edit/", typed(draft, **wrong)).status_code == 422
    draft.refresh_from_db()
    assert draft.name == "News"


def test_an_email_on_its_way_is_not_changed(marketer: Client, sent_to) -> None:
    draft = an_email(1)
    when = timezone.now() + timedelta(days=1)
    actions.send_email(draft, at=when, actor=a_user("marketer"), now=timezone.now())
    marketer.post(f"/emails/{draft.pk}/edit/", typed(draft))
    draft.refresh_from_db()
    assert draft.name == "News"
    assert marketer.post(f"/emails/{draft.pk}/pause/").status_code == 302
    assert marketer.post(f"/emails/{draft.pk}/resume/").status_code == 302
    draft.refresh_from_db()
    assert draft.state == "scheduled"
    marketer.post(f"/emails/{draft.pk}/cancel/")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_time_gone_by_sends_nothing(marketer: Client, sent_to) -> None:
    draft = an_email(1)
    for at in ("2020-01-01T10:00", "", "soon", "2026-02-31T10:00"):
        marketer.post(f"/emails/{draft.pk}/send/", {"when": "later", "at": at})
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_get_sends_nothing_and_a_rep_may_not(client: Client, sent_to) -> None:
    draft = an_email(1)
    client.force_login(a_user("operations"))
    assert client.post(f"/emails/{draft.pk}/send/", {"when": "now"}).status_code == 403
    client.force_login(a_user("rep"))
    for address in ("/emails/", f"/emails/{draft.pk}/", f"/emails/{draft.pk}/preview/"):
        assert client.get(address).status_code == 403
    client.force_login(a_user("marketer"))
    assert client.get(f"/emails/{draft.pk}/send/").status_code == 405
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_list_stays_within_its_queries(marketer: Client, django_assert_max_num_queries, sent_to) -> None:
    for _n in range(4):
        an_email(0)
    marketer.get("/emails/")
    with django_assert_max_num_queries(25):
        marketer.get("/emails/")
