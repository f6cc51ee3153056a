"""The API's transactional mail: ask for a mail, and what became of it."""

# No postponed annotations here: ninja reads them at import, through decorators.

import base64
import binascii
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from ninja import Router, Status

from baton.exchange.api import schemas as s
from baton.exchange.api.models import ApiToken
from baton.exchange.api.problems import KEY, Problem
from baton.exchange.api.shared import PROBLEMS, After, Limit, once, one, page
from baton.exchange.api.tokens import ApiRequest
from baton.marketing.email.writing import BadWriting
from baton.marketing.transactional import reads
from baton.marketing.transactional.actions import Asked, accept_mail
from baton.marketing.transactional.letter import Content

router = Router(tags=["mails"])
_REQUIRED_KEY = {"parameters": [{**KEY, "required": True}]}


@router.post("/mails", response={202: s.MailOut, **PROBLEMS}, openapi_extra=_REQUIRED_KEY)
def post_mail(request: ApiRequest, body: s.MailIn) -> Status[s.MailOut]:
    """Send a mail to one person, before all other mail. Needs an Idempotency-Key, which sends once for ever.

    `state` is queued, or skipped with the reason where the address does not exist or has complained of such a mail.
    """
    _allow(request)
    if not request.headers.get("Idempotency-Key"):
        raise Problem(400, "Send an Idempotency-Key: what this mail is in your system, such as order-1001-paid.")
    return _accepted(request, body)


@once
def _accepted(request: ApiRequest, body: s.MailIn) -> Status[s.MailOut]:
    key = request.headers["Idempotency-Key"]
    values = body.model_dump(exclude={"attachments"})
    asked = Asked(**values, attachments=[_content(one) for one in body.attachments])
    try:
        mail = accept_mail(asked, key=f"{request.auth.pk}:{key}", actor=request.user, now=timezone.now())
    except BadWriting as error:
        raise Problem(422, str(error)) from None
    return Status(202, s.MailOut(**reads.told(mail)))


@router.get("/mails", response={200: s.MailPage, **PROBLEMS})
def list_mails(request: ApiRequest, after: After = "", limit: Limit = 50, to: str = "") -> dict[str, Any]:
    """Mails by id; `to` finds those to one address."""
    _allow(request)
    if "\x00" in to:
        raise Problem(422, "A text holds no zero byte.")
    mails = reads.mails_of(request.user)
    found = page(mails.filter(to_email=to.strip().lower()) if to else mails, after, limit)
    return {**found, "items": [reads.told(mail) for mail in found["items"]]}


@router.get("/mails/{mail_id}", response={200: s.MailOut, **PROBLEMS})
def get_mail(request: ApiRequest, mail_id: int) -> dict[str, Any]:
    """One mail: its state, why, and what happened to it, the oldest first."""
    _allow(request)
    return reads.told(one(reads.mails_of(request.user), mail_id))


def _allow(request: ApiRequest) -> None:
    """Asking for mails needs a token for that or one that writes; looking needs any. The owner may send."""
    is_reading = request.method in ("GET", "HEAD")
    may_ask = request.auth.scope in (ApiToken.Scope.MAILS, ApiToken.Scope.WRITE)
    if not request.user.may("marketing.view" if is_reading else "marketing.send") or not (is_reading or may_ask):
        raise PermissionDenied("mails.send")


def _content(told: s.AttachmentIn) -> Content:
    try:
        return Content(told.name, told.content_type, base64.b64decode(told.content, validate=True))
    except (binascii.Error, ValueError):
        raise Problem(422, f"attachments: {told.name!r} is not base64.") from None
