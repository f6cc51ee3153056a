"""Who is asking, as far as evidence and limits need it: the network address and the browser's name of itself."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

MOST_AGENT = 250


@dataclass(frozen=True)
class Visitor:
    """`ip` is None where none is told or what is told is none; `agent` may be empty."""

    ip: str | None
    agent: str


def visitor_of(request: HttpRequest) -> Visitor:
    """The sender; behind BATON_PROXIES proxies, the address that the outermost of them saw."""
    return Visitor(_address(request), request.headers.get("User-Agent", "").replace("\0", "")[:MOST_AGENT])


def _address(request: HttpRequest) -> str | None:
    told = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(seen) >= settings.PROXIES:
            told = seen[-settings.PROXIES]
    try:
        return str(ip_address(told))
    except ValueError:
        return None
