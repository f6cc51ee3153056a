"""Every path of the API with every method, asked by every role's token: what a role or sight refuses, and what not.

That every answer is as the description says, whatever is sent, is schemathesis' part (exchange/api/tests).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from baton.exchange.api.routes import api
from baton.exchange.api.tokens import make_token
from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ROLES
from tests.cast import a_team, a_user
from tests.contracts.house import House
from tests.contracts.routes import heard

pytestmark = pytest.mark.django_db(databases=["default", "events"])

BASE = "/api/v1"
NOTES_OF_USE = ("exchange_apitoken", "exchange_usage")  # a token notes when and how often it was used


@dataclass(frozen=True)
class Asked:
    """What a path needs: the permission, whose sight decides, which record, and a body that names the house's own.

    `done` is the answer where it may be done, `hidden` the one where the named records are out of sight.
    """

    permission: str
    sight: str = ""
    record: str = ""
    body: Callable[[House], dict[str, Any]] = lambda house: {}
    hidden: int = 200
    done: int = 200


ASKED = {
    "GET /contacts": Asked("people.view", "people"),
    "GET /contacts/{contact_id}": Asked("people.view", "people", "contact", hidden=404),
    "POST /contacts": Asked(
        "people.change", "people", body=lambda h: {"last_name": "New", "company_id": h.company.pk}, hidden=422, done=201
    ),
    "PATCH /contacts/{contact_id}": Asked(
        "people.change", "people", "contact", lambda h: {"job_title": "Head"}, hidden=404
    ),
    "GET /companies": Asked("people.view", "people"),
    "GET /companies/{company_id}": Asked("people.view", "people", "company", hidden=404),
    "POST /companies": Asked("people.change", body=lambda h: {"name": "New"}, done=201),
    "PATCH /companies/{company_id}": Asked(
        "people.change", "people", "company", lambda h: {"name": "Other"}, hidden=404
    ),
    "GET /deals": Asked("sales.view", "sales"),
    "GET /deals/{deal_id}": Asked("sales.view", "sales", "deal", hidden=404),
    "POST /deals": Asked(
        "sales.change", "people", body=lambda h: {"name": "New", "contact_ids": [h.contact.pk]}, hidden=422, done=201
    ),
    "GET /activities": Asked("sales.view", "sales"),
    "POST /activities": Asked(
        "sales.change",
        "sales",
        body=lambda h: {"kind": "note", "deal_id": h.deal.pk, "body": "x"},
        hidden=422,
        done=201,
    ),
    "POST /events": Asked(
        "people.change",
        "people",
        body=lambda h: {"id": "1", "name": "bought", "contact_id": h.contact.pk},
        hidden=422,
        done=202,
    ),
    "POST /events/batch": Asked(
        "people.change",
        "people",
        body=lambda h: {"events": [{"id": "2", "name": "bought", "contact_id": h.contact.pk}]},
        hidden=202,  # each event has an answer of its own
        done=202,
    ),
    "GET /mails": Asked("marketing.view"),
    "GET /mails/{mail_id}": Asked("marketing.view", "people", "mail", hidden=404),
    "POST /mails": Asked(
        "marketing.send", body=lambda h: {"to": "new@engine.example", "template": h.mail_template.code}, done=202
    ),
}


def operations() -> list[tuple[str, str]]:
    """(method, path under the base) of everything the API describes."""
    paths = api.get_openapi_schema()["paths"]
    return [(method.upper(), path.removeprefix(BASE)) for path, methods in paths.items() for method in methods]


def walkers() -> Iterator[tuple[User, str, str]]:
    team = a_team("South")
    for role in ROLES:
        user = a_user(role, team=team)
        yield user, *(make_token(user, name=scope, scope=scope, actor=user)[1] for scope in ("write", "read"))


def ask(method: str, path: str, body: dict[str, Any], secret: str) -> Any:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    if path == f"{BASE}/mails" and method == "POST":
        headers["Idempotency-Key"] = "order-1001"
    return Client().generic(method, path, json.dumps(body), content_type="application/json", headers=headers)


def address(path: str, asked: Asked, house: House) -> str:
    pk = str(getattr(house, asked.record).pk) if asked.record else ""
    return BASE + "/".join(pk if part.startswith("{") else part for part in path.split("/"))


def test_every_operation_of_the_api_is_asked_for() -> None:
    assert {f"{method} {path}" for method, path in operations()} == set(ASKED)


def test_a_token_sees_and_does_what_its_owners_role_and_sight_allow(house: House) -> None:
    wrong = []
    for user, writing, _reading in walkers():
        for method, path in operations():
            asked = ASKED[f"{method} {path}"]
            with heard() as said:
                answer = ask(method, address(path, asked, house), asked.body(house), writing)
            is_hidden = bool(asked.sight) and user.sight(asked.sight) != "all"
            expected = asked.hidden if is_hidden else asked.done
            if not user.may(asked.permission):
                expected = 403
            if answer.status_code != expected:
                wrong.append((user.role, method, path, answer.status_code, "expected", expected))
            if is_hidden and answer.status_code == 200 and owners(answer) & {house.owner.pk, house.colleague.pk}:
                wrong.append((user.role, method, path, "listed what is out of sight"))
            if changes(said.writes) and (method == "GET" or answer.status_code >= 400):
                wrong.append((user.role, method, path, "wrote", said.writes))
    assert wrong == []


def test_a_stranger_and_a_reading_token_change_nothing(house: House) -> None:
    wrong = []
    reading = [(user.role, secret, 403) for user, _writing, secret in walkers()]
    for who, secret, expected in [("stranger", "", 401), ("forger", "baton_forged", 401), *reading]:
        for method, path in operations():
            if method == "GET" and expected == 403:
                continue
            asked = ASKED[f"{method} {path}"]
            with heard() as said:
                answer = ask(method, address(path, asked, house), asked.body(house), secret)
            if answer.status_code != expected or changes(said.writes):
                wrong.append((who, method, path, answer.status_code, "expected", expected))
    assert wrong == []


def owners(answer: Any) -> set[int]:
    return {row["owner_id"] for row in answer.json()["items"]}


def changes(statements: list[str]) -> list[str]:
    return [one for one in statements if not any(table in one for table in NOTES_OF_USE)]
