"""Where mail goes out: whether it leaves this house at all, and whether the relay takes it over TLS."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from baton.platform.dns import NotAskedYet

SECONDS = 4.0
KEPT_SECONDS = 600
_OURS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".example", ".invalid")


@dataclass(frozen=True)
class Relay:
    """The mail server of SMTP_URL. `is_ours`: it is this machine or stands in a private network."""

    scheme: str
    host: str
    port: int
    uses_tls: bool

    @property
    def is_catcher(self) -> bool:
        return self.scheme == "catcher"

    @property
    def is_ours(self) -> bool:
        return self.is_catcher or is_private(self.host)


def relay() -> Relay:
    """What SMTP_URL names."""
    parts = urlsplit(settings.SMTP_URL)
    starttls = parse_qs(parts.query).get("starttls", ["no"])[0] == "yes"
    is_direct = parts.scheme == "smtps"
    return Relay(parts.scheme, parts.hostname or "localhost", parts.port or (465 if is_direct else 25),
                 is_direct or starttls)  # fmt: skip


def leaves_the_house() -> bool:
    """Whether the sending domain's records matter: mail goes to a relay of the internet, or we are told its hosts."""
    place = relay()
    return not place.is_catcher and (bool(settings.SENDING_HOSTS) or not place.is_ours)


def is_private(host: str) -> bool:
    """Whether a host is of this machine or a private network, by its address or its name alone; nothing is asked."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.lower().endswith(_OURS)


@dataclass(frozen=True)
class Offer:
    """What a relay said: whether it offers TLS, and what is wrong with its certificate. `fault`: it was not reached."""

    offers_tls: bool = False
    bad_certificate: str = ""
    fault: str = ""


_kept: dict[Relay, tuple[float, Offer]] = {}


def offer_of(place: Relay, *, asks: bool = True) -> Offer:
    """What a relay offers, kept for ten minutes in this process. Without `asks`, NotAskedYet where nothing is kept."""
    until, found = _kept.get(place, (0.0, Offer()))
    if until < time.monotonic():
        if not asks:
            raise NotAskedYet(f"{place.host} was not asked yet.")
        found = ask(place)
        _kept[place] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Keep nothing of what relays said."""
    _kept.clear()


def ask(place: Relay, *, context: ssl.SSLContext | None = None) -> Offer:
    """EHLO, STARTTLS, quit; nothing is sent."""
    context = context or ssl.create_default_context()
    try:
        if place.scheme == "smtps":
            with smtplib.SMTP_SSL(place.host, place.port, timeout=SECONDS, context=context):
                return Offer(offers_tls=True)
        with smtplib.SMTP(place.host, place.port, timeout=SECONDS) as peer:
            peer.ehlo()
            if not peer.has_extn("starttls"):
                return Offer()
            peer.starttls(context=context)
            return Offer(offers_tls=True)
    except ssl.SSLCertVerificationError as error:
        return Offer(offers_tls=True, bad_certificate=error.verify_message)
    except ssl.SSLError as error:
        return Offer(offers_tls=True, bad_certificate=str(error.reason or error))
    except (OSError, smtplib.SMTPException) as error:
        return Offer(fault=f"{type(error).__name__}: {error}"[:200])
