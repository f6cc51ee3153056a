"""The page of one's API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from baton.exchange.api import tokens
from baton.exchange.api.models import ApiToken
from baton.platform.accounts.access import Request, may

COOKIE, SHOWN_SECONDS = "new_token", 60


@never_cache
@may("api.use")
def token_page(request: Request) -> HttpResponse:
    """One's tokens; POST makes one, and the page that follows shows its secret this once."""
    if request.method == "POST":
        return _make(request)
    context = {
        "tokens": ApiToken.objects.filter(user=request.user).order_by("-pk")[:100],
        "secret": request.get_signed_cookie(COOKIE, "", max_age=SHOWN_SECONDS),
        "scopes": ApiToken.Scope.choices,
    }
    answer = render(request, "exchange/api/tokens.html", context)
    if COOKIE in request.COOKIES:
        answer.delete_cookie(COOKIE, path=request.path, samesite="Strict")
    return answer


def _make(request: Request) -> HttpResponse:
    """A new token; its secret travels to the next page in the browser alone, for it is kept nowhere here."""
    name, scope = request.POST.get("name", ""), request.POST.get("scope", "")
    _token, secret = tokens.make_token(request.user, name=name, scope=scope, actor=request.user)
    answer = redirect("tokens")
    answer.set_signed_cookie(
        COOKIE, secret, max_age=SHOWN_SECONDS, path=request.path, httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@require_POST
@may("api.use")
def revoke(request: Request, token_id: int) -> HttpResponse:
    """POST: shut one of one's own tokens; who may change settings may shut anyone's."""
    mine = ApiToken.objects.all() if request.user.may("settings.change") else ApiToken.objects.filter(user=request.user)
    token = tokens.revoke_token(get_object_or_404(mine, pk=token_id), actor=request.user, now=timezone.now())
    messages.success(request, _("%(token)s is revoked.") % {"token": token})
    return redirect("tokens")
