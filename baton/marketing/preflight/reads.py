"""What preflight shows of an email and of a sending domain, and what keeps an email from being sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.deliverability.rules import COUNTED_DAYS, PAUSED, standing
from baton.marketing.deliverability.rules import WARN as NEAR
from baton.marketing.email.models import Broadcast
from baton.marketing.preflight import look as asking
from baton.marketing.preflight import relay
from baton.marketing.preflight.conditions import condition_findings
from baton.marketing.preflight.domain import domain_findings
from baton.marketing.preflight.fields import field_findings
from baton.marketing.preflight.message import Draft, message_findings
from baton.marketing.preflight.models import Look
from baton.marketing.preflight.rules import BLOCK, OK, OPEN, WARN, Finding, blocks, in_order, with_overrides
from baton.marketing.trials.mails import faults_of
from baton.marketing.trials.models import trial_of
from baton.people.deliveries.models import TRANSACTIONAL
from baton.people.returns.providers import label_of
from baton.platform import dns

NEAR_SPAM = 0.6  # share of the daemon's limit from which its score is worth a look
STANDS_STILL = timedelta(minutes=10)


@dataclass(frozen=True)
class Before:
    """What stands before an email goes out: findings in order, and how far the asking of others is."""

    findings: list[Finding]
    is_domain_asked: bool
    is_look_running: bool
    asked: int
    to_ask: int

    @property
    def blocks(self) -> list[Finding]:
        return blocks(self.findings)

    @property
    def told(self) -> list[Finding]:
        """All that is not fine."""
        return [one for one in self.findings if one.level != OK]

    @property
    def fine(self) -> list[Finding]:
        return [one for one in self.findings if one.level == OK]

    @property
    def is_open(self) -> bool:
        """Whether more will be known in a moment without anybody doing anything."""
        return not self.is_domain_asked or self.is_look_running


def before(broadcast: Broadcast, now: datetime, *, asks: bool) -> Before:
    """Everything that is known of an email; with `asks` the DNS and the relay are asked, in fifteen seconds at most."""
    draft, found = message_findings(broadcast, now)
    found += [*of_variants(broadcast), *domain_of(broadcast, asks=asks), *_of_complaints(now)]
    look = Look.objects.filter(broadcast=broadcast).first()
    urls: list[str] = []
    if draft is not None:
        urls = asking.addresses_of(draft)
        found += [*field_findings(broadcast, draft.made), *condition_findings(broadcast, draft.made)]
        found += [*_of_links(look, urls), *_of_spam(look, draft)]
    is_running = look is not None and look.is_running and (look.asked_at or now) > now - STANDS_STILL
    return Before(
        findings=in_order(with_overrides(found, overrides_of(broadcast))),
        is_domain_asked=not any(one.level == OPEN and one.key.endswith(".open") for one in found),
        is_look_running=is_running,
        asked=len([url for url in urls if look and url in look.links]),
        to_ask=len(urls),
    )


def what_blocks(broadcast: Broadcast, now: datetime) -> list[Finding]:
    """What keeps an email from being sent now, after overrides. Asks the DNS; call it outside a transaction.

    A block that comes from what was kept is asked anew first: it may just have been mended.
    """
    reasons = overrides_of(broadcast)
    draft, found = message_findings(broadcast, now)
    found += of_variants(broadcast)
    found += field_findings(broadcast, draft.made) if draft is not None else []
    of_domain = with_overrides(domain_of(broadcast, asks=True), reasons)
    if blocks(of_domain):
        forget_answers()
        of_domain = with_overrides(domain_of(broadcast, asks=True), reasons)
    return blocks([*with_overrides(found, reasons), *of_domain])


def of_variants(broadcast: Broadcast) -> list[Finding]:
    """What keeps the variants of its A/B test from going out; nothing where it has none."""
    trial = trial_of(broadcast)
    wrong = faults_of(trial, broadcast) if trial else []
    mend = _("Correct the variant on the page of the A/B test.")
    return [Finding("variants", BLOCK, one, mend, is_final=True) for one in wrong]


def domain_of(broadcast: Broadcast, *, asks: bool) -> list[Finding]:
    """What the checks say of the sender's domain; nothing while there is no sender."""
    domain = broadcast.sender_email.rpartition("@")[2]
    return of_domain(domain, asks=asks) if domain else []


def of_domain(domain: str, *, asks: bool) -> list[Finding]:
    """What the checks say of a domain."""
    return domain_findings(domain, dns.resolver(asks=asks), partial(relay.offer_of, asks=asks))


def forget_answers() -> None:
    """Ask the DNS and the relay anew next time: somebody has mended something."""
    dns.forget()
    relay.forget()


def overrides_of(broadcast: Broadcast) -> dict[str, str]:
    """By the key of the finding: who sends in spite of it, and why."""
    rows = broadcast.overrides.select_related("actor")
    return {row.finding: f"{row.actor or _('somebody')}: {row.reason}" for row in rows}


def sending_domains() -> list[str]:
    """Domains that emails are sent from, and that of notices; the latest used first."""
    rows = Broadcast.objects.live().exclude(sender_email="").order_by("-pk").values_list("sender_email", flat=True)
    notices = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    domains = [email.rpartition("@")[2].lower() for email in [*rows[:500], notices]]
    return [one for one in dict.fromkeys(domains) if "." in one]


def _of_complaints(now: datetime) -> Iterator[Finding]:
    """Providers at which complaints of the last week warn or pause; what pauses a mailing is deliverability's."""
    counted = ProviderCount.objects.filter(day__gte=(now - timedelta(days=COUNTED_DAYS)).date()).order_by()
    marketing = counted.exclude(message_kind=TRANSACTIONAL)
    rows = marketing.values_list("provider").annotate(sent=Sum("sent"), complained=Sum("complained"))
    by_standing: dict[str, list[str]] = defaultdict(list)
    for key, sent, complained in rows:
        at = {"provider": label_of(key), "share": f"{complained / max(sent, 1):.2%}", "n": complained, "all": sent}
        by_standing[standing(complained, sent)].append(_("%(provider)s %(share)s (%(n)s of %(all)s)") % at)
    if over := by_standing[PAUSED]:
        what = _("Complaints of the last week are over the limit of 0.20%%: %(where)s. The next one stops sending.")
    else:
        what = _("Complaints of the last week are near the limit: %(where)s. At 0.20%% and two of them sending stops.")
    if where := over or by_standing[NEAR]:
        mend = _("Leave out who has not read for months; the page of deliverability says more.")
        yield Finding("complaints", WARN, what % {"where": ", ".join(sorted(where))}, mend)


def _of_links(look: Look | None, urls: list[str]) -> Iterator[Finding]:
    known: dict[str, Any] = {url: look.links[url] for url in urls if look and url in look.links}
    if not urls:
        return
    if len(known) < len(urls):
        what = ngettext("One link was not tried yet.", "%(n)s links were not tried yet.", len(urls) - len(known))
        yield Finding("links.unasked", OPEN, what % {"n": len(urls) - len(known)})
    of = {word: [url for url in known if known[url][0] == word] for word in {row[0] for row in known.values()}}
    if dead := of.get(asking.DEAD):
        what = ngettext("One link or picture leads nowhere.", "%(n)s links or pictures lead nowhere.", len(dead))
        shown = [f"{url} ({known[url][1] or _('no answer')})" for url in dead]
        yield Finding("links.dead", WARN, what % {"n": len(dead)}, _("Correct the address."), "\n".join(shown))
    reserved = of.get(asking.RESERVED, [])
    if reserved and relay.leaves_the_house():
        what = ngettext("One link is that of an example.", "%(n)s links are those of examples.", len(reserved))
        yield Finding(
            "links.example", WARN, what % {"n": len(reserved)}, _("Put the real one there."), "\n".join(reserved)
        )
    quiet = [url for word in (asking.UNSURE, asking.PRIVATE, asking.RESERVED) for url in of.get(word, [])]
    if len(known) == len(urls) and not dead:
        what = ngettext("The one link or picture was tried.", "All %(n)s links and pictures were tried.", len(urls))
        note = _("Not known, or never asked because they lead into a private network or an example:")
        evidence = "\n".join([note, *quiet]) if quiet else ""
        yield Finding("links", OK, what % {"n": len(urls)}, evidence=evidence)


def _of_spam(look: Look | None, draft: Draft) -> Iterator[Finding]:
    told = look.spam if look else None
    if not settings.SPAMD_URL or told is None:
        return
    if "fault" in told:
        what = _("SpamAssassin was not reached, so its score is not known.")
        yield Finding("spam.unasked", WARN, what, _("This stops nothing. Look at SPAMD_URL."), told["fault"])
        return
    if told.get("of") != asking.digest_of(draft):
        yield Finding("spam.old", OPEN, _("The SpamAssassin score is that of an older version."))
        return
    lines = [f"{points:+.1f} {name}: {words}" for points, name, words in told["rules"] if points]
    shown = {"score": f"{told['score']:.1f}", "limit": f"{told['limit']:.1f}"}
    if told["score"] >= told["limit"]:
        what = _("SpamAssassin holds it for spam: %(score)s points, from %(limit)s on it is.") % shown
        yield Finding("spam", WARN, what, _("Mend the heaviest rules first."), "\n".join(lines))
    elif told["score"] >= told["limit"] * NEAR_SPAM:
        what = _("SpamAssassin is close to holding it for spam: %(score)s points of %(limit)s.") % shown
        yield Finding("spam", WARN, what, _("Mend the heaviest rules."), "\n".join(lines))
    else:
        what = _("SpamAssassin gives it %(score)s points; from %(limit)s on it is spam.") % shown
        yield Finding("spam", OK, what, evidence="\n".join(lines))
