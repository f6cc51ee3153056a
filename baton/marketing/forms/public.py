"""What a stranger sees of a form: the hosted page, and the same inside a frame of another page."""

from __future__ import annotations

import time
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from baton.marketing.forms.models import Form
from baton.marketing.forms.receive import HONEYPOT, awaits_confirmation, receive
from baton.platform.accounts.access import public
from baton.platform.organisation import organisation
from baton.platform.policy import EMBEDDABLE, POLICY, going_on
from baton.platform.tokens import new_token
from baton.platform.visitor import visitor_of
from baton.tracking.collect.models import Site

SALT = "baton.form"
PAGE_LIVES_SECONDS = 24 * 3600
HUMAN_SECONDS = 1.0


@csrf_exempt  # an embedded form has no cookie of ours; the signed page key takes the token's place
@xframe_options_exempt
@public
def show_form(request: HttpRequest, slug: str) -> HttpResponse:
    """GET the form, POST the answers; `?embed=1` draws it without a frame for use inside another page."""
    form = get_object_or_404(Form.objects.live().select_related("topic", "campaign"), slug=slug)
    if request.method == "POST":
        return _send(request, form)
    return _draw(request, form)


def _send(request: HttpRequest, form: Form) -> HttpResponse:
    sent = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    page = _read_page(sent.get("page_key", ""))
    if page is None:
        return _draw(request, form, sent=sent, problem=_("This page was open for too long. Please send it again."))
    if sent.get(HONEYPOT) or time.time() - page["at"] < HUMAN_SECONDS:
        return _draw(request, form, sent=sent, problem=_("That was very quick. Please send it once more."))
    outcome = receive(form, sent, key=page["key"], visitor=visitor_of(request))
    if not outcome.is_kept:
        # The same key again: a sending whose answer got lost may have been kept.
        kept = {"page_key": sent["page_key"]} if outcome.wrong else {}
        return _draw(request, form, sent=sent, wrong=outcome.wrong, problem=outcome.problem, **kept)
    if form.redirect_to and request.GET.get("embed") != "1":
        return HttpResponseRedirect(form.redirect_to)
    return _draw(request, form, thanks=True, confirms=awaits_confirmation(form, sent))


def _draw(request: HttpRequest, form: Form, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "organisation": organisation(),
        "sent": {},
        "wrong": {},
        "problem": "",
        "thanks": False,
        "confirms": False,
        "is_embedded": request.GET.get("embed") == "1",
        "page_key": signing.dumps({"key": new_token(), "at": time.time()}, salt=SALT),
        "honeypot": HONEYPOT,
        **more,
    }
    status = 422 if context["wrong"] or context["problem"] else 200
    response = render(request, "marketing/forms/public.html", context, status=status)
    response.headers["Content-Security-Policy"] = _policy(form, is_embedded=context["is_embedded"])
    return response


def _policy(form: Form, *, is_embedded: bool) -> str:
    """Only known websites may hold the form in a frame, any where none is known; going on elsewhere needs leave too."""
    policy = POLICY
    if is_embedded:
        domains = Site.objects.values_list("domain", flat=True)
        framed = " ".join(f"{scheme}{start}{domain}" for domain in domains
                          for scheme in ("https://", "http://") for start in ("", "*."))  # fmt: skip
        policy = EMBEDDABLE.replace("frame-ancestors *", f"frame-ancestors 'self' {framed}") if framed else EMBEDDABLE
    if form.redirect_to:
        policy = going_on(policy, form.redirect_to)
    return policy


def _read_page(key: str) -> dict[str, Any] | None:
    try:
        return signing.loads(key, salt=SALT, max_age=PAGE_LIVES_SECONDS)
    except signing.BadSignature:
        return None
