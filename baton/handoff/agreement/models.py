"""The agreement's table. One row is one version of the lead SLA."""

from __future__ import annotations

from datetime import date, time

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.handoff.agreement.reasons import DEFAULT_REASONS
from baton.handoff.agreement.rules import BusinessHours, Terms
from baton.people.lifecycle.rules import CUSTOMER, DISQUALIFIED, EVANGELIST, OPPORTUNITY

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def default_hours() -> dict[str, list[str]]:
    return {day: ["09:00", "17:00"] for day in WEEKDAYS[:5]}


def default_reasons() -> list[dict[str, str]]:
    return [dict(reason) for reason in DEFAULT_REASONS]


class Agreement(models.Model):
    """A draft is edited by both sides, active once approved, retired by its successor; then it never changes.

    Handoffs keep the version they were made under. `reasons` are the reject reasons, each with what it does.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Retired")

    version = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    fit_at_least = models.PositiveIntegerField(_("Fit at least"), default=50)
    engagement_at_least = models.PositiveIntegerField(_("Engagement at least"), default=50)
    accept_within_minutes = models.PositiveIntegerField(_("Accept within, working minutes"), default=120)
    attempt_within_minutes = models.PositiveIntegerField(_("First attempt within, working minutes"), default=240)
    max_assignments = models.PositiveSmallIntegerField(_("Reps asked before the manager"), default=3)
    rest_days = models.PositiveSmallIntegerField(_("Days of rest after a rejection for nurturing"), default=60)
    zone = models.CharField(_("Zone of the business hours"), max_length=60, default="UTC")
    hours = models.JSONField(default=default_hours)
    holidays = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=default_reasons)
    note = models.TextField(_("What changed and why"), default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="active"), name="agreement_active_once"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="draft"), name="agreement_draft_once"),
        ]

    def __str__(self) -> str:
        return f"Lead SLA {self.version}"

    @property
    def terms(self) -> Terms:
        return Terms(
            fit_at_least=self.fit_at_least,
            engagement_at_least=self.engagement_at_least,
            excluded_stages=frozenset({OPPORTUNITY, CUSTOMER, EVANGELIST, DISQUALIFIED}),
        )

    @property
    def business_hours(self) -> BusinessHours:
        return BusinessHours(
            zone=self.zone,
            days={
                WEEKDAYS.index(day): (time.fromisoformat(span[0]), time.fromisoformat(span[1]))
                for day, span in self.hours.items()
            },
            holidays=frozenset(date.fromisoformat(day) for day in self.holidays),
        )

    def reason(self, key: str) -> dict[str, str] | None:
        return next((reason for reason in self.reasons if reason["key"] == key), None)
