"""What providers tell by webhook: django-anymail verifies and reads it, the rest is as with a mail.

anymail's own address list and signal are not used: its views are asked to check the request and to read its events,
and each event becomes a Notice. RETURNS_WEBHOOKS says which providers may call, each with its secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from baton.people.returns.actions import Notice, receive_mail, receive_notice
from baton.people.returns.answers import DEAD, MESSAGE, SENDER, TEMPORARY, meaning_of
from baton.people.returns.models import Return
from baton.people.returns.rules import QUOTE, Returned
from baton.platform.accounts.access import public

Kind = Return.Kind


@dataclass(frozen=True)
class Provider:
    """Where anymail reads a provider, and by what it knows the caller: a signing key, or a user and password."""

    module: str
    view: str
    signs_with: str = ""

    def reader(self, secret: str) -> Any:
        """anymail's view, told the secret: only its validators and its parser are asked."""
        view = getattr(import_module(f"anymail.webhooks.{self.module}"), self.view)
        return view(**({self.signs_with: secret} if self.signs_with else {"webhook_secret": secret}))


PROVIDERS = {
    "brevo": Provider("brevo", "BrevoTrackingWebhookView"),
    "mailersend": Provider("mailersend", "MailerSendTrackingWebhookView", "signing_secret"),
    "mailgun": Provider("mailgun", "MailgunTrackingWebhookView", "webhook_signing_key"),
    "mailjet": Provider("mailjet", "MailjetTrackingWebhookView"),
    "mailtrap": Provider("mailtrap", "MailtrapTrackingWebhookView"),
    "postmark": Provider("postmark", "PostmarkTrackingWebhookView"),
    "postmark-inbound": Provider("postmark", "PostmarkInboundWebhookView"),
    "sendgrid": Provider("sendgrid", "SendGridTrackingWebhookView"),
    "sparkpost": Provider("sparkpost", "SparkPostTrackingWebhookView"),
}
_KINDS = {
    "bounced": Kind.BOUNCE,
    "rejected": Kind.BOUNCE,
    "failed": Kind.BOUNCE,
    "deferred": Kind.DELAY,
    "delivered": Kind.DELIVERED,
    "complained": Kind.COMPLAINT,
    "autoresponded": Kind.AUTO_REPLY,
}
# What a provider that refuses to try at all means by it; counts where the answer's words say nothing.
_REJECTED = {
    "invalid": (DEAD, "user_unknown"),
    "bounced": (DEAD, "user_unknown"),
    "timed_out": (TEMPORARY, "expired"),
    "blocked": (SENDER, "blocked"),
    "spam": (SENDER, "spam"),
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def provider_notice(request: HttpRequest, provider: str) -> HttpResponse:
    """POST from a provider: 404 for one that is not set up, 403 without its secret. Bears repetition."""
    secret = settings.RETURNS_WEBHOOKS.get(provider)
    if not secret or provider not in PROVIDERS:
        raise Http404
    if request.method != "POST":  # some providers look whether anyone is there
        return HttpResponse("Notices are taken here.", content_type="text/plain")
    reader = PROVIDERS[provider].reader(secret)
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure:
        return HttpResponse("The secret is missing or wrong.", status=403, content_type="text/plain")
    try:
        events = reader.parse_events(request)
    except (AnymailError, KeyError, ValueError, TypeError, AttributeError):
        return HttpResponse("This could not be read.", status=400, content_type="text/plain")
    for event in events:
        take_event(provider, event)
    return HttpResponse()


def take_event(provider: str, event: AnymailTrackingEvent | AnymailInboundEvent) -> Return | None:
    """One event as anymail reads it; opens, clicks and what is not about delivery are left to our own links."""
    now = timezone.now()
    if isinstance(event, AnymailInboundEvent):
        return next(iter(receive_mail(event.message.as_bytes(), source=provider, now=now)), None)
    kind = _KINDS.get(event.event_type)
    if kind is None:
        return None
    told = _as_text(event.esp_event)
    notice = Notice(provider, _key(event, told), _returned(kind, event), told)
    return receive_notice(notice, now=now)


def _returned(kind: str, event: AnymailTrackingEvent) -> Returned:
    answer = " ".join(str(part) for part in (event.mta_response, event.description) if part)
    recipient = (event.recipient or "").lower()[:254]
    if kind not in (Kind.BOUNCE, Kind.DELAY):
        return Returned(kind, recipient, reason="abuse" if kind == Kind.COMPLAINT else "", quote=answer[:QUOTE])
    meaning = meaning_of(answer)
    verdict, reason = meaning.verdict, meaning.reason
    if not meaning.is_certain:
        verdict, reason = _REJECTED.get(
            event.reject_reason or "", (TEMPORARY if kind == Kind.DELAY else MESSAGE, reason)
        )
    return Returned(kind, recipient, verdict, reason, meaning.status, meaning.code, answer[:QUOTE])


def _key(event: AnymailTrackingEvent, told: str) -> str:
    if event.event_id:
        return f"{event.event_type} {event.event_id}"
    return hashlib.sha256(f"{event.event_type} {event.recipient} {told}".encode("utf-8", "replace")).hexdigest()


def _as_text(told: Any) -> str:
    plain: Callable[[Any], str] = str
    if hasattr(told, "dict"):
        told = told.dict()
    return json.dumps(told, default=plain, sort_keys=True)[:100_000]
