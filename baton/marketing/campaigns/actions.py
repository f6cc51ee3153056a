"""The verbs of campaigns: save one, say whom it is for, add a cost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from baton.marketing.campaigns.models import Campaign, CampaignCost
from baton.marketing.segments.models import Segment
from baton.platform import journal
from baton.platform.accounts.models import User


@transaction.atomic
def save_campaign(campaign: Campaign, values: dict[str, Any], *, actor: User, now: datetime) -> Campaign:
    """Create or change a campaign; the journal keeps before and after."""
    before = {name: getattr(campaign, name) for name in values} if campaign.pk else None
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.changed_at = now
    campaign.save()
    journal.record("campaign.saved", campaign, actor=actor, before=before, after=values)
    return campaign


@transaction.atomic
def add_segment(campaign: Campaign, segment: Segment, *, actor: User) -> None:
    """Make a segment part of whom a campaign is for; again is no change."""
    if not campaign.segments.filter(pk=segment.pk).exists():
        campaign.segments.add(segment)
        journal.record("campaign.segment_added", campaign, actor=actor, segment=segment.pk, name=segment.name)


@transaction.atomic
def remove_segment(campaign: Campaign, segment: Segment, *, actor: User) -> None:
    """A campaign is no longer for a segment; emails that were written to it stay as they are."""
    if campaign.segments.filter(pk=segment.pk).exists():
        campaign.segments.remove(segment)
        journal.record("campaign.segment_removed", campaign, actor=actor, segment=segment.pk, name=segment.name)


@transaction.atomic
def add_cost(campaign: Campaign, *, on: date, amount_minor: int, note: str, actor: User) -> CampaignCost:
    """Record money spent; a correction is another cost, negative where need be."""
    cost = CampaignCost.objects.create(campaign=campaign, on=on, amount_minor=amount_minor, note=note, actor=actor)
    journal.record("campaign.cost_added", campaign, actor=actor, on=on, amount=amount_minor, note=note)
    return cost
