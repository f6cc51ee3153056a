"""The week's figures come on Monday, once, in the reader's language, and stop when one says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from baton.tracking.store import append
from baton.tracking.store.tests.made import an_event
from baton.tracking.weekly.actions import mail_due
from baton.tracking.weekly.models import WeeklyMail
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
MONDAY = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
LAST_WEEK = MONDAY - timedelta(days=3)


@pytest.fixture
def reader(client):
    user = a_user("marketer")
    client.force_login(user)
    append([an_event(LAST_WEEK, f"v{n}", path="/first", referrer_host="google.com") for n in range(3)])
    append([an_event(LAST_WEEK, "v9", path="/second"), an_event(LAST_WEEK - timedelta(days=7), "v1")])
    return user


def test_the_week_is_told_once_on_monday_after_seven(client, reader, mailoutbox) -> None:
    client.post("/website/weekly/add/", {"query": "period=year"})
    client.post("/website/weekly/add/", {"query": ""})
    assert WeeklyMail.objects.get().query == ""
    assert mail_due(now=MONDAY - timedelta(hours=1)) == 0
    assert mail_due(now=MONDAY) == 1
    assert mail_due(now=MONDAY + timedelta(days=2)) == 0
    (letter,) = mailoutbox
    assert letter.to == [reader.email]
    assert letter.subject == "Website: 4 visits in the week to Mar 8, 2026"
    for words in (
        "Mar 2, 2026 – Mar 8, 2026",
        "Visits: 4 (+300% against the week before)",
        "  Organic search: 3\n  Direct: 1",
        "  /first: 3\n  /second: 1",
        "/website/?period=custom&from=2026-03-02&to=2026-03-08",
        "/website/shared/",
    ):
        assert words in letter.body
    assert mail_due(now=MONDAY + timedelta(days=7)) == 1


def test_filters_and_the_language_are_the_readers(client, reader, mailoutbox) -> None:
    reader.locale = "de"
    reader.save()
    client.post("/website/weekly/add/", {"query": "channel=direct&period=week"})
    mail_due(now=MONDAY)
    assert "02.03.2026" in mailoutbox[0].body
    assert "/first" not in mailoutbox[0].body
    assert "channel=direct" in mailoutbox[0].body


def test_a_fault_sends_it_later_and_nobody_without_leave_gets_it(client, reader, mailoutbox, monkeypatch) -> None:
    client.post("/website/weekly/add/", {"query": ""})
    with monkeypatch.context() as away:
        away.setattr("baton.tracking.weekly.actions.send_mail", lambda *_told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mail_due(now=MONDAY)
    WeeklyMail.objects.create(user=a_user("rep"))
    WeeklyMail.objects.create(user=a_user("marketer", is_active=False))
    assert mail_due(now=MONDAY) == 1
    assert len(mailoutbox) == 1


def test_one_stops_ones_own_mail_alone(client, reader) -> None:
    other = WeeklyMail.objects.create(user=a_user("marketer"))
    mine = WeeklyMail.objects.create(user=reader)
    assert client.post(f"/website/weekly/{other.pk}/stop/").status_code == 404
    client.post(f"/website/weekly/{mine.pk}/stop/")
    assert list(WeeklyMail.objects.all()) == [other]
