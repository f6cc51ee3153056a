"""Every address, asked by every role and by a stranger: who may see, who may do, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ROLES
from tests.cast import a_team, a_user
from tests.contracts.house import ASKED, Asked, House
from tests.contracts.posts import POSTS, rows
from tests.contracts.routes import Route, heard, routes

pytestmark = pytest.mark.django_db(databases=["default", "events"])

QUERY_BUDGET = 35
SIGN_IN = "/accounts/login/"
FREE = Asked(lambda house: {})

# Pages that answer otherwise than 200 or a redirect to whoever may see them, and why.
ANSWERS = {
    "styleguide": 404,  # only while debugging
    "sign_signed": 404,  # sealed by a job after the last signature
    "quote_signed": 404,
    "provider_notice": 404,  # no provider is set up
    "send_form_json": 405,  # says so itself, with CORS headers
}
# What a GET of ours writes: evidence and hits, which are logs of having been asked.
LOGS_OF_ACCESS = {"sign", "sign_document", "mail_click", "mail_open"}
# Without a CSRF token: a signed page key, the token in the address or a provider's secret stands in for it.
WITHOUT_CSRF = {"public_form", "send_form_json", "unsubscribe", "preferences", "confirm_consent", "provider_notice"}
# Forms whose fields, not whose address, say which records they are about.
NAMES_RECORDS = {"deal_open", "add_task", "log_activity", "quote_draft"}


def test_every_view_says_who_may_see_it() -> None:
    assert [route.pattern for route in routes() if not route.permission] == []


def test_every_address_with_arguments_is_asked_for_something() -> None:
    assert [route.pattern for route in routes() if route.takes_arguments and route.name not in ASKED] == []


def test_only_known_addresses_take_a_post_without_a_csrf_token() -> None:
    assert {route.name for route in routes() if getattr(route.view, "csrf_exempt", False)} == WITHOUT_CSRF


def test_everyone_sees_what_their_role_and_sight_allow_and_looking_changes_nothing(house: House) -> None:
    wrong = []
    for who, user, client in walkers():
        for route in known():
            with heard() as said:
                told = read(client.get(address(route, house)))
            expected = seen_by(user, route)
            if told not in expected:
                wrong.append((who, route.pattern, told, "expected", expected))
            if said.writes and route.name not in LOGS_OF_ACCESS:
                wrong.append((who, route.pattern, "wrote", said.writes[:2]))
            if said.count > QUERY_BUDGET:
                wrong.append((who, route.pattern, "queries", said.count))
    assert wrong == []


def test_who_may_not_is_refused_and_nothing_is_changed(house: House) -> None:
    wrong = []
    for who, user, client in walkers():
        for route in known():
            refusal = refused_to(user, route)
            if not refusal or not route.takes_post:
                continue
            with heard() as said:
                told = read(client.post(address(route, house)))
            if told != refusal or said.writes:
                wrong.append((who, route.pattern, told, "expected", refusal, said.writes[:2]))
    assert wrong == []


@pytest.mark.parametrize("role", ["sdr", "sales_manager"])
def test_what_is_out_of_sight_cannot_be_named_in_a_form_either(house: House, role: str) -> None:
    house.walker = a_user(role, team=a_team("South"))
    client = Client(raise_request_exception=False)
    client.force_login(house.walker)
    doubtful = []
    for route in known():
        if route.name in NAMES_RECORDS:
            before = rows()
            told = read(client.post(address(route, house), POSTS[route.name].body(house)))
            if rows() != before or told not in {302, 404, 422}:
                doubtful.append((route.pattern, told))
    assert doubtful == []


def known() -> list[Route]:
    """Those that can be asked; a test above names the others."""
    return [route for route in routes() if route.name in ASKED or not route.takes_arguments]


def walkers() -> Iterator[tuple[str, User | None, Client]]:
    """A stranger and one person of every role; none owns anything or shares a team with the house's rep."""
    yield "stranger", None, Client(raise_request_exception=False)
    team = a_team("South")
    for role in ROLES:
        user, client = a_user(role, team=team), Client(raise_request_exception=False)
        client.force_login(user)
        yield role, user, client


def address(route: Route, house: House) -> str:
    path = reverse(route.name, kwargs=ASKED.get(route.name, FREE).arguments(house) or None)
    return f"{path}?after={house.deal.pk}" if route.name == "deals_column" else path


def read(answer: HttpResponse) -> int | str:
    """The status, or "sign in" for a redirect there. Reads a stream to its end, which makes it and closes it."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    is_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN)
    return "sign in" if is_sign_in else answer.status_code


def refused_to(user: User | None, route: Route) -> int | str | None:
    """How a route refuses `user`; None when it does not."""
    if route.is_public:
        return None
    if user is None:
        return "sign in"
    if route.permission != "signed_in" and not user.may(route.permission):
        return 403
    return 404 if _is_out_of_sight(user, route) else None


def _is_out_of_sight(user: User, route: Route) -> bool:
    if route.name == "revoke_token" and user.may("settings.change"):
        return False  # who may change settings may shut anyone's
    return ASKED.get(route.name, FREE).is_out_of_sight_of(user)


def seen_by(user: User | None, route: Route) -> set[int | str]:
    if route.refuses_get:
        return {405}
    refusal = refused_to(user, route)
    if refusal:
        return {refusal}
    return {ANSWERS[route.name]} if route.name in ANSWERS else {200, 302}
