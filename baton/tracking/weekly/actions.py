"""Sending the week's figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from baton.platform.dates import Period, week_of
from baton.platform.jobs.models import Job
from baton.platform.money import babel_locale
from baton.platform.organisation import organisation
from baton.tracking.goals.reads import reached
from baton.tracking.website import reads
from baton.tracking.website.looks import Look
from baton.tracking.weekly.models import WeeklyMail

HOUR = 7
LINES = 5


def mail_weeks(job: Job) -> None:
    """Job, hourly: send what is due, each week once to each."""
    mail_due(now=timezone.now())


def mail_due(*, now: datetime) -> int:
    """Mail the week that ended to all who have not had it, from Monday at seven by the organisation's clock."""
    here = now.astimezone(ZoneInfo(organisation().zone))
    monday = week_of(here.date()).first
    if here.date() == monday and here.hour < HOUR:
        return 0
    waiting = WeeklyMail.objects.filter(Q(told_until=None) | Q(told_until__lt=monday), user__is_active=True)
    return sum(_mail(one, monday, now) for one in waiting.select_related("user"))


def _mail(one: WeeklyMail, monday: date, now: datetime) -> bool:
    """Marked before it is sent: a worker killed in between sends none rather than two. A fault takes the mark away."""
    if not one.user.may("marketing.view"):
        return False
    before = WeeklyMail.objects.filter(pk=one.pk, told_until=one.told_until)
    if not before.update(told_until=monday):
        return False
    try:
        with translation.override(one.user.locale or "en"):
            subject, text = letter(reads.look_at(QueryDict(one.query)), monday, now)
            send_mail(subject, text, None, [one.user.email])
    except Exception:
        WeeklyMail.objects.filter(pk=one.pk, told_until=monday).update(told_until=one.told_until)
        raise
    return True


def letter(asked: Look, monday: date, now: datetime) -> tuple[str, str]:
    """Subject and text of the week before a Monday, in the language that is on."""
    zone = organisation().zone
    look = Look("custom", Period(monday - timedelta(days=7), monday, zone), site=asked.site, chosen=asked.chosen)
    this = reads.total(look, look.period, now)
    earlier = reads.total(look, look.period.before(), now)
    locale = babel_locale(translation.get_language() or "en")
    week = f"{format_date(look.period.first, locale=locale)} – {format_date(look.last_day, locale=locale)}"
    figures = [
        (_("Visitors"), this.visitors, earlier.visitors),
        (_("Visits"), this.visits, earlier.visits),
        (_("Page views"), this.views, earlier.views),
        (_("By known contacts"), this.known, earlier.known),
    ]
    parts = [
        ", ".join(part for part in (organisation().name, week, reads.words_of(look)) if part),
        "\n".join(_figure(label, number, old, locale) for label, number, old in figures),
    ]
    for by, title in (("channel", _("Where from")), ("page", _("What they read"))):
        found = reads.lines(look, by, now, most=LINES)
        told = [(line.label, line.views if by == "page" else line.visits) for line in found]
        parts.append(_listed(title, told, locale))
    parts.append(_listed(_("Goals"), [(one.goal.name, one.visits) for one in reached(look, now)], locale))
    address = f"{settings.BATON_URL}{reverse('website')}?{look.query()}"
    parts.append(_("Look closer: %(address)s") % {"address": address})
    ends = f"{settings.BATON_URL}{reverse('website_shares')}"
    parts.append(_("No more of these mails: %(address)s") % {"address": ends})
    subject = _("Website: %(visits)s visits in the week to %(day)s") % {
        "visits": format_decimal(this.visits, locale=locale),
        "day": format_date(look.last_day, locale=locale),
    }
    return subject, "\n\n".join(part for part in parts if part) + "\n"


def _figure(label: str, number: int, before: int, locale: Locale) -> str:
    said = f"{label}: {format_decimal(number, locale=locale)}"
    if not before:
        return said
    change = format_percent((number - before) / before, format="+#,##0%;-#,##0%", locale=locale)
    return f"{said} ({_('%(change)s against the week before') % {'change': change}})"


def _listed(title: str, rows: list[tuple[str, int]], locale: Locale) -> str:
    if not rows:
        return ""
    return "\n".join([title, *(f"  {label}: {format_decimal(number, locale=locale)}" for label, number in rows)])
