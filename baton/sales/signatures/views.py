"""The public signing page. Whoever holds a signer's secret address is that signer; every verb checks it again.

Opening the page and the document writes evidence: a log of access, the one thing a GET of ours writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from baton.platform.accounts.access import public
from baton.platform.errors import Refusal
from baton.platform.organisation import organisation
from baton.platform.tokens import holder_of
from baton.platform.visitor import client_address
from baton.sales.quotes.views import pdf_of, picture_of
from baton.sales.signatures.actions import (
    CannotSign,
    Signature,
    Visit,
    decline,
    open_document,
    open_link,
    refuse_closed,
    sign,
)
from baton.sales.signatures.consent import consent
from baton.sales.signatures.models import SignatureRequest, Signer
from baton.sales.signatures.rules import tidy_strokes


@require_safe
@public
def sign_page(request: HttpRequest, token: str) -> HttpResponse:
    """The document, the consent and the two answers; after signing, the copy to keep."""
    signer = _signer(token)
    if signer is None:
        return _no_such_link(request)
    if request.method == "GET":
        open_link(signer, visit=_visit(request), now=timezone.now())
    return _page(request, signer)


@require_POST
@csrf_protect
@public
def sign_it(request: HttpRequest, token: str) -> HttpResponse:
    """POST: sign. Sent twice it is one signature."""

    def done(signer: Signer) -> None:
        if request.POST.get("agree") != "1":
            raise Refusal(_("Please tick that you agree to sign electronically."))
        signature = Signature(request.POST.get("name", "").strip()[:200], _strokes(request.POST.get("strokes", "")))
        shown = consent(organisation().name)
        if request.POST.get("consent") != shown.hash:
            raise Refusal(_("The text you agreed to has changed meanwhile. Please read it again."))
        sign(signer, signature, consent=shown, visit=_visit(request), now=timezone.now())

    return _answer(request, token, done)


@require_POST
@csrf_protect
@public
def decline_it(request: HttpRequest, token: str) -> HttpResponse:
    """POST: decline, with a reason."""

    def done(signer: Signer) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Refusal(_("Please say in a few words why, so that the sender can do something about it."))
        decline(signer, reason=reason, visit=_visit(request), now=timezone.now())

    return _answer(request, token, done)


@require_safe
@xframe_options_sameorigin
@public
def document(request: HttpRequest, token: str) -> HttpResponseBase:
    """The document as sent."""
    signer = _signer(token)
    if signer is None:
        return _no_such_link(request)
    if request.method == "GET":
        open_document(signer, visit=_visit(request), now=timezone.now())
    return pdf_of(signer.request.document)


@require_safe
@public
def signed_document(request: HttpRequest, token: str) -> HttpResponseBase:
    """The sealed file, for everyone who was asked to sign, without an end."""
    signer = _signer(token)
    if signer is None or signer.request.sealed is None:
        return _no_such_link(request)
    return pdf_of(signer.request.sealed)


@require_safe
@public
def page_picture(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
    """One page of the document as a picture, for screens that show no PDF inside a page."""
    signer = _signer(token)
    if signer is None:
        raise Http404
    return picture_of(signer.request.quote, number)


def _signer(token: str) -> Signer | None:
    found = Signer.objects.select_related(
        "request__quote__deal__owner", "request__quote__company", "request__document", "request__sealed"
    )
    return holder_of(found, token)


def _answer(request: HttpRequest, token: str, done: Callable[[Signer], None]) -> HttpResponse:
    signer = _signer(token)
    if signer is None:
        return _no_such_link(request)
    try:
        done(signer)
    except CannotSign as refusal:
        return _page(request, signer, closed=str(refusal))
    except Refusal as refusal:
        return _page(request, signer, wrong=str(refusal), status=422)
    return redirect("sign", token=token)


def _page(
    request: HttpRequest, signer: Signer, *, wrong: str = "", closed: str = "", status: int = 200
) -> HttpResponse:
    paper, ours = signer.request, organisation()
    paper.refresh_from_db(fields=["state", "sealed", "sealed_at"])
    if signer.state == Signer.State.WAITING and not closed:
        try:
            refuse_closed(paper, timezone.now())
        except CannotSign as refusal:
            closed = str(refusal)
    is_done = signer.state == Signer.State.SIGNED or paper.state == SignatureRequest.State.SEALED
    context = {
        "signer": signer,
        "paper": paper,
        "quote": paper.quote,
        "ours": ours,
        "owner": paper.quote.deal.owner,
        "others": [other for other in paper.signers.all() if other.pk != signer.pk],
        "consent": consent(ours.name),
        "pages": range(1, len(paper.quote.pictures) + 1),
        "wrong": wrong,
        "closed": "" if is_done else closed,
        "typed": request.POST if wrong else {},
    }
    if closed and not is_done:
        return render(request, "sales/signatures/ended.html", context, status=404)
    return _private(render(request, "sales/signatures/sign.html", context, status=status))


def _no_such_link(request: HttpRequest) -> HttpResponse:
    context = {"ours": organisation(), "closed": "", "owner": None, "quote": None}
    return _private(render(request, "sales/signatures/ended.html", context, status=404))


def _private(answer: HttpResponse) -> HttpResponse:
    """Secret addresses are neither kept by caches, nor told to other sites, nor listed by search engines."""
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _strokes(text: str) -> list[list[list[float]]]:
    if len(text) > 500_000:
        return []
    try:
        return tidy_strokes(json.loads(text)) if text else []
    except ValueError:
        return []


def _visit(request: HttpRequest) -> Visit:
    return Visit(client_address(request.META), request.META.get("HTTP_USER_AGENT", "")[:300])
