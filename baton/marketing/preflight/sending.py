"""One sending domain as mail goes out now: what the checks of a domain look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from baton.marketing.preflight.relay import Offer, Relay, relay
from baton.marketing.preflight.rules import OPEN, WARN, Finding
from baton.platform.dns import CouldNotAsk, NotAskedYet, Resolver, addresses
from baton.platform.mail.dkim import Signer, signers_of


@dataclass(frozen=True)
class Sending:
    """A From domain, the domain of the return path, our keys, and the `addresses` mail leaves from, as far as told."""

    domain: str
    return_domain: str
    signers: tuple[Signer, ...]
    addresses: tuple[str, ...]
    relay: Relay
    resolver: Resolver
    offer: Callable[[Relay], Offer]


def sending_of(domain: str, resolver: Resolver, offer: Callable[[Relay], Offer]) -> Sending:
    """How mail from a domain goes out; its return path is of the same domain. Raises CouldNotAsk for SENDING_HOSTS."""
    known: list[str] = []
    for host in settings.SENDING_HOSTS:
        known += [host] if is_address(host) else addresses(host, resolver)
    signers = tuple(signers_of(settings.BATON_HOME / "keys", domain))
    return Sending(domain, domain, signers, tuple(known), relay(), resolver, offer)


def is_address(host: str) -> bool:
    """Whether it is written as an IP address."""
    return ":" in host or host.replace(".", "").isdecimal()


def unasked(name: str, label: str, fault: CouldNotAsk) -> Finding:
    """What is said where the DNS did not answer: open while it is being asked, else a warning of its own."""
    told = {"what": label}
    if isinstance(fault, NotAskedYet):
        return Finding(f"{name}.open", OPEN, _("Being asked: %(what)s.") % told)
    what = _("The DNS did not answer about %(what)s, so it is not known.") % told
    mend = _("This stops nothing. Ask again in a minute; if it lasts, look at the domain’s name servers.")
    return Finding(f"{name}.unasked", WARN, what, mend, evidence=str(fault))
