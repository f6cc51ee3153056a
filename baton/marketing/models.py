"""Contents page: every table of this side."""

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.drafting.models import Picture, Version
from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.marketing.forms.models import Form, FormSubmission
from baton.marketing.journeys.models import Journey, JourneyCount, JourneyPassage, JourneyRun, JourneyVersion
from baton.marketing.pacing.models import LaneHold, Throttle, WarmUp
from baton.marketing.preflight.models import Look, Override
from baton.marketing.reading.models import MailHit
from baton.marketing.scoring.models import ScoreReason, ScoreRule
from baton.marketing.segments.models import (
    ContactList,
    FillMissed,
    FillPart,
    FollowState,
    LeafMembers,
    ListMember,
    Segment,
    SegmentFill,
    SegmentMember,
    SegmentSize,
    TouchedContact,
)
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.trials.models import Trial, TrialVariant

__all__ = [
    "Broadcast",
    "BroadcastLink",
    "Campaign",
    "CampaignCost",
    "ContactList",
    "FillMissed",
    "FillPart",
    "FollowState",
    "Form",
    "FormSubmission",
    "Journey",
    "JourneyCount",
    "JourneyPassage",
    "JourneyRun",
    "JourneyVersion",
    "LaneHold",
    "LeafMembers",
    "ListMember",
    "Look",
    "MailHit",
    "MailTemplate",
    "Override",
    "Picture",
    "ProviderCount",
    "ScoreReason",
    "ScoreRule",
    "Segment",
    "SegmentFill",
    "SegmentMember",
    "SegmentSize",
    "Throttle",
    "TouchedContact",
    "TransactionalMail",
    "Trial",
    "TrialVariant",
    "Version",
    "WarmUp",
]
