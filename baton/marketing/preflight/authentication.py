"""Checks of what proves a mail: SPF, DKIM, DMARC and its alignment. Each names the record to publish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from baton.marketing.preflight import dmarc as policies
from baton.marketing.preflight import spf as senders
from baton.marketing.preflight.relay import is_private
from baton.marketing.preflight.rules import BLOCK, OK, WARN, DnsRecord, Finding
from baton.marketing.preflight.sending import Sending, unasked
from baton.platform.dns import CouldNotAsk
from baton.platform.mail.dkim import Signer

# What providers ask to be included, by the end of their relay's name; each provider's own help pages, read 2026-11.
INCLUDES = {
    "mailgun.org": "mailgun.org",
    "sendgrid.net": "sendgrid.net",
    "amazonaws.com": "amazonses.com",
    "postmarkapp.com": "spf.mtasv.net",
    "mailjet.com": "spf.mailjet.com",
    "office365.com": "spf.protection.outlook.com",
    "gmail.com": "_spf.google.com",
}


def spf(sending: Sending) -> Iterator[Finding]:
    """One record, readable, within ten lookups, with a last word, and the hosts in it."""
    told = {"domain": sending.domain}
    texts = senders.records_of(sending.domain, sending.resolver)
    if not texts:
        what = _("%(domain)s has no SPF record: receivers cannot tell your mail from forged mail.") % told
        record = spf_to_publish(sending.domain, sending.addresses, sending.relay.host)
        mend = _("Publish this record.") if record else _("Ask whom you send through for the record to publish.")
        yield Finding("spf.none", BLOCK, what, mend, record=record)
        return
    if len(texts) > 1:
        what = _("%(domain)s has more than one SPF record, which counts as none.") % told
        mend = _("Put what they allow into one record and remove the others.")
        yield Finding("spf.several", BLOCK, what, mend, "\n".join(texts))
        return
    try:
        record_read = senders.read(texts[0])
        worst, asked = senders.lookups_at_worst(record_read, sending.domain, sending.resolver)
    except senders.BadRecord as error:
        what = _("The SPF record of %(domain)s cannot be read, so it counts as none.") % told
        mend = _("Correct this part of it: %(part)s") % {"part": error}
        yield Finding("spf.bad", BLOCK, what, mend, texts[0])
        return
    if worst > senders.MOST_LOOKUPS:
        yield _too_many(sending, worst, asked)
    yield from _last_word(sending, record_read)
    yield from _hosts(sending, record_read, worst)


def spf_to_publish(domain: str, addresses: tuple[str, ...], relay_host: str) -> DnsRecord | None:
    """The record that allows our hosts, or the provider we send through; None where neither is known."""
    parts = [_mechanism(one) for one in addresses if not is_private(one)]
    parts = parts or [f"include:{name}" for end, name in INCLUDES.items() if relay_host.endswith(end)]
    return DnsRecord(domain, "TXT", " ".join(["v=spf1", *parts, "~all"])) if parts else None


def _mechanism(address: str) -> str:
    return f"ip{6 if ':' in address else 4}:{address}"


def _too_many(sending: Sending, worst: int, asked: list[str]) -> Finding:
    what = _("The SPF record of %(domain)s asks for %(number)s lookups; receivers give up after 10.")
    mend = _("Remove includes of tools you have left, or write ip4: and ip6: in the place of an include.")
    told = {"domain": sending.domain, "number": worst}
    return Finding("spf.lookups", BLOCK, what % told, mend, "\n".join(asked))


def _last_word(sending: Sending, record: senders.Record) -> Iterator[Finding]:
    told, mend = {"domain": sending.domain}, _("End it in ~all or -all.")
    if record.last_word == senders.PASS:
        what = _("The SPF record of %(domain)s ends in +all: anybody may send in your name.") % told
        yield Finding("spf.all", WARN, what, mend, record.text)
    if record.last_word in ("", senders.NEUTRAL):
        what = _("The SPF record of %(domain)s says nothing of who is not in it.") % told
        yield Finding("spf.all", WARN, what, mend, record.text)


def _hosts(sending: Sending, record: senders.Record, worst: int) -> Iterator[Finding]:
    told = {"domain": sending.domain, "number": worst}
    if not sending.addresses:
        note = _("Whether it allows the host that sends is not known here: set SENDING_HOSTS to have it checked.")
        what = _("SPF: %(domain)s has one record, with %(number)s of 10 lookups.") % told
        yield Finding("spf", OK, what, evidence=f"{record.text}\n{note}")
        return
    are_fine = True
    for address in sending.addresses:
        verdict = senders.check_host(address, sending.domain, f"bounce@{sending.domain}", sending.resolver)
        if verdict.result == senders.PASS:
            continue
        are_fine = False
        if verdict.result == senders.TEMPERROR:
            yield unasked(f"spf.{address}", "SPF", CouldNotAsk(verdict.why))
        else:
            yield _not_allowed(sending, record, address, verdict)
    if are_fine:
        what = _("SPF: %(domain)s allows the hosts that mail leaves from.") % told
        yield Finding("spf", OK, what, evidence=record.text)


def _not_allowed(sending: Sending, record: senders.Record, address: str, verdict: senders.Verdict) -> Finding:
    what = _("SPF: %(domain)s does not allow %(address)s, from where mail leaves (%(result)s).")
    told = {"domain": sending.domain, "address": address, "result": verdict.result}
    evidence = "\n".join(filter(None, [record.text, verdict.why, *verdict.path]))
    text = record.text.replace("v=spf1", f"v=spf1 {_mechanism(address)}", 1)
    mend = _("Publish this record in the place of the one there is.")
    wanted = DnsRecord(sending.domain, "TXT", text)
    return Finding(f"spf.host.{address}", BLOCK, what % told, mend, evidence, wanted)


def dkim(sending: Sending) -> Iterator[Finding]:
    """Each key we sign with is published, and is the same."""
    if not sending.signers:
        what = _("Baton has no DKIM key for %(domain)s; whether your relay signs cannot be seen from here.")
        mend = _("Make a key for the domain, or send a test to a mailbox and look for dkim=pass in its source.")
        yield Finding("dkim.none", WARN, what % {"domain": sending.domain}, mend)
        return
    found = [_key(sending, signer) for signer in sending.signers]
    is_one_good = any(one.level == OK for one in found)  # a second signature that fails does no harm then
    for one in found:
        yield replace(one, level=WARN) if is_one_good and one.level == BLOCK else one


def _key(sending: Sending, signer: Signer) -> Finding:
    name, text = signer.dns_record()
    told, wanted = {"name": name}, DnsRecord(name, "TXT", text)
    values = sending.resolver.ask(name, "TXT").values
    publish = _("Publish this record.")

    def finding(level: str, what: str, mend: str = "") -> Finding:
        shown = None if level == OK else wanted
        return Finding(f"dkim.{signer.selector}", level, what % told, mend, "\n".join(values), shown)

    if not values:
        return finding(BLOCK, _("DKIM: %(name)s is not published, so every signature fails."), publish)
    if len(values) > 1:
        return finding(BLOCK, _("DKIM: %(name)s has more than one record."), _("Leave only this one."))
    tags = _tags(values[0])
    if not tags.get("p"):
        return finding(BLOCK, _("DKIM: the key at %(name)s is withdrawn."), publish)
    if tags["p"] != _tags(text)["p"]:
        return finding(BLOCK, _("DKIM: the key at %(name)s is not the one Baton signs with."), publish)
    if "y" in tags.get("t", "").split(":"):
        what = _("DKIM: the key at %(name)s is marked as a test; some receivers leave it aside.")
        return finding(WARN, what, _("Take t=y out once you are content."))
    return finding(OK, _("DKIM: %(name)s holds the key Baton signs with."))


def _tags(text: str) -> dict[str, str]:
    parts = [part.partition("=") for part in text.split(";") if "=" in part]
    return {name.strip().lower(): "".join(value.split()) for name, _equals, value in parts}


def dmarc(sending: Sending) -> Iterator[Finding]:
    """A record that applies to the From domain, found by the walk up."""
    going = policies.walk(sending.domain, sending.resolver)
    policy = going.policy
    if going.several:
        what = _("There is more than one DMARC record at %(name)s, which counts as none.")
        told = {"name": f"_dmarc.{going.several[0]}"}
        yield Finding("dmarc.several", WARN if policy else BLOCK, what % told, _("Leave one of them."))
    if policy is not None:
        yield _applied(going, policy, sending)
        yield from _old_tags(policy)
    elif going.several:
        return
    elif going.unusable:
        what = _("The DMARC record at %(name)s names no policy that can be read.")
        told = {"name": f"_dmarc.{going.unusable[0].domain}"}
        mend = _("Write p=none, p=quarantine or p=reject into it.")
        yield Finding("dmarc.bad", BLOCK, what % told, mend, going.unusable[0].text)
    else:
        what = _("%(domain)s has no DMARC record; Gmail, Yahoo and Microsoft refuse bulk mail without one.")
        mend = _("Publish this record; it changes nothing for your other mail.")
        wanted = dmarc_to_publish(sending.domain)
        yield Finding("dmarc.none", BLOCK, what % {"domain": sending.domain}, mend, "\n".join(going.asked), wanted)


def dmarc_to_publish(domain: str) -> DnsRecord:
    """A record to begin with: it asks for reports and lets nothing be refused."""
    return DnsRecord(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")


def _applied(going: policies.Walk, policy: policies.Policy, sending: Sending) -> Finding:
    is_below = policy.domain != going.start
    exists = not is_below or sending.resolver.ask(going.start, "A").exists
    told = {"domain": going.start, "policy": policy.applied(is_below=is_below, exists=exists)}
    notes = [f"_dmarc.{policy.domain}: {policy.text}"]
    if policy.is_test:
        notes.append(_("It is marked as a test (t=y): receivers are asked not to act on it."))
    return Finding("dmarc", OK, _("DMARC: the policy for %(domain)s is %(policy)s.") % told, evidence="\n".join(notes))


def _old_tags(policy: policies.Policy) -> Iterator[Finding]:
    share = policy.tags.get("pct", "100")
    if share != "100":
        what = _("The DMARC record limits its policy to %(share)s %%, which receivers no longer heed.")
        mend = _("Take pct out; write t=y while you try a stricter policy (RFC 9989).")
        yield Finding("dmarc.pct", WARN, what % {"share": share}, mend, policy.text)


def alignment(sending: Sending) -> Iterator[Finding]:
    """The domain that SPF or DKIM proves agrees with the one people see; the bounce address is of the From domain."""
    going = policies.walk(sending.domain, sending.resolver)
    if going.policy is None:
        return
    proven = [("spf", sending.return_domain), *[("dkim", signer.domain) for signer in sending.signers]]
    agree = [
        f"{of.upper()} {domain}"
        for of, domain in proven
        if policies.is_aligned(going, domain, going.policy.mode(of), sending.resolver)
    ]
    if agree:
        what = _("What people see as the sender agrees with what is proven.")
        yield Finding("alignment", OK, what, evidence=", ".join(agree))
    else:
        what = _("Neither SPF nor DKIM proves %(domain)s, the domain that people see.") % {"domain": sending.domain}
        shown = ", ".join(f"{of.upper()} {name}" for of, name in proven)
        yield Finding("alignment.none", BLOCK, what, _("Sign with a key of this domain."), shown)
