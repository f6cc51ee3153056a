"""Which deals a page shows: read from the address, said as a sentence, put on a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import Team, User
from baton.platform.organisation import organisation
from baton.platform.search.reads import found
from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Stage
from baton.sales.quotas.rules import MONTH, QUARTER, span_of
from baton.sales.tasks.models import Task

CLOSING = [
    ("", _("at any time")),
    ("month", _("this month")),
    ("quarter", _("this quarter")),
    ("past", _("in the past")),
    ("none", _("without a date")),
]
NEEDS = [
    ("", _("all")),
    ("no_next_step", _("without a next step")),
    ("late", _("with a late next step")),
    ("stalled", _("stalled")),
]
STATES = [("open", _("open")), ("won", _("won")), ("lost", _("lost")), ("all", _("any state"))]


@dataclass(frozen=True)
class DealFilter:
    """What was asked for. `owner` is "", "me", "nobody" or a user's id; `team` and `stage` ids; all text as given."""

    owner: str = ""
    team: str = ""
    closing: str = ""
    needs: str = ""
    state: str = "open"
    stage: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> DealFilter:
        """From the address; what is not understood is left out."""
        known = {
            "closing": dict(CLOSING),
            "needs": dict(NEEDS),
            "state": dict(STATES),
        }
        values = {name: query.get(name, "").strip() for name in ("owner", "team", "closing", "needs", "state", "stage")}
        for name, allowed in known.items():
            if values[name] not in allowed:
                values[name] = cls.state if name == "state" else ""
        for name in ("team", "stage"):
            values[name] = values[name] if values[name].isdecimal() else ""
        if values["owner"] not in ("me", "nobody") and not values["owner"].isdecimal():
            values["owner"] = ""
        return cls(text=query.get("q", "").strip()[:100], **values)

    def query(self, **changed: str) -> str:
        """The address' query with some parts changed; what is as usual is left out."""
        values = {
            "owner": self.owner,
            "team": self.team,
            "closing": self.closing,
            "needs": self.needs,
            "state": "" if self.state == "open" else self.state,
            "stage": self.stage,
            "q": self.text,
            **changed,
        }
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def is_narrowed(self) -> bool:
        return self.query(state="") != ""

    def narrow(self, deals: QuerySet[Deal], user: User, *, now: datetime) -> QuerySet[Deal]:
        """`deals` limited to what was asked; `now` in the reader's zone."""
        if self.state != "all":
            deals = deals.filter(state=self.state)
        if self.stage:
            deals = deals.filter(stage_id=int(self.stage))
        deals = deals.filter(self._owners(user), self._closing(now), self._needs(now))
        return deals.filter(found("deal", self.text)) if self.text else deals

    def _owners(self, user: User) -> Q:
        asked = Q()
        if self.owner == "me":
            asked = Q(owner=user)
        elif self.owner == "nobody":
            asked = Q(owner=None)
        elif self.owner:
            asked = Q(owner_id=int(self.owner))
        if self.team and (team := Team.objects.filter(pk=int(self.team)).first()):
            members = User.objects.filter(team__path__startswith=team.path).values_list("pk", flat=True)
            asked &= Q(owner_id__in=list(members))
        return asked

    def _closing(self, now: datetime) -> Q:
        if self.closing in (MONTH, QUARTER):
            starts = organisation().fiscal_year_starts
            span = span_of(self.closing, now.date(), fiscal_year_starts=starts)
            return Q(expected_close_on__gte=span.start, expected_close_on__lt=span.end)
        if self.closing == "past":
            return Q(expected_close_on__lt=now.date())
        return Q(expected_close_on=None) if self.closing == "none" else Q()

    def _needs(self, now: datetime) -> Q:
        open_tasks = Task.objects.filter(deal=OuterRef("pk"), done_at=None, deleted_at=None)
        if self.needs == "no_next_step":
            return ~Q(Exists(open_tasks))
        if self.needs == "late":
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return Q(Exists(open_tasks.filter(Q(due_at__lt=midnight) | Q(due_at__lt=now, is_all_day=False))))
        return stalled(now) if self.needs == "stalled" else Q()


def stalled(now: datetime) -> Q:
    """The condition of rules.why_stalled in SQL: past its close date, or too long in its stage."""
    asked = Q(expected_close_on__lt=now.date())
    for stage_id, days in Stage.objects.values_list("pk", "stalled_after_days"):
        asked |= Q(stage_id=stage_id, entered_stage_at__lt=now - timedelta(days=days))
    return asked
