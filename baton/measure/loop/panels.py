"""The closed loop's figures on other sides' pages: a campaign's on both horizons, an email's after the click."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.campaigns.models import Campaign
from baton.marketing.email.models import Broadcast
from baton.measure.attribution.rules import LINEAR
from baton.measure.loop.after_click import after_click
from baton.measure.loop.reads import campaign_row
from baton.platform.accounts.models import User
from baton.platform.dates import quarter_of, today_in
from baton.platform.organisation import organisation


def figures_of_campaign(user: User, campaign: Campaign) -> tuple[str, dict[str, Any]] | None:
    """Panel on a campaign: visits to profit, on both horizons, by linear credit."""
    if not user.may("reports.view"):
        return None
    own, now = organisation(), timezone.now()
    quarter = quarter_of(today_in(own.zone, now), own.zone, year_starts=own.fiscal_year_starts)
    horizons = [
        (_("This quarter"), campaign_row(campaign, LINEAR, since=quarter.since, until=quarter.end)),
        (_("Since launch"), campaign_row(campaign, LINEAR, since=None, until=now)),
    ]
    return "measure/loop/_of_campaign.html", {"horizons": horizons, "currency": campaign.currency}


def figures_of_email(user: User, broadcast: Broadcast) -> tuple[str, dict[str, Any]] | None:
    """Panel on an email: what began with the people who clicked; nothing before it went out."""
    if not user.may("reports.view") or broadcast.started_at is None:
        return None
    return "measure/loop/_of_email.html", {"email": broadcast, "found": after_click(broadcast)}
