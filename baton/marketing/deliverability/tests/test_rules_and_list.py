"""The pages of the sending rules and of the addresses that are never mailed."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client

from baton.people.deliveries.models import MailRules, Suppression
from baton.people.deliveries.tokens import address_hash
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db
RULES = {"cap_messages": 2, "cap_days": 7, "soft_failures": 5, "soft_days": 14}


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def test_the_rules_are_kept_and_shown_again(marketer: Client) -> None:
    sent = RULES | {"quiet_from": "21:00", "quiet_until": "08:00"}
    assert marketer.post("/deliverability/rules/", sent).status_code == 302
    rules = MailRules.objects.get()
    assert (rules.cap_messages, rules.quiet_from, rules.skips_role_addresses) == (2, time(21), False)
    page = marketer.get("/deliverability/rules/").content.decode()
    assert 'value="21:00"' in page
    assert marketer.post("/deliverability/rules/", RULES).status_code == 302
    assert MailRules.objects.get().quiet_from is None


@pytest.mark.parametrize("hours", [{"quiet_from": "21:00"}, {"quiet_from": "09:00", "quiet_until": "09:00"}])
def test_half_an_hour_is_none(marketer: Client, hours: dict[str, str]) -> None:
    assert marketer.post("/deliverability/rules/", RULES | hours).status_code == 422
    assert not MailRules.objects.exists()


def test_addresses_are_put_on_the_list_looked_up_and_lifted(marketer: Client) -> None:
    person = a_contact(email="ada@z.example")
    pasted = {
        "emails": " Ada@Z.example,\r\n\r\nbob@z.example;\r\nada@z.example",
        "reason": "by_hand",
        "evidence": "old",
    }
    assert "2 addresses" in marketer.post("/deliverability/never/add/", pasted, follow=True).content.decode()
    assert Suppression.objects.count() == 2
    page = marketer.get("/deliverability/never/?who=ada@z.example").content.decode()
    assert "is not mailed" in page
    assert person.get_absolute_url() in page
    entry = Suppression.objects.get(address_hash=address_hash("ada@z.example"))
    assert entry.actor is not None
    marketer.post(f"/deliverability/never/{entry.pk}/lift/")
    assert "is not on the list" in marketer.get("/deliverability/never/?who=ada@z.example").content.decode()


def test_a_line_that_is_no_address_changes_nothing_and_keeps_what_was_typed(marketer: Client) -> None:
    pasted = {"emails": "ada@z.example\nnobody", "reason": "by_hand", "evidence": "old"}
    answer = marketer.post("/deliverability/never/add/", pasted)
    assert answer.status_code == 422
    assert "These are no addresses: nobody" in answer.content.decode()
    assert "ada@z.example\nnobody" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_who_objected_is_not_lifted(marketer: Client) -> None:
    entry = Suppression.objects.create(address_hash=address_hash("ada@z.example"), reason="objected")
    page = marketer.get("/deliverability/never/?who=ada@z.example").content.decode()
    assert "only they can change that" in page
    assert f"/never/{entry.pk}/lift/" not in page
    answer = marketer.post(f"/deliverability/never/{entry.pk}/lift/", follow=True).content.decode()
    assert "Nothing was changed" in answer
    assert Suppression.objects.exists()
