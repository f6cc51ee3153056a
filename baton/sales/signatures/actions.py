"""The verbs of signing: ask, open, sign, decline, withdraw, remind. Sealing and mailing are jobs (jobs.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.people.contacts.models import Contact
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.dates import today_in
from baton.platform.errors import Refusal
from baton.platform.organisation import organisation
from baton.sales.deals.said import say
from baton.sales.quotes.answers import accept_quote, decline_quote, mark_viewed, tell_owner
from baton.sales.quotes.models import Quote
from baton.sales.signatures.chain import append_event, held
from baton.sales.signatures.consent import Consent
from baton.sales.signatures.models import SignatureEvent, SignatureRequest, Signer

Kind = SignatureEvent.Kind
OPENED_AGAIN_SECONDS = 600


class CannotSign(Refusal):
    """The paper is not open for signing any more."""


@dataclass(frozen=True)
class Visit:
    """Where a public request came from, kept as evidence."""

    ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Signature:
    """What a signer gave: the name as typed, and lines of points where it was drawn."""

    name: str
    strokes: list[list[list[float]]] = field(default_factory=list)


def ask_to_sign(quote: Quote, people: Iterable[tuple[str, str, Contact | None]], *, now: datetime) -> SignatureRequest:
    """Open the request for a frozen quote and mail every (name, e-mail, contact) a link. Part of sending."""
    document = quote.document
    if document is None:
        raise CannotSign(_("There is no document to sign yet."))
    request = SignatureRequest.objects.create(
        quote=quote, document=document, expires_on=quote.valid_until, created_at=now
    )
    append_event(request, Kind.CREATED, at=now, sha256=document.sha256, bytes=document.size_bytes)
    for name, email, contact in people:
        signer = Signer.objects.create(request=request, name=name, email=email, contact=contact)
        jobs.enqueue("signature.mail", key=f"signature.mail:{signer.pk}", signer_id=signer.pk)
    return request


@transaction.atomic
def open_link(signer: Signer, *, visit: Visit, now: datetime) -> None:
    """Note that the link was opened; again within ten minutes is the same visit."""
    if _noted_lately(signer, Kind.OPENED, now):
        return
    request = held(signer.request)
    append_event(request, Kind.OPENED, at=now, signer=signer, ip=visit.ip, user_agent=visit.user_agent)
    if request.state == SignatureRequest.State.OPEN:
        mark_viewed(request.quote, who=signer.name, now=now)


@transaction.atomic
def open_document(signer: Signer, *, visit: Visit, now: datetime) -> None:
    """Note that the document itself was opened."""
    if not _noted_lately(signer, Kind.VIEWED, now):
        request = held(signer.request)
        append_event(request, Kind.VIEWED, at=now, signer=signer, ip=visit.ip, user_agent=visit.user_agent)


@transaction.atomic
def sign(signer: Signer, signature: Signature, *, consent: Consent, visit: Visit, now: datetime) -> Signer:
    """Sign. The last signer's signature accepts the quote and has the paper sealed by a job.

    Who has signed stays signed, however often the form is sent. Raises CannotSign.
    """
    request = held(signer.request)
    signer.refresh_from_db()
    if signer.state == Signer.State.SIGNED:
        return signer
    refuse_closed(request, now)
    if not signature.name.strip():
        raise CannotSign(_("Write your name to sign."))
    at = {"at": now, "signer": signer, "ip": visit.ip, "user_agent": visit.user_agent}
    agreed = {"version": consent.version, "sha256": consent.hash, "text": consent.text}
    append_event(request, Kind.CONSENTED, **agreed, **at)  # type: ignore[arg-type]
    append_event(
        request,
        Kind.SIGNED,
        name=signature.name.strip(),
        drawn=bool(signature.strokes),
        document=request.document.sha256,
        **at,  # type: ignore[arg-type]
    )
    signer.state, signer.signed_at = Signer.State.SIGNED, now
    signer.signed_name, signer.strokes = signature.name.strip()[:200], signature.strokes
    signer.consent_version, signer.consent_hash = consent.version, consent.hash
    signer.ip, signer.user_agent = visit.ip[:45], visit.user_agent[:300]
    signer.save()
    quote = request.quote
    journal.record("signature.signed", quote, actor=None, signer=signer, deal=quote.deal_id)
    said = _("%(who)s signed quote %(quote)s") % {"who": signer.name, "quote": quote}
    say(quote.deal, f"signed:{signer.pk}", "quote.signed", said, actor=None, now=now)
    if not request.signers.exclude(state=Signer.State.SIGNED).exists():
        request.state = SignatureRequest.State.SIGNED
        request.save(update_fields=["state"])
        accept_quote(quote, actor=None, now=now)
        jobs.enqueue("signature.seal", key=f"signature.seal:{request.pk}", request_id=request.pk)
    return signer


@transaction.atomic
def decline(signer: Signer, *, reason: str, visit: Visit, now: datetime) -> Signer:
    """Decline for everyone, with a reason. Declining again changes nothing. Raises CannotSign."""
    request = held(signer.request)
    signer.refresh_from_db()
    if signer.state == Signer.State.DECLINED:
        return signer
    refuse_closed(request, now)
    reason = reason.strip()[:2000]
    append_event(request, Kind.DECLINED, at=now, signer=signer, ip=visit.ip, user_agent=visit.user_agent, reason=reason)
    signer.state = Signer.State.DECLINED
    signer.save(update_fields=["state"])
    request.state = SignatureRequest.State.DECLINED
    request.save(update_fields=["state"])
    decline_quote(request.quote, reason=reason, who=signer.name, now=now)
    return signer


@transaction.atomic
def withdraw_request(quote: Quote, *, now: datetime) -> None:
    """Close the quote's open request: a new version replaces the paper."""
    found = SignatureRequest.objects.select_for_update().filter(quote=quote, state=SignatureRequest.State.OPEN).first()
    if found:
        found.state = SignatureRequest.State.WITHDRAWN
        found.save(update_fields=["state"])
        append_event(found, Kind.WITHDRAWN, at=now)


@transaction.atomic
def remind_signer(signer: Signer, *, actor: User | None, now: datetime) -> Signer:
    """Mail the link once more; within an hour it is sent once. Raises CannotSign."""
    refuse_closed(held(signer.request), now)
    if signer.state != Signer.State.WAITING:
        raise CannotSign(_("%(name)s has answered already.") % {"name": signer.name})
    key = f"signature.mail:{signer.pk}:{now:%Y%m%d%H}"
    if jobs.enqueue("signature.mail", key=key, signer_id=signer.pk, again=True):
        journal.record("signature.reminded", signer.request.quote, actor=actor, signer=signer)
    return signer


def refuse_closed(request: SignatureRequest, now: datetime) -> None:
    """Raises CannotSign with the reason when the paper is not open for signing at `now`."""
    states = SignatureRequest.State
    if request.state == states.WITHDRAWN:
        raise CannotSign(_("This quote was replaced by a newer version. Please look for the newer link in your mail."))
    if request.state == states.DECLINED:
        raise CannotSign(_("This quote was declined and cannot be signed any more."))
    if request.state != states.OPEN:
        raise CannotSign(_("This quote is signed already."))
    if today_in(organisation().zone, now) > request.expires_on:
        raise CannotSign(_("The validity of this quote has ended."))


def seal_told(request: SignatureRequest) -> None:
    """Tell the owner and all signers that the sealed file is there. Part of the seal job's transaction."""
    for signer in request.signers.all():
        jobs.enqueue("signature.mail_sealed", key=f"signature.mail_sealed:{signer.pk}", signer_id=signer.pk)
    tell_owner(request.quote, "signature.sealed", _("%(quote)s is signed and sealed") % {"quote": request.quote})


def _noted_lately(signer: Signer, kind: str, now: datetime) -> bool:
    last = SignatureEvent.objects.filter(signer=signer, kind=kind).order_by("-sequence").first()
    return bool(last and (now - last.at).total_seconds() < OPENED_AGAIN_SECONDS)
