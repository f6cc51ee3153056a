"""Contents page: every table of this side."""

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.email.models import Broadcast, BroadcastLink, MailHit
from baton.marketing.forms.models import Form, FormSubmission
from baton.marketing.scoring.models import ScoreReason, ScoreRule
from baton.marketing.segments.models import Segment, SegmentMember

__all__ = [
    "Broadcast",
    "BroadcastLink",
    "Campaign",
    "CampaignCost",
    "Form",
    "FormSubmission",
    "MailHit",
    "ProviderCount",
    "ScoreReason",
    "ScoreRule",
    "Segment",
    "SegmentMember",
]
