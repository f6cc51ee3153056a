"""What is done round every page: the content security policy, no zero bytes, and the reader's zone and language."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from baton.exchange.api.problems import problem
from baton.platform.policy import POLICY as POLICY

Answer = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: Answer) -> Answer:
    """Adds the policy to every answer that has none of its own; embeddable forms and previews set theirs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def no_zero_bytes(get_response: Answer) -> Answer:
    """Refuses a zero byte in what was asked or typed: no person types one, and PostgreSQL keeps none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_form = request.content_type == "application/x-www-form-urlencoded"
        if "%00" in request.META.get("QUERY_STRING", "") or (is_form and b"%00" in request.body):
            if request.path.startswith("/api/"):
                return problem(400, _("The request holds a zero byte."))
            raise BadRequest("a zero byte")
        return get_response(request)

    return middleware


def reader_settings(get_response: Answer) -> Answer:
    """Shows times in the signed-in person's zone and words in their language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        zone = zoneinfo.ZoneInfo(request.user.zone)
        # "en_GB" keeps its region: the words are English, numbers and dates are written as in Britain.
        language = translation.to_language(request.user.locale)
        with timezone.override(zone), translation.override(language):
            return get_response(request)

    return middleware
