"""Every page draws on an installation that holds nothing yet. tests/contracts walks one that holds a company."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.urls import resolve, reverse

from baton.platform.accounts.roles import ROLES
from tests.cast import a_user
from tests.contracts.routes import heard, routes

pytestmark = pytest.mark.django_db(databases=["default", "events"])

QUERY_BUDGET = 30
FORM = "application/x-www-form-urlencoded"
# What is answered where nothing is: a page shown only while debugging, a draft that nobody has begun.
NOT_THERE = {"styleguide", "lead_sla_draft"}


@pytest.mark.parametrize("role", ["administrator", "rep"])
def test_every_page_draws_where_nothing_is_yet(role: str) -> None:
    client, user = Client(raise_request_exception=False), a_user(role, name="Ada Example")
    client.force_login(user)
    wrong = []
    for route in routes():
        if route.takes_arguments or route.refuses_get:
            continue
        with heard() as said:
            status = client.get(reverse(route.name)).status_code
        may = route.permission in {"public", "signed_in"} or user.may(route.permission)
        expected = ({404} if route.name in NOT_THERE else {200, 302}) if may else {403}
        if status not in expected or said.count >= QUERY_BUDGET:
            wrong.append((route.pattern, status, said.count))
    assert wrong == []


@pytest.mark.parametrize("path", ["/contacts/", "/search/", "/quotes/", "/deals/list/"])
def test_a_zero_byte_is_refused_in_words(path: str) -> None:
    client = Client()
    client.force_login(a_user("administrator"))
    for answer in (client.get(f"{path}?q=a%00b"), client.post("/companies/new/", "name=a%00b", content_type=FORM)):
        assert answer.status_code == 400
        assert "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_everyone_has_a_home_from_the_first_moment(role: str) -> None:
    client = Client()
    client.force_login(a_user(role))
    assert client.get("/", follow=True).status_code == 200


def test_the_api_refuses_a_zero_byte_as_it_refuses_everything(client: Client) -> None:
    answer = client.get("/api/v1/deals?state=a%00")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_every_record_gives_an_address_of_the_whole_house() -> None:
    records = [model for model in apps.get_models() if "get_absolute_url" in vars(model)]
    assert len(records) > 10
    for model in records:
        numbers = {field.attname: 7 for field in model._meta.concrete_fields if field.is_relation or field.primary_key}
        record = model(**numbers, **({"number": 7} if model._meta.model_name == "channelversion" else {}))
        assert list(resolve(record.get_absolute_url()).kwargs.values()) == [7]
