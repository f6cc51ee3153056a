"""Every page of the shell draws, for every role, on an installation that holds nothing yet."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from baton.platform.accounts.roles import ROLES
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

# Whole page trees that others publish and guard by themselves.
FOREIGN = ("accounts/", "api/")
# Pages that answer files or streams, or send on elsewhere by design.
QUERY_BUDGET = 25


def all_patterns() -> list[tuple[str, URLPattern]]:
    """Every address of the product with its view, foreign trees left out."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> list[tuple[str, URLPattern]]:
        found = []
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found += walk(pattern.url_patterns, route)
            else:
                found.append((route, pattern))
        return found

    return [(route, one) for route, one in walk(get_resolver().url_patterns, "") if not route.startswith(FOREIGN)]


def argumentless() -> list[tuple[str, str]]:
    """(route, permission) of every address that needs no argument."""
    return [
        (route, getattr(one.callback, "permission", ""))
        for route, one in all_patterns()
        if "<" not in route and "(" not in route
    ]


def test_every_view_says_who_may_see_it() -> None:
    unsaid = [route for route, one in all_patterns() if not getattr(one.callback, "permission", "")]
    assert unsaid == []


@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_every_page_answers_as_the_permission_says(role: str) -> None:
    client = Client(raise_request_exception=False)
    user = None
    if role != "stranger":
        user = a_user(role, name="Ada Example")
        client.force_login(user)
    wrong = []
    for route, permission in argumentless():
        with CaptureQueriesContext(connection) as queries:
            status = client.get(f"/{route}").status_code
        if permission in {"public", "signed_in"}:
            expected = {200, 204, 302, 404, 405} if permission == "public" or user else {302, 405}
        elif user is None:
            expected = {302, 405}
        else:
            expected = {200, 204, 302, 400, 404, 405} if user.may(permission) else {403, 405}
        if status not in expected:
            wrong.append((route, permission, status))
        if len(queries) >= QUERY_BUDGET:
            wrong.append((route, "queries", len(queries)))
    assert wrong == []
