"""Home of operations and the administrator: promises kept, data clean, nothing stuck."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from baton.handoff.feedback.reads import kept
from baton.measure.homes.figures import Figure
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.people.leads.rules import NEW
from baton.platform.accounts.models import User
from baton.platform.jobs.models import Job


def operations_figures(user: User, now: datetime) -> list[Figure]:
    """How the lead SLA is kept, untouched leads, fill rate, consent evidence, failed jobs."""
    period = kept(user, now - timedelta(days=28), now, now)
    old = Lead.objects.live().filter(status=NEW, owner__isnull=False, opened_at__lt=now - timedelta(days=2)).count()
    fill = Contact.objects.live().aggregate(
        all=Count("pk"),
        email=Count("pk", ~Q(email="")),
        company=Count("pk", Q(company__isnull=False)),
        title=Count("pk", ~Q(job_title="")),
    )
    cells = fill["email"] + fill["company"] + fill["title"]
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    return [
        Figure(
            label=_("Accepted of answered, 28 days"),
            value=period.share_accepted,
            kind="share",
            definition=_("New leads that sales accepted, of those accepted, sent back or run out."),
            url=reverse("handoff_review") + "?days=28",
        ),
        Figure(
            label=_("First attempt in time, 28 days"),
            value=period.share_attempted_in_time,
            kind="share",
            definition=_("Accepted leads whose first attempt came within the agreed working time."),
            url=reverse("handoff_review") + "?days=28",
        ),
        Figure(
            label=_("Leads untouched for two days"),
            value=old,
            kind="number",
            definition=_("Leads that have an owner, are still new and were opened more than two days ago."),
            url=reverse("leads") + "?status=new",
            is_worrying=bool(old),
        ),
        Figure(
            label=_("Key fields filled"),
            value=cells / (3 * fill["all"]) if fill["all"] else None,
            kind="share",
            definition=_("E-mail, company and job title: how many of the three are filled, over all contacts."),
            url=reverse("contacts"),
        ),
        Figure(
            label=_("Failed jobs"),
            value=failed,
            kind="number",
            definition=_("Background work that failed for good and waits for a decision."),
            url=reverse("operations"),
            is_worrying=bool(failed),
        ),
    ]
