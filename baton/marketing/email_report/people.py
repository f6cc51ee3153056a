"""The people behind a number of the report: the condition it counts by, as rows of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _

from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.marketing.email_report.reads import TOOK
from baton.marketing.reading.models import MailHit
from baton.marketing.reading.rules import CLICK, HUMAN, MACHINE, OPEN, UNKNOWN
from baton.marketing.trials.reads import TRIED, who_converted, who_reached_goal
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import UNFINISHED
from baton.people.returns.providers import domain_in, provider_of
from baton.platform import wiring
from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User
from baton.platform.db import among
from baton.platform.forms import number_of
from baton.platform.pages import Sort

State = Delivery.State
NOT_SAID = "none"
MOST_HOURS = 10_000


@dataclass(frozen=True)
class What:
    """A number of the report. `rule` is the condition of a segment that follows the same people, where there is one.

    `moment` is the column that says when; those lists are ordered by it. `who` gives the ids of contacts where no
    column tells them; `needs` is the permission that other sides' numbers ask for.
    """

    title: str | Promise
    rows: Q
    moment: str = ""
    rule: Mapping[str, str] | None = None
    who: Callable[[Broadcast], QuerySet[Any] | list[int]] | None = None
    needs: str = ""


WHATS: dict[str, What] = {
    "delivered": What(_("Delivered"), Q(state__in=TOOK), rule={"message": "sent"}),
    "sent": What(_("Sent"), Q(handed_at__isnull=False), rule={"message": "sent"}),
    "opened": What(_("Opened"), Q(opened_at__isnull=False), "opened_at", {"message": "opened"}),
    "clicked": What(_("Clicked"), Q(clicked_at__isnull=False), "clicked_at", {"message": "clicked"}),
    "silent": What(
        _("Had it and did not click"),
        Q(state__in=TOOK, clicked_at__isnull=True),
        rule={"message": "sent", "without": "clicked"},
    ),
    "unsubscribed": What(
        _("Unsubscribed"), Q(unsubscribed_at__isnull=False), "unsubscribed_at", {"message": "unsubscribed"}
    ),
    "complained": What(_("Complained"), Q(state=State.COMPLAINED), rule={"message": "complained"}),
    "refused": What(_("Refused"), Q(state=State.BOUNCED), rule={"message": "bounced"}),
    "deferred": What(_("Put off"), Q(state=State.DEFERRED)),
    "waiting": What(_("Wait for the hour"), Q(state=State.WAITING)),
    "skipped": What(_("Skipped"), Q(state=State.SKIPPED)),
    "unknown": What(_("Unknown"), Q(state=State.UNKNOWN)),
    "read": What(_("Opened or clicked"), Q(opened_at__isnull=False) | Q(clicked_at__isnull=False)),
    "machine": What(_("Looked at by a machine"), Q()),
    "unclear": What(_("Looked at, not known by whom"), Q()),
    "others": What(_("Looked at, not held for them"), Q()),
    "everyone": What(_("On the ledger"), Q()),
    "done": What(_("Done"), ~Q(state__in=UNFINISHED)),
    "converted": What(_("Converted after their mail"), Q(), who=who_converted),
    "tried": What(_("Mailed"), Q(state__in=TRIED)),
    "reached": What(_("Mailed, and converted since"), Q(state__in=TRIED), who=who_reached_goal),
    "held_reached": What(_("Held out, and converted since"), Q(reason="held_out"), who=who_reached_goal),
}


def whats() -> dict[str, What]:
    """All numbers, those of other sides too (EMAIL_PEOPLE on the wiring's page)."""
    others = getattr(wiring.page(), "EMAIL_PEOPLE", {})
    return {**WHATS, **{key: What(title, Q(), who=who, needs="reports.view") for key, (title, who) in others.items()}}


_LABELS = {"machine": [MACHINE], "unclear": [UNKNOWN], "others": [MACHINE, UNKNOWN]}
_KINDS = {"opened": [OPEN], "clicked": [CLICK], "read": [OPEN, CLICK]}


@dataclass(frozen=True)
class Chosen:
    """Which number, and how it is narrowed: by link, reason, program with its device, provider, or hour (its start).

    Reason and program are NOT_SAID where there is none. `variant` is as on the ledger (trials/rules.py); `within` are
    hours after the person's own mail, in which they acted.
    """

    what: str
    link: int | None = None
    reason: str = ""
    program: str = ""
    device: str = ""
    provider: str = ""
    hour: datetime | None = None
    variant: str = ""
    within: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Chosen:
        """From an address's or a form's words; what makes no sense is left out."""
        what, within = asked.get("what", ""), number_of(asked.get("within", ""))
        return cls(
            what=what if what in whats() else "delivered",
            link=number_of(asked.get("link", "")),
            hour=_moment(asked.get("hour", "")),
            variant=asked.get("variant", "")[:1],
            within=within if within and within <= MOST_HOURS else None,
            **{name: asked.get(name, "")[:60] for name in ("reason", "program", "device", "provider")},
        )

    @property
    def number(self) -> What:
        return whats()[self.what]

    @property
    def told(self) -> dict[str, Any]:
        """The words of an address, or of a form, that choose the same."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        told["hour"] = self.hour.isoformat() if self.hour else ""
        return {name: value for name, value in told.items() if value}

    @property
    def query(self) -> str:
        """The same as one text."""
        return urlencode(self.told)

    @property
    def is_narrowed(self) -> bool:
        """Whether it is narrowed by more than a link."""
        return bool(self.told.keys() - {"what", "link"})

    @property
    def sort(self) -> Sort:
        moment = self.number.moment
        return Sort(moment, True, _("Latest first")) if moment else Sort("contact_id", True, _("Newest contact first"))


def behind(broadcast: Broadcast, chosen: Chosen) -> QuerySet[Delivery]:
    """The copies that a number counts."""
    rows = broadcast.message.rows().filter(chosen.number.rows)
    if chosen.number.who:
        who = chosen.number.who(broadcast)
        rows = rows.filter(contact__in=among(who) if isinstance(who, list) else who)
    if _asks_hits(chosen):
        rows = rows.filter(pk__in=_hits(broadcast, chosen).order_by().values("delivery"))
    elif chosen.reason:
        rows = rows.filter(reason="" if chosen.reason == NOT_SAID else chosen.reason)
    if chosen.variant:
        rows = rows.filter(variant=chosen.variant)
    if chosen.within and chosen.number.moment:
        rows = rows.filter(**{f"{chosen.number.moment}__lte": F("handed_at") + timedelta(hours=chosen.within)})
    if chosen.provider:
        rows = rows.annotate(domain=_DOMAIN).filter(domain__in=among(_domains(broadcast, chosen.provider), "text"))
    return rows


def seen(rows: QuerySet[Delivery], user: User) -> QuerySet[Delivery]:
    """Those whose contact is there and `user` may see."""
    return rows.filter(
        visible_to(user, "people", owner="contact__owner"), contact__deleted_at=None, contact__isnull=False
    )


def rule_of(broadcast: Broadcast, chosen: Chosen) -> dict[str, Any] | None:
    """The rule of a segment that follows these people; None where no condition says just that."""
    leaf = chosen.number.rule
    if leaf is None or chosen.is_narrowed or (chosen.link and chosen.what != "clicked"):
        return None
    of_link = {"link": chosen.link} if chosen.link else {}
    return {"all": [{**leaf, "email": broadcast.pk, **of_link}]}


def link_of(broadcast: Broadcast, chosen: Chosen) -> BroadcastLink | None:
    """The link it is narrowed by."""
    return broadcast.links.filter(pk=chosen.link).first() if chosen.link else None


def _asks_hits(chosen: Chosen) -> bool:
    return bool(chosen.what in _LABELS or chosen.link or chosen.program or chosen.device or chosen.hour)


def _hits(broadcast: Broadcast, chosen: Chosen) -> QuerySet[MailHit]:
    found = broadcast.hits.filter(label__in=_LABELS.get(chosen.what, [HUMAN]))
    if chosen.what in _KINDS:
        found = found.filter(kind__in=_KINDS[chosen.what])
    if chosen.link:
        found = found.filter(link=chosen.link)
    if chosen.program or chosen.device:
        found = found.filter(program="" if chosen.program == NOT_SAID else chosen.program, device=chosen.device)
    if chosen.hour:
        found = found.filter(at__gte=chosen.hour, at__lt=chosen.hour + timedelta(hours=1))
    return found.filter(reason=chosen.reason) if chosen.reason else found


_DOMAIN = domain_in("contact__email")


def _domains(broadcast: Broadcast, provider: str) -> list[str]:
    """Domains of the email's people whose mail the provider receives."""
    rows = broadcast.message.rows().annotate(domain=_DOMAIN).order_by().values_list("domain", flat=True).distinct()
    return [domain for domain in rows if domain and provider_of(domain) == provider]


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return None if found is None or is_naive(found) else found
