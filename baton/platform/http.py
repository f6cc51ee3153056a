"""Asking other people's web servers whether an address answers: bounded, and never an address of our own network.

A name is looked up once and connected to by the address that was looked at, so that it cannot change in between; each
redirect is looked at anew. Only the head of an answer is read.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from baton.platform import dns
from baton.platform.errors import OutsideFault, Refusal

SECONDS = 5.0
MOST_HOPS = 5
MOST_HEAD = 32_000
AGENT = "Baton link check"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LOCATION = re.compile(rb"\r\nlocation:[ \t]*([^\r\n]*)", re.IGNORECASE)
_HEAD_MAY_LIE = range(400, 600)  # many servers answer HEAD with an error and GET as they should

IsAllowed = Callable[[str], bool]


class PrivateAddress(Refusal):
    """The address leads into a private network, and is not asked."""


class NoAnswer(OutsideFault):
    """The name is not known, nobody listens, or the answer is none; `str()` says which."""


@dataclass(frozen=True)
class Reply:
    """The status in the end, and the address that gave it."""

    status: int
    url: str


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64, RFC 6052
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


def ask_status(
    url: str, *, seconds: float = SECONDS, is_allowed: IsAllowed = is_public, resolver: dns.Resolver | None = None
) -> Reply:
    """HEAD, then GET where HEAD is refused, redirects followed; each takes `seconds` at most with all its redirects.

    Raises PrivateAddress and NoAnswer.
    """
    asked = resolver or dns.resolver()
    reply = _follow(url, "HEAD", time.monotonic() + seconds, is_allowed, asked)
    if reply.status in _HEAD_MAY_LIE:
        reply = _follow(url, "GET", time.monotonic() + seconds, is_allowed, asked)
    return reply


def _follow(url: str, verb: str, until: float, is_allowed: IsAllowed, resolver: dns.Resolver) -> Reply:
    for _hop in range(MOST_HOPS + 1):
        head = _head(url, verb, until, is_allowed, resolver)
        status, location = _STATUS.match(head), _LOCATION.search(head)
        if status is None:
            raise NoAnswer(f"{urlsplit(url).hostname} does not speak HTTP.")
        if not 300 <= int(status[1]) < 400 or location is None:
            return Reply(int(status[1]), url)
        url = urljoin(url, location[1].decode("utf-8", "replace").strip())
    raise NoAnswer(f"{urlsplit(url).hostname} redirects more than {MOST_HOPS} times.")


def _head(url: str, verb: str, until: float, is_allowed: IsAllowed, resolver: dns.Resolver) -> bytes:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode() if not _is_literal(parts.hostname) else parts.hostname
    except (ValueError, UnicodeError):
        raise NoAnswer("This is no address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise NoAnswer("This is no web address.")
    address = _address(host, is_allowed, resolver)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{_query(parts.query)}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    name = shown if parts.port is None else f"{shown}:{port}"
    words = f"{verb} {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    try:
        with _connect(address, port, host if parts.scheme == "https" else "", until) as peer:
            peer.sendall(words.encode("ascii", "replace"))
            return _read_head(peer, until)
    except OSError as error:
        raise NoAnswer(f"{host}: {_said(error)}"[:200]) from None


def _query(query: str) -> str:
    return quote(query, safe="/%:@!$&'()*+,;=~-._?")


def _is_literal(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


def _address(host: str, is_allowed: IsAllowed, resolver: dns.Resolver) -> str:
    if _is_literal(host):
        found = [host]
    else:
        try:
            found = dns.addresses(host, resolver)
        except dns.CouldNotAsk as fault:
            raise NoAnswer(str(fault)) from None
    if not found:
        raise NoAnswer(f"The name {host} is not known.")
    if not all(is_allowed(one) for one in found):
        raise PrivateAddress(f"{host} leads into a private network.")
    return found[0]


def _connect(address: str, port: int, tls_name: str, until: float) -> socket.socket:
    peer = socket.create_connection((address, port), timeout=_left(until))
    if not tls_name:
        return peer
    try:
        return ssl.create_default_context().wrap_socket(peer, server_hostname=tls_name)
    except (OSError, ValueError) as error:
        peer.close()
        raise OSError(str(error)) from None


def _read_head(peer: socket.socket, until: float) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MOST_HEAD:
        peer.settimeout(_left(until))
        got = peer.recv(8192)
        if not got:
            break
        head += got
    return head.partition(b"\r\n\r\n")[0] + b"\r\n"


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _said(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or str(error) or type(error).__name__
