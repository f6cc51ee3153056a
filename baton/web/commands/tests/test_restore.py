"""After a restore nothing goes out by itself."""

from __future__ import annotations

import pytest

from baton.marketing.email.actions import resume_email
from baton.marketing.email.tests.conftest import an_email, of_a_journey
from baton.web.commands.restore import hold_emails, hold_journeys
from tests.cast import NOW, a_user

pytestmark = pytest.mark.django_db


def test_what_was_under_way_is_held_and_one_of_a_journey_is_live_again_once_resumed() -> None:
    emails = {state: an_email(0, state=state) for state in ("draft", "scheduled", "sending", "sent")}
    emails["live"] = of_a_journey(0, state="live", started_at=NOW, filled_at=NOW)
    assert (hold_journeys(), hold_emails()) == (1, 3)
    emails["live"].journey.refresh_from_db()
    assert emails["live"].journey.state == "paused"
    for email in emails.values():
        email.refresh_from_db()
    held = {before for before, email in emails.items() if email.state == "paused"}
    assert held == {"scheduled", "sending", "live"}
    resume_email(emails["live"], actor=a_user("marketer"), now=NOW)
    assert emails["live"].state == "live"
