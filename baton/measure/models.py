"""Contents page: every table of this side."""

from baton.measure.attribution.models import Credit

__all__ = ["Credit"]
