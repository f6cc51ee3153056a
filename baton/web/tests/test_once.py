"""A form with a key is done once; what was refused, or typed anew, is another matter."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from baton.people.companies.models import Company
from baton.platform.accounts.models import Team
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.once.actions import forget_old
from baton.platform.once.models import SentForm
from tests.cast import a_company, a_user

pytestmark = pytest.mark.django_db

NEW = "/companies/new/"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(a_user("administrator"))
    return client


def key_of(page: str) -> str:
    return re.search(r'name="once" value="([^"]+)"', page)[1]


def test_the_same_form_sent_twice_makes_one_thing_and_leads_there_both_times(client: Client) -> None:
    body = {"name": "Acme", "once": key_of(client.get(NEW).content.decode())}
    first, second = client.post(NEW, body), client.post(NEW, body)
    assert first.url == second.url == Company.objects.get().get_absolute_url()
    assert [str(said) for said in get_messages(second.wsgi_request)][-1:] == ["This was sent twice; it was done once."]
    assert JournalEntry.objects.count() == 1


def test_every_drawing_of_a_form_has_another_key(client: Client) -> None:
    keys = {key_of(client.get(NEW).content.decode()) for _ in range(3)}
    assert len(keys) == 3


def test_going_back_and_typing_something_else_makes_another(client: Client) -> None:
    for name in ("Acme", "Bolt"):
        client.post(NEW, {"name": name, "once": "k"})
    assert set(Company.objects.values_list("name", flat=True)) == {"Acme", "Bolt"}


def test_what_was_refused_may_be_sent_again_as_it_is(client: Client) -> None:
    other = a_company("Acme", domain="acme.example")
    body = {"name": "Acme Two", "domain": "acme.example", "once": "k"}
    assert client.post(NEW, body).status_code == 422
    assert not SentForm.objects.exists()
    other.domain = ""
    other.save()
    assert client.post(NEW, body).status_code == 302
    assert Company.objects.count() == 2


def test_a_refusal_told_on_the_next_page_is_not_kept(client: Client) -> None:
    team = Team.create("North")
    body = {"team": team.pk, "amount": "much", "once": "k"}
    assert client.post("/quotas/set/", body).status_code == 302
    assert not SentForm.objects.exists()


def test_two_people_with_one_key_each_make_their_own(client: Client) -> None:
    other = Client()
    other.force_login(a_user("administrator"))
    for one in (client, other):
        one.post(NEW, {"name": "Acme", "once": "k"})
    assert Company.objects.count() == 2


def test_a_sending_is_forgotten_after_a_week(client: Client) -> None:
    client.post(NEW, {"name": "Acme", "once": "k"})
    SentForm.objects.update(at=timezone.now() - timedelta(days=8))
    client.post(NEW, {"name": "Bolt", "once": "l"})
    forget_old(Job())
    assert SentForm.objects.count() == 1
