"""Where the records behind a figure are shown."""

from __future__ import annotations

from django.urls import reverse


def behind(figure: str) -> str:
    """The page with the records that the figure of that name (behind.py) counts."""
    return reverse("home_behind", kwargs={"figure": figure})
