"""A form without its page: sent as JSON from a website of yours, or put there by one line of script."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from baton.marketing.forms.models import Form
from baton.marketing.forms.receive import HONEYPOT, awaits_confirmation, receive
from baton.platform.accounts.access import public
from baton.platform.tokens import new_token
from baton.platform.visitor import Visitor, visitor_of
from baton.tracking.collect.models import Site

MAX_BYTES = 64_000

EMBED = """(function(d){
var s=d.currentScript,f=d.createElement("iframe"),u=%(address)s;
f.src=u+"?embed=1";f.title=%(title)s;f.loading="lazy";
f.style.cssText="width:100%%;border:0;min-height:24rem";
s.parentNode.insertBefore(f,s.nextSibling);
addEventListener("message",function(e){
if(e.source===f.contentWindow&&e.data&&e.data.batonHeight)f.style.height=Math.min(5000,+e.data.batonHeight)+"px";
});
})(document);
"""


@csrf_exempt  # called from other websites without any cookie of ours
@public
def send_json(request: HttpRequest, slug: str) -> HttpResponse:
    """POST {"email": ..., "consent": true, "key": ...}: 201 kept, 422 {"errors": {...}}, 403 for an unknown website.

    `key` is the caller's own name for this sending; the same key is kept once. A page may add `page`, `referrer` and
    `visitor`, by which the visit's source is known.
    """
    form = get_object_or_404(Form.objects.live().select_related("topic", "campaign"), slug=slug)
    origin = request.headers.get("Origin", "")
    if origin and not _is_ours(origin):
        return JsonResponse({"problem": _("This website may not send this form.")}, status=403)
    if request.method == "OPTIONS":
        return _allowed(HttpResponse(status=204), origin)
    if request.method != "POST":
        return _allowed(JsonResponse({"problem": _("Send it by POST.")}, status=405), origin)
    sent = _read(request)
    if sent is None:
        return _allowed(JsonResponse({"problem": _("The body is a JSON object of texts.")}, status=400), origin)
    return _allowed(_answer(form, sent, visitor_of(request)), origin)


def _answer(form: Form, sent: dict[str, str], visitor: Visitor) -> JsonResponse:
    if sent.get(HONEYPOT):
        return JsonResponse({"problem": _("This looks like a machine.")}, status=422)
    key = f"j:{form.pk}:{sent['key'][:40]}" if sent.get("key") else new_token()
    outcome = receive(form, sent, key=key, visitor=visitor)
    if outcome.is_kept:
        confirms = awaits_confirmation(form, sent)
        told = {"thanks": form.thanks, "redirect_to": form.redirect_to, "awaits_confirmation": confirms}
        return JsonResponse(told, status=201)
    status = 429 if outcome.is_too_much else 422
    return JsonResponse({"errors": outcome.wrong, "problem": outcome.problem}, status=status)


def _read(request: HttpRequest) -> dict[str, str] | None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES or request.content_type == "multipart/form-data":
        return None
    try:
        told: Any = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    return {
        str(name): ("1" if value else "") if isinstance(value, bool) else str(value)
        for name, value in told.items()
        if value is not None and not isinstance(value, dict | list)
    }


def _is_ours(origin: str) -> bool:
    """Whether a known website, or Baton itself, is asking; every one where no website is known."""
    host = urlsplit(origin).hostname or ""
    if host == urlsplit(settings.BATON_URL).hostname:
        return True
    domains = [domain.removeprefix("www.") for domain in Site.objects.values_list("domain", flat=True)]
    return not domains or any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _allowed(response: HttpResponse, origin: str) -> HttpResponse:
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Vary"] = "Origin"
    return response


@require_safe
@public
def embed_script(request: HttpRequest, slug: str) -> HttpResponse:
    """The script that puts the form where it stands, in a frame as high as it needs to be."""
    form = get_object_or_404(Form.objects.live(), slug=slug)
    words = {"address": json.dumps(f"{settings.BATON_URL}/f/{form.slug}/"), "title": json.dumps(form.title)}
    response = HttpResponse(EMBED % words, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
