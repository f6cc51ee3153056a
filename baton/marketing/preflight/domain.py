"""Checks of the sending domain: SPF, DKIM, DMARC and its alignment, reverse DNS, TLS.

What large receivers ask of bulk senders: support.google.com/a/answer/14229414, senders.yahooinc.com/best-practices,
Microsoft's "550 5.7.515" rules; read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from baton.marketing.preflight.authentication import alignment, dkim, dmarc, dmarc_to_publish, spf, spf_to_publish
from baton.marketing.preflight.relay import Offer, Relay, leaves_the_house, relay
from baton.marketing.preflight.rules import BLOCK, OK, WARN, DnsRecord, Finding
from baton.marketing.preflight.sending import Sending, is_address, sending_of, unasked
from baton.platform.dns import CouldNotAsk, Resolver, addresses, reverse_name
from baton.platform.mail.dkim import signers_of


def domain_findings(domain: str, resolver: Resolver, offer: Callable[[Relay], Offer]) -> list[Finding]:
    """What the checks say of a domain; what could not be asked is a warning, never a block."""
    if not leaves_the_house():
        return [_stays_here()]
    try:
        sending = sending_of(domain.lower(), resolver, offer)
    except CouldNotAsk as fault:
        return [unasked("hosts", _("the sending hosts"), fault)]
    found: list[Finding] = []
    for check, label in CHECKS.items():
        try:
            found += check(sending)
        except CouldNotAsk as fault:
            found.append(unasked(check.__name__, label, fault))
    return found


def _stays_here() -> Finding:
    what = _("Mail goes to a relay of your own network: the checks of the sending domain do not apply.")
    if relay().is_catcher:
        what = _("Mail stays in the mail catcher: the checks of the sending domain do not apply.")
    when = _("They begin once SMTP_URL names a relay of the internet, or SENDING_HOSTS the hosts mail leaves from.")
    return Finding("domain", OK, what, evidence=when)


def reverse(sending: Sending) -> Iterator[Finding]:
    """The name of each sending address leads back to it (RFC 1912 2.1; Gmail refuses others with 5.7.25)."""
    if not sending.addresses:
        when = _("Set SENDING_HOSTS where the sending hosts are yours.")
        yield Finding("reverse", OK, _("Reverse DNS is a matter of the relay you hand mail to."), evidence=when)
    for address in sending.addresses:
        yield _reverse_of(sending, address)


def _reverse_of(sending: Sending, address: str) -> Finding:
    names = sending.resolver.ask(reverse_name(address), "PTR").values
    told = {"address": address}
    if any(address in addresses(name, sending.resolver) for name in names):
        what = _("Reverse DNS: the name of %(address)s leads back to it.") % told
        return Finding("reverse", OK, what, evidence=", ".join(names))
    what = _("The name of %(address)s does not lead back to it.") if names else _("%(address)s has no name (PTR).")
    name = names[0] if names else f"mail.{sending.domain}"
    mend = _("Who gave you the address publishes this record; you publish the address of that name.")
    wanted = DnsRecord(reverse_name(address), "PTR", name)
    return Finding(f"reverse.{address}", BLOCK, what % told, mend, ", ".join(names), wanted)


def tls(sending: Sending) -> Iterator[Finding]:
    """The relay takes mail over TLS, with a good certificate, and it is used."""
    place = sending.relay
    if place.is_ours:
        yield Finding("tls", OK, _("Mail reaches the relay within your own network."))
        return
    told, offer = {"host": place.host}, sending.offer(place)
    if offer.fault:
        what = _("The relay %(host)s did not answer, so its TLS is not known.") % told
        yield Finding("tls.unasked", WARN, what, _("Mail waits until the relay answers."), offer.fault)
    elif not offer.offers_tls:
        what = _("The relay %(host)s offers no TLS: mail would travel in clear.") % told
        yield Finding("tls.none", BLOCK, what, _("Use a port of it that does, 587 or 465 mostly."))
    elif offer.bad_certificate:
        what = _("The certificate of the relay %(host)s is not valid.") % told
        mend = _("Use the name that stands in the certificate, or renew it.")
        yield Finding("tls.certificate", BLOCK, what, mend, offer.bad_certificate)
    elif not place.uses_tls:
        what = _("The relay %(host)s offers TLS and SMTP_URL does not use it.") % told
        mend = _("Add ?starttls=yes to SMTP_URL: until then mail and password travel in clear.")
        yield Finding("tls.unused", WARN, what, mend)
    else:
        yield Finding("tls", OK, _("The relay %(host)s takes mail over TLS.") % told)


CHECKS: dict[Callable[[Sending], Iterator[Finding]], str] = {
    spf: "SPF",
    dkim: "DKIM",
    dmarc: "DMARC",
    alignment: "DMARC",
    reverse: "PTR",
    tls: "TLS",
}


def records_to_publish(domain: str) -> list[DnsRecord]:
    """Every record a sending domain wants, with our keys. Asks nothing."""
    known = tuple(host for host in settings.SENDING_HOSTS if is_address(host))
    spf_record = spf_to_publish(domain, known, relay().host)
    keys = [signer.dns_record() for signer in signers_of(settings.BATON_HOME / "keys", domain)]
    return [
        *([spf_record] if spf_record else []),
        *[DnsRecord(name, "TXT", text) for name, text in keys],
        dmarc_to_publish(domain),
    ]
