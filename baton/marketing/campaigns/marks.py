"""Where campaigns start, for curves of other pages to show."""

from __future__ import annotations

from datetime import date

from django.utils.text import Truncator

from baton.marketing.campaigns.models import Campaign

MOST = 4  # of a curve: more would hide it
LENGTH = 24


def campaigns_started(first: date, until: date) -> list[tuple[date, str]]:
    """Day and name of the campaigns that start from `first` to before `until`, the dearest of many."""
    started = Campaign.objects.filter(starts_on__gte=first, starts_on__lt=until).order_by("-budget_minor", "starts_on")
    found = [(one.starts_on, Truncator(one.name).chars(LENGTH)) for one in started[:MOST]]
    return sorted(found)
