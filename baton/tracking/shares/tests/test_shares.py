"""A shared look shows figures to whoever holds the link, nobody's name, and ends when it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.tracking.shares.models import SharedLook
from baton.tracking.store import append
from baton.tracking.store.tests.made import an_event
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def marketer(client):
    user = a_user("marketer")
    client.force_login(user)
    return user


def test_a_look_is_shared_read_by_a_stranger_and_taken_back(client, marketer) -> None:
    then = timezone.now() - timedelta(hours=30)
    ada = Contact.objects.create(last_name="Lovelace")
    append([an_event(then, path="/first", referrer_host="google.com", contact=ada.pk)])
    append([an_event(then, "v2", path="/second")])
    client.post("/website/shared/add/", {"query": "channel=organic_search&period=week&nonsense=1"})
    share = SharedLook.objects.get()
    assert share.query == "period=week&channel=organic_search"
    assert share.name == "7 days, Organic search"
    assert f"/w/{share.token}" in client.get("/website/shared/").content.decode()
    client.logout()
    answer = client.get(f"/w/{share.token}?channel=direct&period=year")
    page = answer.content.decode()
    assert "/first" in page
    assert [word for word in ("/second", "Lovelace", "/website/", 'method="post"') if word in page] == []
    assert answer.headers["X-Robots-Tag"] == "noindex"
    client.force_login(marketer)
    client.post(f"/website/shared/{share.pk}/delete/")
    assert client.get(f"/w/{share.token}").status_code == 404


def test_a_shared_look_without_visits_says_so(client) -> None:
    share = SharedLook.objects.create(name="28 days")
    assert "No visits in this period" in client.get(f"/w/{share.token}").content.decode()


def test_a_stranger_may_not_share(client) -> None:
    assert client.post("/website/shared/add/", {"query": ""}).status_code == 302
    client.force_login(a_user("rep"))
    assert client.post("/website/shared/add/", {"query": ""}).status_code == 403
    assert not SharedLook.objects.exists()
