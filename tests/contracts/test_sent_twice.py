"""Every form of the product sent twice in a row, as by a double click: one effect, and a kind second answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from baton.platform.fields.models import FieldDefinition
from baton.platform.notifications.models import Notification
from tests.cast import a_team, a_user
from tests.contracts.house import ASKED, House, lists_of
from tests.contracts.posts import POSTS, Post, rows
from tests.contracts.routes import Route, heard, routes
from tests.contracts.test_who_may import LOGS_OF_ACCESS

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def boss(house: House, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator, who may do all of it; what is only one's own person's is theirs here."""
    monkeypatch.setattr("baton.marketing.forms.public.HUMAN_SECONDS", 0)
    house.walker = boss = a_user("administrator", team=a_team("South"))
    house.notice = Notification.objects.create(user=boss, kind="test", text="Look", url="/today/")
    lists_of(house, boss, to=boss)
    house.deal_field = FieldDefinition.objects.create(on="deal", key="colour", label="Colour", kind="text")
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    return client


def test_every_form_sent_twice_has_one_effect_and_is_answered_kindly(house: House, boss: Client) -> None:
    wrong = []
    for route in routes():
        if route.name in POSTS:
            with undone():
                wrong += [(route.pattern, *fault) for fault in faults_of(route, POSTS[route.name], house, boss)]
    print(*wrong, sep="\n")
    assert wrong == []


def test_an_address_that_is_not_named_here_does_nothing_with_a_post(house: House, boss: Client) -> None:
    wrong = []
    for route in routes():
        if route.name in {*POSTS, *LOGS_OF_ACCESS} or (route.takes_arguments and route.name not in ASKED):
            continue
        with undone(), heard() as said:
            status = boss.post(address(route.name, house)).status_code
        if said.writes or route.refuses_get or status not in {200, 302, 404, 405}:
            wrong.append((route.pattern, status, said.writes[:1]))
    print(*wrong, sep="\n")
    assert wrong == []


def faults_of(route: Route, post: Post, house: House, boss: Client) -> Iterator[tuple[Any, ...]]:
    path, key = address(route.name, house), {}
    if post.page:
        key = key_of(boss.get(page_of(post.page, house)), path)
        if not key:
            yield (f"the form on {post.page} has no key",)
    how = {"content_type": "application/json"} if post.json else {}
    before = rows()
    with heard() as said:
        first = boss.post(path, post.body(house) | key, **how)
    between = rows()
    second = boss.post(path, post.body(house) | key, **how)
    after = rows()
    if first.status_code != post.status or not (said.writes or post.why):
        yield "the first sending did nothing", first.status_code, told_by(first)
    if post.makes and between[post.makes.lower()] != before[post.makes.lower()] + 1:
        yield "the first sending made not one", post.makes, told_by(first)
    more = {name: after[name] - between[name] for name in after if after[name] != between[name]}
    if more.keys() - post.leaves:
        yield "the second left", more
    if second.status_code != post.status:
        yield "the second was answered", second.status_code, told_by(second)


def address(name: str, house: House, *, of: str = "") -> str:
    """The address `name`, with the arguments of another one if it is said."""
    asked = ASKED.get(of or name)
    return reverse(name, kwargs=asked.arguments(house) if asked else None)


def page_of(name: str, house: House) -> str:
    name, _, of = name.partition(" of ")  # "email of resend_email": the page of the email that this one is about
    name, _, query = name.partition("?")
    if query == "view":  # the list as the saved view shows it
        query = f"view={next(view.pk for key, view in house.views.items() if name.startswith(key))}"
    return f"{address(name, house, of=of)}?{query}"


def key_of(page: HttpResponse, path: str) -> dict[str, str]:
    """The hidden key of the form that is sent to `path`; a form without an action is sent to its page."""
    for form in re.findall(r"<form\b.*?</form>", page.content.decode(), re.DOTALL):
        action = re.search(r'<form[^>]*\baction="([^"]*)"', form)
        to = action[1] if action else page.wsgi_request.path
        key = re.search(r'name="(once|page_key)" value="([^"]+)"', form)
        if to == path and 'method="post"' in form.lower() and key:
            return {key[1]: key[2]}
    return {}


def told_by(answer: HttpResponse) -> str:
    """The last words of a page."""
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode(errors="replace"))[-300:]


@contextmanager
def undone() -> Iterator[None]:
    """Takes everything back afterwards, so that every form finds the house as it was."""
    with transaction.atomic("default"), transaction.atomic("events"):
        yield
        for alias in ("default", "events"):
            transaction.set_rollback(True, alias)
