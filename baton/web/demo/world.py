"""What the makers of the demo company share: the day it ends, chance from a fixed seed, and who works there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from baton.marketing.campaigns.models import Campaign
from baton.marketing.email.models import Broadcast
from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product

T = TypeVar("T")
SEED = 20260310
DAYS = 365
CURRENCY = "EUR"


@dataclass
class World:
    """The company under construction. `now` is its last moment; `chance` the only source of randomness."""

    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    users: dict[str, list[User]] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    pipeline: Pipeline | None = None
    stages: list[Stage] = field(default_factory=list)
    emails: list[Broadcast] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    waiting: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return self.now - timedelta(days=DAYS)

    def aside(self, number: int) -> World:
        """The same company with a chance of its own: what is made with it moves no figure that others make."""
        return replace(self, chance=random.Random(SEED + number))

    def one_of(self, weighted: dict[T, int]) -> T:
        """A key of `weighted`, as often as its weight says."""
        return self.chance.choices(list(weighted), list(weighted.values()))[0]

    def pick(self, things: Sequence[T]) -> T:
        return self.chance.choice(things)

    def moment(self, first: datetime, last: datetime) -> datetime:
        """Some moment between two, in working hours more often than not, never after the last moment."""
        last = max(first, min(last, self.now))
        found = first + (last - first) * self.chance.random()
        if self.chance.random() < 0.8 and found.weekday() < 5:
            found = found.replace(hour=self.chance.randrange(7, 17), minute=self.chance.randrange(60))
        return min(max(found, first), last)

    def morning(self, days_ago: int) -> datetime:
        """Nine o'clock UTC of a working day about so many days ago."""
        day = self.now - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return day.replace(hour=9, minute=0, second=0, microsecond=0)

    def later(self, moment: datetime, days: float) -> datetime:
        """About `days` after `moment` (exponential); what would lie ahead falls anywhere between the two."""
        found = moment + timedelta(days=self.chance.expovariate(1 / days))
        return found if found <= self.now else moment + (self.now - moment) * self.chance.random()
