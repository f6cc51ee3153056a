"""Transactional mail by the API: keys, scopes, states."""

from __future__ import annotations

import base64

import pytest
from django.utils import timezone

from baton.exchange.api.tests.test_api import Caller, is_problem
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
BODY = {"to": "Ada@Engine.example", "subject": "Paid", "text": "Thank you", "metadata": {"order": "1001"}}


@pytest.fixture
def caller(settings) -> Caller:
    settings.DEFAULT_FROM_EMAIL = "Acme <shop@acme.example>"
    return Caller(a_user("marketer"), "mails.send")


def test_a_mail_is_accepted_sent_and_told_of(caller: Caller) -> None:
    contact = a_contact(email="ada@engine.example")
    answer = caller.post("/mails", BODY, key="order-1001")
    told = answer.json()
    assert (answer.status_code, told["state"], told["to"]) == (202, "queued", "ada@engine.example")
    jobs.run_due(only_urgent=True)
    now = caller.get(f"/mails/{told['id']}").json()
    assert (now["state"], now["contact_id"], now["metadata"]) == ("handed", contact.pk, {"order": "1001"})
    assert [one["what"] for one in now["history"]] == ["accepted", "went_out", "handed"]
    assert caller.get("/mails", to="ada@engine.example").json()["items"] == [now]
    assert "Thank you" not in str(now)


def test_it_needs_a_key_and_a_repeat_sends_once(caller: Caller) -> None:
    assert is_problem(caller.post("/mails", BODY), 400)
    first, again = caller.post("/mails", BODY, key="k"), caller.post("/mails", BODY, key="k")
    assert first.json() == again.json()
    assert is_problem(caller.post("/mails", {**BODY, "subject": "Other"}, key="k"), 422)
    assert TransactionalMail.objects.count() == Delivery.objects.count() == 1


def test_a_key_of_long_ago_still_sends_nothing_twice(caller: Caller) -> None:
    from baton.exchange.api.models import KeptAnswer

    caller.post("/mails", BODY, key="k")
    KeptAnswer.objects.all().delete()
    assert is_problem(caller.post("/mails", BODY, key="k"), 409)
    assert TransactionalMail.objects.count() == 1


def test_a_token_for_mails_reads_and_writes_nothing_else(caller: Caller) -> None:
    assert is_problem(caller.get("/contacts"), 403)
    assert is_problem(caller.post("/contacts", {"last_name": "X"}), 403)


def test_a_reading_token_and_a_rep_may_not_send(caller: Caller) -> None:
    assert is_problem(Caller(a_user("marketer"), "read").post("/mails", BODY, key="k"), 403)
    assert is_problem(Caller(a_user("rep")).post("/mails", BODY, key="k"), 403)
    assert not TransactionalMail.objects.exists()


def test_a_dead_address_is_refused_with_its_reason(caller: Caller) -> None:
    suppress("ada@engine.example", "dead", evidence="550", now=timezone.now())
    told = caller.post("/mails", BODY, key="k").json()
    assert (told["state"], told["reason"]) == ("skipped", "dead")


def test_what_does_not_fit_is_named(caller: Caller) -> None:
    MailTemplate.objects.create(code="order", name="Order", subject="Order {{ data.n }}", source="<p>Hi</p>")
    file = {"name": "a.pdf", "content_type": "application/pdf", "content": "%%%"}
    for wrong, words in [
        ({"to": "nobody"}, "nobody"),
        ({"template": "none", "subject": "", "text": ""}, "none"),
        ({"template": "order"}, "not both"),
        ({"template": "order", "subject": "", "text": ""}, "data.n"),
        ({"attachments": [file]}, "base64"),
    ]:
        answer = caller.post("/mails", {**BODY, **wrong}, key="k")
        assert is_problem(answer, 422)
        assert words in answer.json()["detail"]
    assert not TransactionalMail.objects.exists()


def test_attachments_come_along(caller: Caller) -> None:
    file = {"name": "a.pdf", "content_type": "application/pdf", "content": base64.b64encode(b"%PDF").decode()}
    told = caller.post("/mails", {**BODY, "attachments": [file]}, key="k").json()
    assert TransactionalMail.objects.get(pk=told["id"]).attachments[0]["bytes"] == 4
