"""A database that does not answer is told from a question that is wrong, and said in plain words."""

from __future__ import annotations

import json

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from baton.web.away import is_away


class Cause(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


def caused(sqlstate: str | None) -> OperationalError:
    error = OperationalError("as told")
    error.__cause__ = Cause(sqlstate)
    return error


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (caused(None), True),
        (caused("57P01"), True),
        (caused("53300"), True),
        (caused("42P01"), False),
        (OperationalError("database is locked"), True),
        (OperationalError("no such table: people_contact"), False),
        (InterfaceError("connection is closed"), True),
        (ProgrammingError("column"), False),
        (ZeroDivisionError(), False),
        (None, False),
    ],
)
def test_what_means_that_the_database_is_away(error: Exception | None, is_so: bool) -> None:
    assert is_away(error) is is_so


@pytest.mark.each_engine
@pytest.mark.parametrize(("error", "status"), [(caused("57P01"), 503), (ZeroDivisionError(), 500)])
def test_a_page_says_so_without_asking_the_database(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_asked: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr("baton.marketing.forms.public.get_object_or_404", broken)
    answer = Client(raise_request_exception=False).get("/f/guide/")
    assert answer.status_code == status
    assert ("The database does not answer; nothing was lost" in answer.content.decode()) == (status == 503)
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


@pytest.mark.each_engine
def test_the_api_says_so_as_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_secret: str) -> None:
        raise caused("57P01")

    monkeypatch.setattr("baton.exchange.api.tokens.token_of", broken)
    answer = Client(raise_request_exception=False).get("/api/v1/deals", headers={"Authorization": "Bearer baton_x"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(answer.content)["status"] == 503
