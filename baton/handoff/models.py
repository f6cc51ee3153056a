"""Contents page: every table of this side."""

from baton.handoff.agreement.models import Agreement
from baton.handoff.assignments.models import Handoff
from baton.handoff.routing.models import Seat

__all__ = ["Agreement", "Handoff", "Seat"]
