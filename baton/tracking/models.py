"""Contents page: every table of this side."""

from baton.tracking.channels.models import ChannelVersion
from baton.tracking.collect.models import Site
from baton.tracking.funnels.models import Funnel
from baton.tracking.goals.models import Goal
from baton.tracking.identity.models import VisitorClaim
from baton.tracking.shares.models import SharedLook
from baton.tracking.store.models import EventCount, EventErasure, EventFile, EventSalt, EventSeen, EventTail, VisitDay
from baton.tracking.weekly.models import WeeklyMail

__all__ = [
    "ChannelVersion",
    "EventCount",
    "EventErasure",
    "EventFile",
    "EventSalt",
    "EventSeen",
    "EventTail",
    "Funnel",
    "Goal",
    "SharedLook",
    "Site",
    "VisitDay",
    "VisitorClaim",
    "WeeklyMail",
]
