"""The evidence page behind a signed paper: who signed what, when and from where, and how to check it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from baton.platform.organisation import organisation
from baton.sales.quotes.paper import render
from baton.sales.signatures.chain import head_of
from baton.sales.signatures.consent import Consent, consent
from baton.sales.signatures.models import SignatureEvent, SignatureRequest, Signer
from baton.sales.signatures.rules import height_of

TEMPLATE = Path(__file__).with_name("evidence.typ")


def evidence_pdf(request: SignatureRequest) -> bytes:
    """One or more pages. They tell only what is kept, so the same request always says the same."""
    return render(TEMPLATE.read_bytes(), evidence=said_as_evidence(request))


def said_as_evidence(request: SignatureRequest) -> dict[str, Any]:
    """Everything on the page as plain strings, times in UTC."""
    quote, ours = request.quote, organisation()
    agreed = _agreed(request)
    return {
        "title": _("Signature evidence"),
        "lead": _("Quote %(quote)s, %(title)s") % {"quote": quote, "title": quote.title},
        "footer": _("Sealed electronically by %(organisation)s") % {"organisation": ours.name},
        "facts": [
            _row(_("Document as sent"), _("the first %(n)s bytes of this file") % {"n": request.document.size_bytes}),
            _row(_("Its SHA-256"), request.document.sha256, mono=True),
            _row(_("Kind of signature"), _("simple electronic signature, sealed by the sender")),
            _row(_("Last hash of the log"), head_of(request), mono=True),
        ],
        "signers": [_signer(signer) for signer in request.signers.order_by("pk")],
        "words": {
            "log": _("What happened (times in UTC)"),
            "heads": [_("No."), _("Time"), _("What"), _("Who"), _("Network address")],
            "consent": _("What every signer agreed to, version %(version)s") % {"version": agreed.version},
        },
        "log": [_event(event) for event in request.events.select_related("signer").order_by("sequence")],
        "consent": agreed.text,
        "how_to_check": _(
            "How to check: any later change of this file breaks its seal; a PDF reader names the seal of "
            "%(organisation)s. The part of this file that is the document as sent has the SHA-256 above. Every line of "
            "the log holds the hash of the line before; the last one stands above."
        )
        % {"organisation": ours.name},
    }


def _agreed(request: SignatureRequest) -> Consent:
    """The text as it was shown, in the words of the first signer's page."""
    shown = request.events.filter(kind=SignatureEvent.Kind.CONSENTED).order_by("sequence").first()
    return Consent(shown.facts["version"], shown.facts["text"]) if shown else consent(organisation().name)


def _signer(signer: Signer) -> dict[str, Any]:
    return {
        "name": signer.signed_name,
        "strokes": signer.strokes,
        "height": height_of(signer.strokes),
        "facts": [
            _row(_("Name"), signer.name),
            _row(_("Signed as"), signer.signed_name),
            _row(_("E-mail"), signer.email),
            _row(_("Checked by"), _("a secret link sent to this address")),
            _row(_("Signed"), _time(signer.signed_at)),
            _row(_("Network address"), signer.ip),
            _row(_("Browser"), signer.user_agent[:120]),
            _row(_("Agreed to"), f"{signer.consent_version} {signer.consent_hash}", mono=True),
        ],
    }


def _event(event: SignatureEvent) -> list[str]:
    who = event.signer.name if event.signer else ""
    return [str(event.sequence), _time(event.at), str(event.get_kind_display()), who, event.ip]


def _row(label: str, value: str, *, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "mono": mono}


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""
