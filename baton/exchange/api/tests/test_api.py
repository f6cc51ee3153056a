"""The API: tokens, sight, paging, repeats, problems."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from baton.exchange.api import tokens as api_tokens
from baton.exchange.api.models import ApiToken
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.tracking.store.models import EventTail
from tests.cast import a_contact, a_deal, a_pipeline, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


class Caller:
    """A program with a token."""

    def __init__(self, user: User, scope: str = "write") -> None:
        self.user = user
        self.token, secret = api_tokens.make_token(user, name="test", scope=scope, actor=user)
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: dict[str, Any], key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.patch(f"/api/v1{path}", json.dumps(body), "application/json")


def is_problem(answer: Any, status: int) -> bool:
    return (
        answer.status_code == status == answer.json()["status"] and answer["Content-Type"] == "application/problem+json"
    )


def test_strangers_forged_and_revoked_tokens_get_a_problem() -> None:
    caller = Caller(a_user("rep"))
    assert is_problem(Client().get("/api/v1/contacts"), 401)
    assert is_problem(Client(headers={"Authorization": "Bearer baton_forged"}).get("/api/v1/contacts"), 401)
    ApiToken.objects.update(revoked_at="2026-01-01T00:00Z")
    assert is_problem(caller.get("/contacts"), 401)


def test_a_token_sees_what_its_owner_sees_and_no_more() -> None:
    rep, other = a_user("rep"), a_user("rep")
    mine, theirs = a_contact(owner=rep), a_contact(owner=other)
    caller = Caller(rep)
    assert [one["id"] for one in caller.get("/contacts").json()["items"]] == [mine.pk]
    assert is_problem(caller.get(f"/contacts/{theirs.pk}"), 404)
    assert is_problem(caller.patch(f"/contacts/{theirs.pk}", {"city": "Ulm"}), 404)
    assert is_problem(caller.get(f"/deals/{a_deal(owner=other).pk}"), 404)
    assert is_problem(caller.post("/deals", {"name": "X", "contact_ids": [theirs.pk]}), 422)


def test_a_reading_token_may_not_write() -> None:
    assert is_problem(Caller(a_user("rep"), "read").post("/contacts", {"last_name": "X"}), 403)
    assert not Contact.objects.exists()


def test_a_marketer_has_no_deals() -> None:
    assert is_problem(Caller(a_user("marketer")).get("/deals"), 403)


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    for _number in range(7):
        a_contact()
    caller, seen, after = Caller(a_user("operations")), [], ""
    while True:
        page = caller.get("/contacts", limit=3, after=after).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == sorted(Contact.objects.values_list("pk", flat=True))


def test_a_repeat_with_the_same_key_does_the_work_once_and_another_body_is_refused() -> None:
    caller = Caller(a_user("rep"))
    first = caller.post("/contacts", {"last_name": "Lovelace"}, key="k1")
    again = caller.post("/contacts", {"last_name": "Lovelace"}, key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert is_problem(caller.post("/contacts", {"last_name": "Byron"}, key="k1"), 422)
    assert Contact.objects.count() == 1


def test_a_misspelt_field_is_an_error_that_names_it() -> None:
    answer = Caller(a_user("rep")).post("/contacts", {"lastname": "X"})
    assert is_problem(answer, 422)
    assert "lastname" in answer.json()["errors"][0]["where"]


def test_a_change_over_a_newer_one_is_refused() -> None:
    contact = a_contact()
    caller = Caller(a_user("operations"))
    assert caller.patch(f"/contacts/{contact.pk}", {"city": "Ulm", "revision": 1}).json()["revision"] == 2
    assert is_problem(caller.patch(f"/contacts/{contact.pk}", {"city": "Bonn", "revision": 1}), 409)


def test_a_taken_address_is_a_conflict_and_changes_nothing() -> None:
    a_contact(email="ada@engine.example")
    assert is_problem(Caller(a_user("operations")).post("/contacts", {"email": "Ada@engine.example"}), 409)
    assert Contact.objects.count() == 1


def test_deals_activities_and_events_are_made_as_in_the_browser() -> None:
    a_pipeline()
    rep = a_user("rep")
    contact, caller = a_contact(owner=rep), Caller(rep)
    deal = caller.post("/deals", {"name": "Pilot", "contact_ids": [contact.pk], "amount_minor": 5}).json()
    assert Deal.objects.get(pk=deal["id"]).owner == rep
    activity = {"kind": "call", "outcome": "reached", "contact_id": contact.pk}
    assert caller.post("/activities", activity).status_code == 201
    for _time in range(2):
        stored = caller.post("/events", {"name": "trial_started", "contact_id": contact.pk, "id": "t-1"})
        assert stored.status_code == 202
    assert EventTail.objects.count() == 1


def test_too_many_requests_are_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "PER_MINUTE", 2)
    caller = Caller(a_user("rep"))
    statuses = [caller.get("/contacts").status_code for _number in range(4)]
    assert statuses[:2] == [200, 200]
    assert 429 in statuses


def test_the_secret_is_shown_once_and_never_kept(client: Client) -> None:
    user = a_user("rep")
    client.force_login(user)
    page = client.post("/settings/tokens/", {"name": "n8n", "scope": "read"}, follow=True).content.decode()
    secret = page.split("baton_")[1].split("<")[0]
    assert ApiToken.objects.get().digest == api_tokens.digest_of("baton_" + secret)
    assert secret not in client.get("/settings/tokens/").content.decode()
