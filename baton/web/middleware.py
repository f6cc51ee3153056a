"""What is done round every page: the content security policy, and the reader's zone and language."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from baton.platform.policy import POLICY as POLICY

Answer = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: Answer) -> Answer:
    """Adds the policy to every answer that has none of its own; embeddable forms and previews set theirs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

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
