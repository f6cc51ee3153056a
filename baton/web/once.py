"""Each form is done once, however often it is sent: the key in the page, and the middleware that heeds it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from baton.platform.once.actions import do_once
from baton.platform.tokens import new_token

FIELD = "once"

Answer = Callable[[HttpRequest], HttpResponse]


def once_input() -> Markup:
    """The hidden field that makes a form one that is done once. A form drawn anew has another key."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, new_token())


def each_form_once(get_response: Answer) -> Answer:
    """Hands a form with a key on the first time; a repeat is led to where the first one led.

    The key counts together with all that was typed: who goes back, types something else and sends again means it. What
    was refused is not kept, so it may be sent again as it is.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _has_key(request):
            return get_response(request)
        answers: list[HttpResponse] = []

        def work() -> str | None:
            answers.append(get_response(request))
            return _place(request, answers[0])

        place = do_once(_digest(request), work, now=timezone.now())
        if place is None:
            return answers[0]
        messages.info(request, _("This was sent twice; it was done once."))
        return redirect(place)

    return middleware


def _has_key(request: HttpRequest) -> bool:
    if request.method != "POST" or not request.user.is_authenticated:
        return False
    # htmx sends the whole form along when it asks for a preview of it; parts are drawn as often as they are asked for.
    return "HX-Request" not in request.headers and bool(request.POST.get(FIELD))


def _place(request: HttpRequest, answer: HttpResponse) -> str | None:
    """Where a sending led; None when it was refused, by its status or in words on the next page."""
    told = messages.get_messages(request)
    is_refused = answer.status_code >= 400 or any(one.level >= messages.WARNING for one in told)
    if isinstance(told, BaseStorage):
        told.used = False  # looked at, not shown
    return None if is_refused else answer.headers.get("Location") or request.get_full_path()


def _digest(request: HttpRequest) -> str:
    parts = [str(request.user.pk), request.get_full_path()]
    for name, values in sorted(request.POST.lists()):
        parts += [name, *values] if name != "csrfmiddlewaretoken" else []
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            parts += [name, file.name or "", hashlib.sha256(file.read()).hexdigest()]
            file.seek(0)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
