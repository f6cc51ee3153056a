"""What is answered when something broke: in plain words that the database does not answer, if that is it."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from baton.exchange.api.problems import problem

AGAIN_IN_SECONDS = 5
# PostgreSQL's classes of errors: connection, resources (too many connections), intervention (shutting down).
AWAY_CLASSES = {"08", "53", "57"}
AWAY_WORDS = ("is locked", "unable to open database file")  # SQLite's only way to say so; a missing table is a fault


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler of what nobody caught. Draws without the request: who is signed in stands in the database."""
    if not is_away(sys.exc_info()[1]):
        return HttpResponse(loader.get_template("500.html").render(), status=500)
    if request.path.startswith("/api/"):
        answer = problem(503, _sentence())
    else:
        answer = HttpResponse(loader.get_template("503.html").render({"sentence": _sentence()}), status=503)
    answer["Retry-After"] = str(AGAIN_IN_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database does not answer, rather than that it was asked something wrong."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if cause is not None and hasattr(cause, "sqlstate"):
        return cause.sqlstate is None or cause.sqlstate[:2] in AWAY_CLASSES  # none: it could not even connect
    return any(words in str(error) for words in AWAY_WORDS)


def _sentence() -> str:
    return _("The database does not answer; nothing was lost; try again in a moment.")
