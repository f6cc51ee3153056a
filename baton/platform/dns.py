"""Asking the DNS: bounded in time, answers kept for ten minutes, and another resolver wherever a test wants one.

A name without the record asked for is an answer, told apart from a name that does not exist at all (RFC 7208 counts
both as void, RFC 9989 asks which it is). What could not be asked is a fault of its own, never taken for "not there".
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dns.exception
import dns.nameserver
import dns.resolver
import dns.reversename
from django.conf import settings

from baton.platform.errors import OutsideFault

QUERY_SECONDS = 2.0
WHOLE_SECONDS = 15.0
KEPT_SECONDS = 600.0
FAULT_KEPT_SECONDS = 60.0
MOST_KEPT = 2_000


class CouldNotAsk(OutsideFault):
    """No name server answered in time, or none said anything of use."""


class NotAskedYet(CouldNotAsk):
    """Nothing is kept, and this resolver does not ask."""


@dataclass(frozen=True)
class Answer:
    """`values` in the order of the answer: addresses, names without the last dot, or texts with their pieces joined.

    MX: names, the preferred first. `exists` is False where the name itself is not there.
    """

    values: tuple[str, ...] = ()
    exists: bool = True


class Resolver(Protocol):
    """Asks for one kind of record: TXT, A, AAAA, MX or PTR."""

    def ask(self, name: str, kind: str) -> Answer:
        """Raises CouldNotAsk."""


class Asker:
    """Asks the system's name servers, or `servers` (addresses, with a port where it is not 53).

    A question takes `seconds` at most; after `whole` seconds nothing is asked any more.
    """

    def __init__(
        self, servers: Sequence[str] = (), *, seconds: float = QUERY_SECONDS, whole: float = WHOLE_SECONDS
    ) -> None:
        self._servers, self._seconds = servers, seconds
        self._until = time.monotonic() + whole
        self._resolver: dns.resolver.Resolver | None = None

    def ask(self, name: str, kind: str) -> Answer:
        left = min(self._seconds, self._until - time.monotonic())
        if left <= 0:
            raise CouldNotAsk(f"{name} {kind}: no time was left.")
        try:
            found = self._opened().resolve(name, kind, lifetime=left, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer(exists=False)
        except dns.exception.DNSException as error:
            raise CouldNotAsk(f"{name} {kind}: {error or type(error).__name__}"[:300]) from None
        except UnicodeError as error:
            raise CouldNotAsk(f"{name} is no name: {error}"[:300], permanent=True) from None
        rows = sorted(found, key=lambda row: row.preference) if kind == "MX" else list(found)
        return Answer(tuple(_value(row, kind) for row in rows))

    def _opened(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = [_server(one) for one in self._servers]
        return self._resolver


_kept: dict[tuple[str, str], tuple[float, Answer | CouldNotAsk]] = {}


class Keeping:
    """Answers from what this process has kept; asks `asker` for the rest, or raises NotAskedYet where there is none."""

    def __init__(self, asker: Resolver | None) -> None:
        self._asker = asker

    def ask(self, name: str, kind: str) -> Answer:
        key = (name.lower().rstrip("."), kind)
        until, found = _kept.get(key, (0.0, Answer()))
        if until < time.monotonic():
            found = self._asked(key)
        if isinstance(found, CouldNotAsk):
            raise found
        return found

    def _asked(self, key: tuple[str, str]) -> Answer | CouldNotAsk:
        if self._asker is None:
            raise NotAskedYet(f"{key[0]} {key[1]} was not asked yet.")
        found: Answer | CouldNotAsk
        try:
            found, seconds = self._asker.ask(*key), KEPT_SECONDS
        except CouldNotAsk as fault:
            found, seconds = fault, FAULT_KEPT_SECONDS
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = (time.monotonic() + seconds, found)
        return found


def resolver(*, asks: bool = True) -> Keeping:
    """The resolver of this installation; with `asks` False it only tells what is kept."""
    return Keeping(Asker(settings.DNS_SERVERS) if asks else None)


def forget() -> None:
    """Keep nothing of what was answered: somebody has just mended a record."""
    _kept.clear()


def addresses(name: str, resolver: Resolver) -> list[str]:
    """IPv4 and IPv6 addresses of a name. Raises CouldNotAsk when neither could be asked."""
    found: list[str] = []
    faults = []
    for kind in ("A", "AAAA"):
        try:
            found += resolver.ask(name, kind).values
        except CouldNotAsk as fault:
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return found


def reverse_name(address: str) -> str:
    """The name under which the PTR of an address stands."""
    return dns.reversename.from_address(address).to_text(omit_final_dot=True)


def _value(row: Any, kind: str) -> str:
    if kind == "TXT":
        return b"".join(row.strings).decode("utf-8", "replace")
    if kind == "MX":
        return row.exchange.to_text(omit_final_dot=True)
    return row.to_text().rstrip(".")


def _server(written: str) -> dns.nameserver.Nameserver:
    """`127.0.0.1`, `127.0.0.1:5353`, `::1` or `[::1]:5353`."""
    host, colon, port = written.rpartition(":")
    host = host.strip("[]")
    if colon and port.isdecimal() and _is_address(host):
        return dns.nameserver.Do53Nameserver(host, int(port))
    return dns.nameserver.Do53Nameserver(written.strip("[]"), 53)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
