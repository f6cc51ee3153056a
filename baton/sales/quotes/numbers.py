"""Numbers of quotes and orders: one series a year, without gaps in what is kept and never twice the same."""

from __future__ import annotations

from django.db.models import F

from baton.sales.quotes.models import NumberSeries


def next_number(prefix: str, *, year: int) -> str:
    """The next number of a series: "Q-2026-0007". Call it in the action's transaction: a rollback gives it back."""
    series, _made = NumberSeries.objects.get_or_create(name=prefix, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db(fields=["last"])
    return f"{prefix}-{year}-{series.last:04d}"
