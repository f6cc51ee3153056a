"""Work of signing that is done later: mailing links, sealing, mailing the sealed file. Each bears repetition."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.files import open_file, store_file
from baton.platform.jobs.models import Job
from baton.platform.organisation import organisation
from baton.sales.signatures.actions import Kind, seal_told
from baton.sales.signatures.chain import append_event, broken_at, held
from baton.sales.signatures.evidence import evidence_pdf
from baton.sales.signatures.models import SignatureRequest, Signer


class SealFailed(Exception):
    """The file does not check after sealing, or the evidence was touched. Kept on the job; nothing was stored."""


def seal_request(job: Job, *, request_id: int) -> None:
    """Job "signature.seal": seal, now."""
    seal(request_id, now=timezone.now())


def seal(request_id: int, *, now: datetime) -> None:
    """Build and seal the signed file. Killed at any moment it starts anew; one result counts. Raises SealFailed."""
    from baton.sales.signatures.keys import seal_signer, trusted_roots  # pyHanko: 25 MB of every worker otherwise
    from baton.sales.signatures.seal import check_seal, sealed_file

    request = SignatureRequest.objects.select_related("quote__deal__owner", "document").get(pk=request_id)
    if request.sealed_id or request.state != SignatureRequest.State.SIGNED:
        return
    if (event := broken_at(request)) is not None:
        raise SealFailed(f"the chain of evidence breaks at event {event}")
    ours = organisation()
    with open_file(request.document) as file:
        document = file.read()
    reason = _("Sealed by %(organisation)s after everyone had signed") % {"organisation": ours.name}
    sealed = sealed_file(document, evidence_pdf(request), signer=seal_signer(ours.name, now=now), reason=reason)
    if not (check := check_seal(sealed, roots=trusted_roots())).is_good:
        raise SealFailed(check.said)
    stored = store_file([sealed], name=f"{request.quote}-signed.pdf", content_type="application/pdf", actor=None)
    with transaction.atomic():
        row = held(request)
        if row.sealed_id:
            return  # another worker was quicker; its file counts, this one is never shown
        append_event(row, Kind.SEALED, at=now, sha256=stored.sha256, bytes=stored.size_bytes)
        row.sealed, row.sealed_at, row.state = stored, now, SignatureRequest.State.SEALED
        row.save(update_fields=["sealed", "sealed_at", "state"])
        journal.record("signature.sealed", request.quote, actor=None, sha256=stored.sha256, deal=request.quote.deal_id)
        seal_told(row)


def mail_link(job: Job, *, signer_id: int, again: bool = False) -> None:
    """Job "signature.mail": send a signer the link. One who answered, or a closed request, gets none."""
    signer = Signer.objects.select_related("request__quote__deal__owner").get(pk=signer_id)
    request, quote = signer.request, signer.request.quote
    if signer.state != Signer.State.WAITING or request.state != SignatureRequest.State.OPEN:
        return
    if signer.mailed_at and not again:
        return
    ours = organisation()
    subject = _("%(organisation)s: quote %(quote)s to sign") % {"organisation": ours.name, "quote": quote}
    text = _(
        "Hello %(name)s,\n\n%(organisation)s sent you quote %(quote)s: %(title)s.\nRead it and sign it here, until "
        "%(day)s:\n\n%(link)s\n\nThe link is yours alone; please do not pass it on. If something is not as you expect, "
        "answer this mail or decline on the page."
    ) % {
        "name": signer.name,
        "organisation": ours.name,
        "quote": quote,
        "title": quote.title,
        "day": request.expires_on.isoformat(),
        "link": sign_address(signer),
    }
    _send(signer, subject, text)
    now = timezone.now()
    with transaction.atomic():
        append_event(held(request), Kind.SENT, at=now, signer=signer, email=signer.email)
        Signer.objects.filter(pk=signer.pk).update(mailed_at=now)


def mail_sealed(job: Job, *, signer_id: int) -> None:
    """Job "signature.mail_sealed": tell a signer where their copy of the signed file is."""
    signer = Signer.objects.select_related("request__quote__deal__owner").get(pk=signer_id)
    if signer.sealed_mailed_at:
        return
    quote, ours = signer.request.quote, organisation()
    subject = _("Signed: quote %(quote)s of %(organisation)s") % {"organisation": ours.name, "quote": quote}
    text = _(
        "Hello %(name)s,\n\nEveryone has signed quote %(quote)s. Your copy, with the evidence of the signatures, is "
        "here to keep and print:\n\n%(link)s\n\nThank you."
    ) % {"name": signer.name, "quote": quote, "link": sign_address(signer)}
    _send(signer, subject, text)
    Signer.objects.filter(pk=signer.pk).update(sealed_mailed_at=timezone.now())


def sign_address(signer: Signer) -> str:
    """The signer's own public address."""
    return settings.BATON_URL + reverse("sign", kwargs={"token": signer.token})


def _send(signer: Signer, subject: str, text: str) -> None:
    owner = signer.request.quote.deal.owner
    ours = organisation()
    footer = "\n".join(part for part in (ours.name, ours.postal_address) if part)
    EmailMessage(
        " ".join(subject.split()), f"{text}\n\n--\n{footer}\n", None, [signer.email],
        reply_to=[owner.email] if owner else None,
    ).send()  # fmt: skip
