"""Versions: each save that changed a word is kept, can be looked at and brought back; two who edit lose nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.drafting import actions
from baton.marketing.email.actions import CannotSend, save_email
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email, sent_to  # noqa: F401
from baton.marketing.email.tests.test_pages import typed
from baton.platform.accounts.models import User
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writer(client: Client) -> User:
    user = a_user("marketer")
    client.force_login(user)
    return user


def _saved(draft: Broadcast, user: User, **words: object) -> Broadcast:
    return save_email(draft, words, list(draft.segments.all()), actor=user, now=timezone.now())


def test_a_save_that_changes_a_word_is_kept_and_an_identical_one_is_not(writer: User) -> None:
    draft = an_email(1)
    _saved(draft, writer, subject="Second")
    _saved(draft, writer, subject="Second")
    _saved(draft, writer, subject="Third")
    assert [one.words["subject"] for one in draft.versions.all()] == ["Third", "Second", "Hi {{ contact.first_name }}"]


def test_an_old_version_is_looked_at_and_brought_back(writer: User, client: Client) -> None:
    draft = an_email(1)
    first = _saved(draft, writer, fields=draft.fields | {"headline": "The first headline"}).versions.first()
    _saved(draft, writer, fields=draft.fields | {"headline": "The last headline"})
    assert first
    page = client.get(f"/emails/{draft.pk}/versions/").content.decode()
    assert "+ The last headline" in page
    assert "- The first headline" in page
    shown = client.get(f"/emails/{draft.pk}/preview/?version={first.number}").content.decode()
    assert "The first headline" in shown
    answer = client.post(f"/emails/{draft.pk}/versions/{first.number}/bring-back/", follow=True)
    assert f"/emails/{draft.pk}/versions/3/bring-back/" in answer.content.decode()  # the toast's undo
    draft.refresh_from_db()
    assert draft.fields["headline"] == "The first headline"
    assert draft.versions.count() == 4


def test_the_second_of_two_writers_is_told_and_loses_nothing(writer: User, client: Client) -> None:
    draft = an_email(1)
    read = str(draft.revision)
    _saved(draft, a_user("marketer"), subject="By the first")
    answer = client.post(f"/emails/{draft.pk}/edit/", typed(draft, subject="By the second", revision=read))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "By the second" in page
    assert "saved this email while you were writing" in page
    draft.refresh_from_db()
    assert draft.subject == "By the first"
    again = typed(draft, subject="By the second", revision=str(draft.revision))
    assert client.post(f"/emails/{draft.pk}/edit/", again).status_code == 302
    assert [one.words["subject"] for one in draft.versions.all()[:2]] == ["By the second", "By the first"]


def test_what_is_on_its_way_is_not_brought_back(writer: User) -> None:
    draft = an_email(1)
    version = _saved(draft, writer, subject="Second").versions.last()
    Broadcast.objects.filter(pk=draft.pk).update(state="sending")
    assert version
    with pytest.raises(CannotSend):
        actions.bring_back(draft, version, actor=writer, now=timezone.now())
    draft.refresh_from_db()
    assert draft.subject == "Second"
    assert draft.versions.count() == 2
