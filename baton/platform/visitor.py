"""Who is asking, as far as evidence and limits need it: the network address and the browser's name of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

MOST_AGENT = 250


@dataclass(frozen=True)
class Visitor:
    """`ip` is None where none is told or what is told is none; `agent` may be empty."""

    ip: str | None
    agent: str


def client_address(environ: Mapping[str, Any]) -> str:
    """The sender's address; behind BATON_PROXIES proxies, the one the outermost of them saw. `environ` is WSGI's."""
    if settings.PROXIES:
        seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= settings.PROXIES:
            return seen[-settings.PROXIES]
    return environ.get("REMOTE_ADDR", "")


def visitor_of(request: HttpRequest) -> Visitor:
    """The sender of a request."""
    return Visitor(_address(request), request.headers.get("User-Agent", "").replace("\0", "")[:MOST_AGENT])


def _address(request: HttpRequest) -> str | None:
    try:
        return str(ip_address(client_address(request.META)))
    except ValueError:
        return None
