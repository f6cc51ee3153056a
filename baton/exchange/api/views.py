"""The page of one's API tokens."""

from __future__ import annotations

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


@never_cache
@may("api.use")
def token_page(request: Request) -> HttpResponse:
    """One's tokens; POST makes one and shows its secret this once."""
    secret = ""
    if request.method == "POST":
        name, scope = request.POST.get("name", ""), request.POST.get("scope", "")
        _token, secret = tokens.make_token(request.user, name=name, scope=scope, actor=request.user)
    context = {
        "tokens": ApiToken.objects.filter(user=request.user).order_by("-pk")[:100],
        "secret": secret,
        "scopes": ApiToken.Scope.choices,
    }
    return render(request, "exchange/api/tokens.html", context)


@require_POST
@may("api.use")
def revoke(request: Request, token_id: int) -> HttpResponse:
    """POST: shut one of one's own tokens; who may change settings may shut anyone's."""
    mine = ApiToken.objects.all() if request.user.may("settings.change") else ApiToken.objects.filter(user=request.user)
    token = tokens.revoke_token(get_object_or_404(mine, pk=token_id), actor=request.user, now=timezone.now())
    messages.success(request, _("%(token)s is revoked.") % {"token": token})
    return redirect("tokens")
