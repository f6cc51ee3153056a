"""What was won, what is open, and how that stands against quotas. Amounts are minor units of one currency."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q, QuerySet, Sum

from baton.platform.accounts.models import Team, User
from baton.platform.accounts.roles import ALL, OWN
from baton.platform.organisation import Organisation, organisation
from baton.sales.deals.amounts import as_typed
from baton.sales.deals.models import Deal
from baton.sales.quotas.models import Quota
from baton.sales.quotas.rules import MONTH, QUARTER, Span, attainment, elapsed_share, span_of, standing


@dataclass(frozen=True)
class Standing:
    """Where one user or team stands in one period. `quota_minor` is None when no quota is set."""

    span: Span
    currency: str
    won_minor: int
    quota_minor: int | None
    elapsed: float
    user: User | None = None
    team: Team | None = None
    quota_id: int | None = None

    @property
    def share(self) -> float | None:
        return attainment(self.won_minor, self.quota_minor)

    @property
    def percent(self) -> int | None:
        return None if self.share is None else round(self.share * 100)

    @property
    def elapsed_percent(self) -> int:
        return round(self.elapsed * 100)

    @property
    def missing_minor(self) -> int:
        return max((self.quota_minor or 0) - self.won_minor, 0)

    @property
    def quota_text(self) -> str:
        """The quota as a person would type it."""
        return as_typed(self.quota_minor, self.currency)

    @property
    def state(self) -> str:
        return standing(self.won_minor, self.quota_minor, self.elapsed)


def won_amount(who: User | Team | None, start: date, end: date, *, currency: str = "") -> int:
    """Booked from `start` up to, not including, `end` (days of the organisation's zone) by a user, by everyone of a
    team and the teams below it, or by all (None). Deals in other currencies are not in it.
    """
    firm = organisation()
    deals = _won(firm, start, end).filter(_owned_by(who), currency=currency or firm.currency)
    return deals.aggregate(total=Sum("amount_minor"))["total"] or 0


def open_amount_closing(who: User | Team | None, start: date, end: date, *, currency: str = "") -> int:
    """Amount of open deals expected to close from `start` up to, not including, `end`."""
    deals = Deal.objects.live().filter(
        _owned_by(who),
        state=Deal.State.OPEN,
        expected_close_on__gte=start,
        expected_close_on__lt=end,
        currency=currency or organisation().currency,
    )
    return deals.aggregate(total=Sum("amount_minor"))["total"] or 0


def won_by_owner(owner_ids: Iterable[int], start: date, end: date, *, currency: str = "") -> dict[int, int]:
    """Booked per owner in one query."""
    firm = organisation()
    rows = (
        _won(firm, start, end)
        .filter(owner_id__in=list(owner_ids), currency=currency or firm.currency)
        .values_list("owner_id")
        .annotate(total=Sum("amount_minor"))
    )
    return {owner: total or 0 for owner, total in rows}


def standing_of(user: User, today: date, *, period: str = "") -> Standing:
    """A user's own standing in the month `today` lies in, or in the quarter when only that has a quota."""
    firm = organisation()
    spans = [span_of(kind, today, fiscal_year_starts=firm.fiscal_year_starts) for kind in (MONTH, QUARTER)]
    if period:
        spans = [span for span in spans if span.period == period]
    wanted = Q(pk=None)
    for span in spans:
        wanted |= Q(period=span.period, starts_on=span.start)
    quotas = {quota.period: quota for quota in Quota.objects.filter(wanted, user=user)}
    span = next((span for span in spans if span.period in quotas), spans[0])
    quota = quotas.get(span.period)
    currency = quota.currency if quota else firm.currency
    return Standing(
        span=span,
        currency=currency,
        won_minor=won_amount(user, span.start, span.end, currency=currency),
        quota_minor=quota.amount_minor if quota else None,
        elapsed=elapsed_share(span, today),
        user=user,
        quota_id=quota.pk if quota else None,
    )


def standings(users: Iterable[User], span: Span, today: date) -> list[Standing]:
    """One standing per user for `span`, those with the most won first; two queries whatever their number."""
    people = list(users)
    firm = organisation()
    quotas = {
        quota.user_id: quota
        for quota in Quota.objects.filter(user__in=people, period=span.period, starts_on=span.start)
    }
    won = won_by_owner([person.pk for person in people], span.start, span.end)
    rows = [
        Standing(
            span=span,
            currency=quotas[person.pk].currency if person.pk in quotas else firm.currency,
            won_minor=won.get(person.pk, 0),
            quota_minor=quotas[person.pk].amount_minor if person.pk in quotas else None,
            elapsed=elapsed_share(span, today),
            user=person,
            quota_id=quotas[person.pk].pk if person.pk in quotas else None,
        )
        for person in people
    ]
    return sorted(rows, key=lambda row: (-row.won_minor, str(row.user)))


SELLING_ROLES = ["rep", "sdr", "sales_manager"]


def sellers(reader: User) -> QuerySet[User]:
    """People whose standing `reader` may see: themselves, their team, or everyone who sells."""
    people = User.objects.filter(is_active=True).order_by("name")
    sight = reader.sight("sales")
    if sight == OWN:
        return people.filter(pk=reader.pk)
    people = people.filter(Q(role__in=SELLING_ROLES) | Q(pk__in=Quota.objects.values("user_id")))
    return people if sight == ALL else people.filter(pk__in=reader.team_user_ids)


def teams_of(reader: User) -> QuerySet[Team]:
    """Teams whose standing `reader` may see."""
    teams = Team.objects.order_by("path")
    sight = reader.sight("sales")
    if sight == ALL:
        return teams
    if sight == OWN:
        return teams.none()
    inside = Q(pk=None)
    for path in [*reader.manages.values_list("path", flat=True), *([reader.team.path] if reader.team else [])]:
        inside |= Q(path__startswith=path)
    return teams.filter(inside)


def team_standings(reader: User, span: Span, today: date) -> list[Standing]:
    """Teams with members below them; a team without a quota of its own has the sum of its people's."""
    teams = list(teams_of(reader))
    currency = organisation().currency
    quotas = {q.team_id: q for q in Quota.objects.filter(team__in=teams, period=span.period, starts_on=span.start)}
    members = {user.pk: user.team.path for user in User.objects.exclude(team=None).select_related("team") if user.team}
    won = won_by_owner(members, span.start, span.end)
    own = dict(
        Quota.objects.filter(user__in=members, period=span.period, starts_on=span.start).values_list(
            "user_id", "amount_minor"
        )
    )
    rows = []
    for team in teams:
        inside = [pk for pk, path in members.items() if path.startswith(team.path)]
        quota = quotas.get(team.pk)
        summed = sum(own.get(pk, 0) for pk in inside) or None
        rows.append(
            Standing(
                span=span,
                currency=quota.currency if quota else currency,
                won_minor=sum(won.get(pk, 0) for pk in inside),
                quota_minor=quota.amount_minor if quota else summed,
                elapsed=elapsed_share(span, today),
                team=team,
                quota_id=quota.pk if quota else None,
            )
        )
    return rows


def together(rows: list[Standing], span: Span, today: date) -> Standing:
    """All rows as one."""
    quota = sum(row.quota_minor or 0 for row in rows)
    return Standing(
        span=span,
        currency=rows[0].currency if rows else organisation().currency,
        won_minor=sum(row.won_minor for row in rows),
        quota_minor=quota or None,
        elapsed=elapsed_share(span, today),
    )


def moment(firm: Organisation, day: date) -> datetime:
    """Midnight at the start of `day` in the organisation's zone."""
    return datetime.combine(day, time.min, zoneinfo.ZoneInfo(firm.zone))


def _won(firm: Organisation, start: date, end: date) -> QuerySet[Deal]:
    return Deal.objects.live().filter(
        state=Deal.State.WON, closed_at__gte=moment(firm, start), closed_at__lt=moment(firm, end)
    )


def _owned_by(who: User | Team | None) -> Q:
    if who is None:
        return Q()
    if isinstance(who, User):
        return Q(owner=who)
    return Q(owner__in=User.objects.filter(team__path__startswith=who.path))
