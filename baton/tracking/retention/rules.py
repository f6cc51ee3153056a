"""Weeks of retention: how they are numbered, and how many are looked at. Pure."""

from __future__ import annotations

from datetime import date

FIRST_MONDAY = date(1970, 1, 5)
MOST_AFTER = 12  # weeks


def week_of(day: date) -> int:
    """The number of the week that a day lies in; weeks begin on Monday and the first one on FIRST_MONDAY."""
    return (day - FIRST_MONDAY).days // 7
