"""What a mail's links and pixel ask for. A token says which link of which delivery; forged ones are not found."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.marketing.email.rules import NO_LINK, with_parameter
from baton.marketing.reading.actions import Asked, keep_hit
from baton.marketing.reading.rules import CLICK, MACHINE, OPEN, TRAP
from baton.people.deliveries import tokens
from baton.people.deliveries.gate import may_be_measured
from baton.people.deliveries.models import Delivery
from baton.platform.accounts.access import public
from baton.platform.organisation import organisation
from baton.platform.visitor import client_address
from baton.tracking.collect.models import Site
from baton.tracking.identity import link_token
from baton.tracking.identity.tokens import LINK_PARAMETER

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_PURPOSES = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")


@require_safe
@public
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Go where the link of the email leads: only to an address kept in our table. Nobody is meant to see the trap."""
    link_id, delivery_id = _numbers(tokens.CLICK, token, 2)
    delivery = Delivery.objects.filter(pk=delivery_id, message_kind=KIND).first()
    if link_id == NO_LINK:
        return _trapped(request, delivery)
    link = BroadcastLink.objects.select_related("broadcast").filter(pk=link_id).first()
    if link is None or urlsplit(link.url).scheme not in ("http", "https"):
        raise Http404
    url = link.url
    if delivery and delivery.message_id == link.broadcast_id:
        label = keep_hit(delivery, link.broadcast, CLICK, link, _asked(request), now=timezone.now())
        if label != MACHINE and delivery.contact_id and _is_ours(url):
            url = with_parameter(url, LINK_PARAMETER, link_token(delivery.contact_id))
    return _redirect(url)


@require_safe
@public
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The pixel; counts only for who agrees to personal measurement now, whatever stood when the mail was made."""
    (delivery_id,) = _numbers(tokens.OPEN, token, 1)
    delivery = Delivery.objects.filter(pk=delivery_id, message_kind=KIND).first()
    now = timezone.now()
    if delivery and delivery.contact_id and may_be_measured([delivery.contact_id], now):
        broadcast = Broadcast.objects.filter(pk=delivery.message_id).first()
        if broadcast:
            keep_hit(delivery, broadcast, OPEN, None, _asked(request), now=now)
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


def _trapped(request: HttpRequest, delivery: Delivery | None) -> HttpResponse:
    """The hidden link leads to the house's front page, like the link of a logo."""
    broadcast = Broadcast.objects.filter(pk=delivery.message_id).first() if delivery else None
    if delivery and broadcast:
        keep_hit(delivery, broadcast, TRAP, None, _asked(request), now=timezone.now())
    website = organisation().website
    return _redirect(website if urlsplit(website).scheme in ("http", "https") else settings.BATON_URL)


def _asked(request: HttpRequest) -> Asked:
    return Asked(
        method=request.method or "GET",
        agent=request.headers.get("User-Agent", ""),
        purpose=" ".join(filter(None, (request.headers.get(name, "") for name in _PURPOSES))),
        address=client_address(request.META),
    )


def _redirect(url: str) -> HttpResponse:
    answer = HttpResponseRedirect(url)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


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
