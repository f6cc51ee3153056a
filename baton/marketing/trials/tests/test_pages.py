"""The pages: set up, look, decide; and who may not."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.tests.test_writing import MJML
from baton.marketing.trials.models import Trial, trial_of
from baton.marketing.trials.reads import result_of
from baton.marketing.trials.tests.conftest import VALUES, a_trial, click
from baton.marketing.trials.tests.test_sending import again, begin
from baton.people.deliveries.models import Delivery
from baton.people.leads.actions import open_lead
from baton.tracking.goals.models import Goal
from baton.tracking.store import Event, append
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "events"])


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(a_user("marketing_manager"))
    return client


def test_a_test_is_set_up_and_what_is_empty_stays_the_emails(boss: Client) -> None:
    email = an_email(3)
    address = f"/emails/{email.pk}/ab-test/edit/"
    assert boss.get(address).status_code == 200
    typed = {**VALUES, "held_percent": 10, "b-subject": "Other", "c-subject": email.subject, "d-field_headline": "Bold"}
    assert boss.post(address, typed).status_code == 302
    trial = trial_of(email)
    assert trial.letters == "ABD"
    assert [one.fields for one in trial.variants.all()] == [{}, {"headline": "Bold"}]
    page = boss.get(address).content.decode()
    assert "What it can show" in page
    assert "So few people can show no difference" in page
    assert "Bold" in boss.get(f"/emails/{email.pk}/ab-test/d/preview/").content.decode()
    assert "Bold" not in boss.get(f"/emails/{email.pk}/ab-test/b/preview/").content.decode()
    assert "3 variants" in boss.get(f"/emails/{email.pk}/").content.decode()


def test_what_is_typed_wrong_is_said_and_kept(boss: Client) -> None:
    email = an_email(1)
    address = f"/emails/{email.pk}/ab-test/edit/"
    answer = boss.post(address, {**VALUES, "test_percent": 400, "b-subject": "Kept words", "c-mjml": "<mjml><nope"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Kept words" in page
    assert "&lt;nope" in page
    assert "less than or equal to 100" in page
    answer = boss.post(address, VALUES)
    assert answer.status_code == 422
    assert "something of its own" in answer.content.decode()
    answer = boss.post(address, {**VALUES, "b-field_link": "javascript:1"})
    assert "starts with https://" in answer.content.decode()
    assert not Trial.objects.exists()


def test_a_source_left_as_the_emails_is_no_variant(boss: Client) -> None:
    source = MJML.replace("%s", "\nHi <a href='{{ unsubscribe_url }}'>x</a> {{ organisation.postal_address }}")
    email = an_email(1, has_own_source=True, mjml=source)
    address = f"/emails/{email.pk}/ab-test/edit/"
    page = boss.get(address).content.decode()
    assert page.count("&lt;mj-body") == 4
    kept = source.replace("\n", "\r\n")
    typed = {**VALUES, "b-mjml": kept.replace("Hi", "Good day"), "c-mjml": kept, "d-mjml": kept}
    boss.post(address, typed)
    assert trial_of(email).letters == "AB"


def test_a_test_is_dropped(boss: Client) -> None:
    trial = a_trial(1)
    boss.post(f"/emails/{trial.broadcast_id}/ab-test/drop/")
    assert not Trial.objects.exists()


def test_the_figures_say_too_early_then_who_won(boss: Client, sent_to) -> None:
    trial = begin(a_trial(200, test_percent=50))
    click(trial.broadcast, "B", 30)
    address = f"/emails/{trial.broadcast_id}/ab-test/"
    page = boss.get(address).content.decode()
    assert "Too early to tell" in page
    assert "Choose B" in page
    assert "A against B" not in page
    boss.post(f"{address}winner/", {"variant": "B"})
    page = boss.get(address).content.decode()
    assert "chose variant B" in page
    assert "B against A" in page
    assert "A/B test" in boss.get(f"/emails/{trial.broadcast_id}/").content.decode()


def test_what_the_mail_brought_is_against_those_held_out(boss: Client, sent_to) -> None:
    trial = begin(a_trial(120, {}, held_percent=50))
    rows = trial.broadcast.message.rows()
    for row in [*rows.filter(variant="A")[:20], *rows.filter(variant="-")[:2]]:
        open_lead(row.contact, actor=None, now=timezone.now())
    page = boss.get(f"/emails/{trial.broadcast_id}/ab-test/").content.decode()
    assert "20 of" in page
    assert "2 of" in page
    assert "would not have come without it" in page


@pytest.mark.parametrize(
    ("kind", "match", "name", "path"),
    [("event", "order", "order", "/shop"), ("page", "/thanks*", "pageview", "/thanks/you")],
)
def test_a_goals_events_are_conversions_after_the_mail_and_in_time(
    boss: Client, sent_to, kind, match, name, path
) -> None:
    goal = Goal.objects.create(name="Ordered", kind=kind, match=match)
    email = an_email(60)
    boss.post(
        f"/emails/{email.pk}/ab-test/edit/", {**VALUES, "metric": "conversions", "goal": goal.pk, "b-subject": "Or"}
    )
    goal.delete()
    trial = trial_of(email)
    trial.broadcast.owner = a_user("marketing_manager")
    trial = begin(trial)
    long_ago = timezone.now() - timedelta(days=3)
    Delivery.objects.update(handed_at=long_ago)
    Trial.objects.update(started_at=long_ago)
    rows = list(trial.broadcast.message.rows().filter(variant="B")[:3])
    hours = [-1, 2, 40]
    for row, hour in zip(rows, hours, strict=True):
        at = int((long_ago + timedelta(hours=hour)).timestamp() * 1_000_000)
        append([Event(uuid.uuid4().hex, at, name, contact=row.contact_id, path=path)])
    page = boss.get(f"/emails/{email.pk}/ab-test/").content.decode()
    assert "Ordered" in page
    assert {row.letter: row.converted for row in result_of(again(trial), timezone.now()).rows} == {"A": 0, "B": 1}


def test_who_may_not_look_or_choose(client: Client, sent_to) -> None:
    trial = begin(a_trial(40, test_percent=50))
    address = f"/emails/{trial.broadcast_id}/ab-test/"
    client.force_login(a_user("rep"))
    assert client.get(address).status_code == 403
    assert client.post(f"{address}winner/", {"variant": "B"}).status_code == 403
    assert again(trial).winner == ""
    client.force_login(a_user("marketing_manager"))
    assert client.get(f"{address}winner/").status_code == 405
    assert client.post(f"{address}winner/", {"variant": "Q"}).status_code == 302
    assert again(trial).winner == ""
    assert client.get(f"{address}edit/").status_code == 302


def test_an_email_without_a_test_leads_back_to_it(boss: Client, sent_to) -> None:
    email = an_email(1)
    assert boss.get(f"/emails/{email.pk}/ab-test/")["Location"].endswith("/ab-test/edit/")
    assert boss.post(f"/emails/{email.pk}/ab-test/winner/", {"variant": "A"}).status_code == 404
