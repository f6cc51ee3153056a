"""Writing evidence and checking that none of it was touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from baton.sales.signatures.models import SignatureEvent, SignatureRequest, Signer
from baton.sales.signatures.rules import Fact, event_hash, first_break


def append_event(
    request: SignatureRequest,
    kind: str,
    *,
    at: datetime,
    signer: Signer | None = None,
    ip: str = "",
    user_agent: str = "",
    **facts: Any,
) -> SignatureEvent:
    """Add one event to the end of the chain. Call it in a transaction that holds the request's row."""
    last = SignatureEvent.objects.filter(request=request).order_by("-sequence").first()
    event = SignatureEvent(
        request=request,
        sequence=last.sequence + 1 if last else 1,
        signer=signer,
        kind=kind,
        at=at,
        ip=ip[:45],
        user_agent=user_agent[:300],
        facts=facts,
        previous_hash=last.hash if last else "",
    )
    event.hash = event_hash(_fact(event))
    event.save(force_insert=True)
    return event


def held(request: SignatureRequest) -> SignatureRequest:
    """The request's row, locked until the transaction ends."""
    return SignatureRequest.objects.select_for_update().get(pk=request.pk)


def head_of(request: SignatureRequest) -> str:
    """The hash of the last event: whoever knows it can tell whether any event before it was changed."""
    return request.events.order_by("-sequence").values_list("hash", flat=True).first() or ""


def broken_at(request: SignatureRequest) -> int | None:
    """The number of the first event that does not fit the chain; None when all of them do."""
    return first_break([(_fact(event), event.hash) for event in request.events.order_by("sequence")])


def _fact(event: SignatureEvent) -> Fact:
    return Fact(
        request=event.request_id,
        sequence=event.sequence,
        signer=event.signer_id or 0,
        kind=event.kind,
        at=event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        ip=event.ip,
        user_agent=event.user_agent,
        facts=event.facts,
        previous_hash=event.previous_hash,
    )
