"""Tokens: made, revoked, recognised, and held to so many requests a minute."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from baton.exchange.api.models import ApiToken, Usage
from baton.exchange.api.problems import Problem
from baton.platform import journal
from baton.platform.accounts.access import Request
from baton.platform.accounts.models import User

PREFIX = "baton_"
PER_MINUTE = 600
USE_NOTED_EVERY = timedelta(minutes=1)


class ApiRequest(Request):
    """A request with a token: what the API's paths are handed. `user` is the token's owner."""

    auth: ApiToken


class Bearer(HttpBearer):
    """Authorization: Bearer baton_...; the request then acts as the token's owner."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = token_of(token)
        if found is None:
            return None
        _count(found)
        request.user = found.user
        return found


@transaction.atomic
def make_token(user: User, *, name: str, scope: str, actor: User) -> tuple[ApiToken, str]:
    """A new token of `user` and its secret, which is told this once and not kept."""
    secret = PREFIX + secrets.token_urlsafe(32)
    scope = scope if scope in ApiToken.Scope.values else ApiToken.Scope.READ
    name = name.strip()[:120] or _("Token")
    token = ApiToken.objects.create(user=user, name=name, scope=scope, digest=digest_of(secret))
    journal.record("api_token.made", token, actor=actor, name=token.name, scope=scope, user=user)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User, now: datetime) -> ApiToken:
    """Shut a token for good; a repeat changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
        journal.record("api_token.revoked", token, actor=actor, name=token.name)
    return token


def token_of(secret: str) -> ApiToken | None:
    """The open token with this secret whose owner may still use the API. Its use is noted once a minute."""
    found = ApiToken.objects.select_related("user").filter(digest=digest_of(secret), revoked_at=None).first()
    if found is None or not found.user.may("api.use"):
        return None
    now = timezone.now()
    if found.used_at is None or found.used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


def digest_of(secret: str) -> str:
    """What is kept of a secret. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _count(token: ApiToken) -> None:
    """One more request of this minute. Raises a 429 problem past PER_MINUTE."""
    minute, second = divmod(int(time.time()), 60)
    mine = Usage.objects.filter(token=token, minute=minute)
    if not mine.update(count=F("count") + 1):
        Usage.objects.filter(token=token, minute__lt=minute).delete()
        Usage.objects.bulk_create([Usage(token=token, minute=minute, count=1)], ignore_conflicts=True)
    if mine.filter(count__gt=PER_MINUTE).exists():
        raise Problem(
            429, _("Too many requests. Try again in %(n)s seconds.") % {"n": 60 - second}, again_in=60 - second
        )
