"""An email with an A/B test."""

from __future__ import annotations

from typing import Any

from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email, sent_to  # noqa: F401 - a fixture
from baton.marketing.trials.actions import save_trial
from baton.marketing.trials.models import Trial
from baton.people.deliveries.models import Delivery
from tests.cast import NOW, a_user

VALUES = {"test_percent": 100, "held_percent": 0, "metric": "clicks", "wait_hours": 24, "if_unclear": "leader"}


def a_trial(number: int = 3, variants: dict[str, dict[str, Any]] | None = None, **values: Any) -> Trial:
    """A draft to `number` people with an A/B test; variant B has a subject of its own if nothing is said."""
    own = {"B": {"subject": "Or {{ contact.first_name }}"}} if variants is None else variants
    boss = a_user("marketing_manager", email="boss@acme.example")
    return save_trial(an_email(number, owner=boss), {**VALUES, **values}, own, actor=boss, now=NOW)


def parts(broadcast: Broadcast) -> dict[int, str]:
    """What each contact's row says."""
    return dict(broadcast.message.rows().values_list("contact_id", "variant"))


def click(broadcast: Broadcast, variant: str, people: int) -> None:
    """So many people of a variant click as soon as they have it."""
    rows = Delivery.objects.filter(message_id=broadcast.pk, variant=variant).order_by("pk")
    for row in rows[:people]:
        Delivery.objects.filter(pk=row.pk).update(clicked_at=row.handed_at)
