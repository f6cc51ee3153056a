"""The pages behind the links of mails: unsubscribe, confirm, choose topics, object. Only POST changes anything.

Scanners follow every link of a mail with GET and HEAD. The token is the permission, so no cookie and no CSRF token is
asked for; the pages work without a script and speak the browser's language.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.contacts.reads import behind
from baton.people.deliveries.tokens import CONFIRM, PREFERENCES, UNSUBSCRIBE
from baton.people.preferences import choosing
from baton.people.preferences.choosing import Change
from baton.people.preferences.confirming import Standing, confirm, person_of, standing
from baton.people.preferences.links import numbers_of, preferences_token
from baton.people.preferences.models import Confirmation
from baton.people.preferences.reads import followed, has_left, offered_topics, page_of
from baton.people.preferences.rules import shown_address
from baton.platform.accounts.access import public
from baton.platform.organisation import organisation, zone_of_days
from baton.platform.policy import POLICY, going_on
from baton.platform.visitor import visitor_of

View = Callable[..., HttpResponse]
Page = Callable[..., HttpResponseBase]


def by_link(view: View) -> Page:
    """A page for whoever holds a link: in the browser's language, with the organisation's days.

    It is kept by nobody, and its address told to nobody.
    """

    @functools.wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language), timezone.override(ZoneInfo(zone_of_days())):
            answer = view(request, *args, **kwargs)
            answer.headers["Content-Language"] = translation.get_language() or "en"
        patch_vary_headers(answer, ["Accept-Language"])
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(public(shown)))


@by_link
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks with one button, POST unsubscribes from the mail's topic. 404 for a token not made here.

    RFC 8058 section 3.1-3.2: a mail program posts List-Unsubscribe=One-Click as a form of either kind, without cookie
    or referrer, and is answered at once, never sent elsewhere. A person who was merged or erased is no fault of theirs.
    """
    contact_id, topic_id, delivery_id = numbers_of(UNSUBSCRIBE, token, 3)
    topic = get_object_or_404(ConsentTopic, pk=topic_id)
    people = followed(contact_id, delivery_id)
    if request.method == "POST":
        how = "one-click unsubscribe" if _is_one_click(request) else "unsubscribe page"
        visitor = visitor_of(request)
        proof = {"agent": visitor.agent}
        choosing.leave(topic, people, delivery_id, how=how, ip=visitor.ip, proof=proof, now=timezone.now())
    context = {
        "topic": topic,
        "organisation": organisation(),
        "is_done": request.method == "POST" or has_left(topic, people),
        "preferences": preferences_token(contact_id),
    }
    return render(request, "people/preferences/unsubscribe.html", context)


def _is_one_click(request: HttpRequest) -> bool:
    """A body that cannot be read is a press of the button all the same: the address alone says what is wanted."""
    try:
        return request.POST.get("List-Unsubscribe") == "One-Click"
    except MultiPartParserError:
        return False


@by_link
def confirm_consent(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and one button, POST confirms, and may go on to a page of the form that asked.

    410 for what is over, 404 for a forged token.
    """
    (confirmation_id,) = numbers_of(CONFIRM, token, 1)
    one = Confirmation.objects.select_related("topic", "asked").filter(pk=confirmation_id).first()
    now = timezone.now()
    if one is None:
        stands = Standing.CHANGED
    elif request.method == "POST":
        stands = confirm(one, visitor=visitor_of(request), now=now)
    else:
        stands = standing(one, now)
    if request.method == "POST" and one and one.goes_to and stands == Standing.GIVEN:
        return HttpResponseRedirect(one.goes_to)
    contact = person_of(one) if one else None
    context = {
        "one": one,
        "standing": stands.value,
        "email": shown_address(contact.email) if contact else "",
        "preferences": preferences_token(contact.pk) if contact else "",
        "organisation": organisation(),
    }
    status = 200 if stands in (Standing.WAITS, Standing.GIVEN) else 410
    answer = render(request, "people/preferences/confirm.html", context, status=status)
    if one and one.goes_to:
        answer.headers["Content-Security-Policy"] = going_on(POLICY, one.goes_to)
    return answer


@by_link
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the topics and where one stands; POST `do` save, stop, object or undo. 404 for a forged token."""
    (contact_id,) = numbers_of(PREFERENCES, token, 1)
    contact = behind(contact_id)
    change = _change(request, contact) if request.method == "POST" and contact else None
    context = {
        **page_of(contact, timezone.now()),
        "change": change,
        "organisation": organisation(),
        "email": shown_address(contact.email) if contact else "",
    }
    return render(request, "people/preferences/preferences.html", context)


def _change(request: HttpRequest, contact: Contact) -> Change | None:
    do, visitor, now = request.POST.get("do", ""), visitor_of(request), timezone.now()
    if do == "save":
        wanted = {int(one) for one in request.POST.getlist("topic") if one.isdecimal() and len(one) < 18}
        return choosing.choose(contact, wanted, offered_topics(contact), visitor=visitor, now=now)
    if do == "stop":
        return choosing.stop_marketing(contact, visitor=visitor, now=now)
    if do == "object":
        return choosing.object_to_marketing(contact, visitor=visitor, now=now)
    if do == "undo":
        return choosing.take_back(contact, request.POST.get("memory", ""), visitor=visitor, now=now)
    return None
