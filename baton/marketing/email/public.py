"""What a mail's links and pixel ask for. A token says which link of which delivery; forged ones are not found."""

from __future__ import annotations

import base64
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from baton.marketing.email.models import KIND, Broadcast, BroadcastLink, MailHit
from baton.marketing.email.rules import label_of_hit, with_parameter
from baton.people.deliveries import tokens
from baton.people.deliveries.actions import resolve_unknown
from baton.people.deliveries.gate import may_be_measured
from baton.people.deliveries.models import Delivery
from baton.platform.accounts.access import public
from baton.platform.organisation import organisation
from baton.tracking.collect.machines import machine_reason
from baton.tracking.collect.models import Site
from baton.tracking.identity import link_token
from baton.tracking.identity.tokens import LINK_PARAMETER
from baton.tracking.store import record_event

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@public
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Go where the link of the email leads: only to an address kept in our table. A person's click is told on."""
    link_id, delivery_id = _numbers(tokens.CLICK, token, 2)
    link = BroadcastLink.objects.select_related("broadcast__campaign").filter(pk=link_id).first()
    delivery = Delivery.objects.filter(pk=delivery_id, message_kind=KIND).first()
    if link is None or urlsplit(link.url).scheme not in ("http", "https"):
        raise Http404
    url = link.url
    if delivery and delivery.message_id == link.broadcast_id:
        hit = _keep(request, delivery, link.broadcast, link)
        if hit.label != MailHit.Label.MACHINE and delivery.contact_id and _is_ours(url):
            url = with_parameter(url, LINK_PARAMETER, link_token(delivery.contact_id))
    answer = HttpResponseRedirect(url)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
@public
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The pixel; counts only for who agrees to personal measurement now, whatever stood when the mail was made."""
    (delivery_id,) = _numbers(tokens.OPEN, token, 1)
    delivery = Delivery.objects.filter(pk=delivery_id, message_kind=KIND).first()
    if delivery and delivery.contact_id and may_be_measured([delivery.contact_id], timezone.now()):
        broadcast = Broadcast.objects.filter(pk=delivery.message_id).first()
        if broadcast:
            _keep(request, delivery, broadcast, None)
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


def _keep(request: HttpRequest, delivery: Delivery, broadcast: Broadcast, link: BroadcastLink | None) -> MailHit:
    now = timezone.now()
    agent = request.headers.get("User-Agent", "")[:250]
    label, reason = label_of_hit(
        method=request.method or "GET",
        agent_reason=machine_reason(agent) if agent else "no agent",
        purpose=f"{request.headers.get('Purpose', '')} {request.headers.get('Sec-Purpose', '')}",
        handed_at=delivery.handed_at,
        at=now,
    )
    with transaction.atomic():
        hit = MailHit.objects.create(
            delivery=delivery, broadcast=broadcast, link=link, at=now, label=label, reason=reason[:60], agent=agent
        )
        resolve_unknown(delivery, now=now)
        if label != "machine":
            first = "clicked_at" if link else "opened_at"
            Delivery.objects.filter(pk=delivery.pk, **{first: None}).update(**{first: now})
    if delivery.contact_id:
        _tell(hit, delivery.contact_id, broadcast, link, now)
    return hit


def _tell(hit: MailHit, contact: int, broadcast: Broadcast, link: BroadcastLink | None, now: datetime) -> None:
    record_event(
        "email_clicked" if link else "email_opened",
        contact=contact,
        at=now,
        id=f"mailhit:{hit.pk}",
        props={"email": broadcast.pk, "name": broadcast.name, **({"url": link.url} if link else {})},
        source="email",
        medium="email",
        campaign=broadcast.campaign.code if broadcast.campaign else "",
        machine=hit.reason if hit.label == "machine" else "",
    )


def _is_ours(url: str) -> bool:
    """Whether a link leads to a site of this house: who a visitor is, is nobody else's to know."""
    host = urlsplit(url).hostname or ""
    own = [urlsplit(settings.BATON_URL).hostname, urlsplit(organisation().website).hostname]
    own += list(Site.objects.values_list("domain", flat=True))
    return any(name and (host == name or host.endswith(f".{name}")) for name in own)


def _numbers(purpose: str, token: str, count: int) -> tuple[int, ...]:
    try:
        numbers = tokens.read_token(purpose, token)
    except tokens.ForgedToken as error:
        raise Http404(str(error)) from None
    if len(numbers) != count:
        raise Http404
    return numbers
