"""The A/B tests' tables: the test of an email, and what its variants have instead of the email's own."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.marketing.email.models import Broadcast
from baton.marketing.trials.rules import FIRST, LETTERS, Plan
from baton.platform.tokens import new_token

OWN_WORDS = ["subject", "preheader", "sender_name", "text"]  # of a variant; empty means as in the email

SET_UP = ["test_percent", "held_percent", "metric", "goal_name", "goal_kind", "goal_match", "wait_hours", "if_unclear"]
OF_VARIANT = ["letter", *OWN_WORDS, "hours_later", "fields", "mjml"]


class Trial(models.Model):
    """The A/B test of one email. Changed by trials/actions.py alone; what is compared, only while it is a draft.

    `started_at` is set as the ledger is filled, `judged_at` once the figures were read, `decided_at` when the rest may
    go out with `winner` (a letter). The goal is kept in words, for goals may be deleted; none means a lead opened.
    """

    class Metric(models.TextChoices):
        CLICKS = "clicks", _("Clicks of people")
        CONVERSIONS = "conversions", _("Conversions")
        OPENS = "opens", _("Opens")

    class Unclear(models.TextChoices):
        LEADER = "leader", _("Send the one that leads")
        PERSON = "person", _("Wait for a person")

    class Verdict(models.TextChoices):
        CLEAR = "clear", _("The figures decided")
        LEADER = "leader", _("The one that led was taken")
        UNCLEAR = "unclear", _("Waits for a person")
        PERSON = "person", _("A person decided")

    broadcast = models.OneToOneField(Broadcast, on_delete=models.CASCADE, related_name="trial")
    salt = models.CharField(max_length=64, default=new_token)
    test_percent = models.PositiveSmallIntegerField(_("Share that is tested"), default=20)
    held_percent = models.PositiveSmallIntegerField(_("Held out"), default=0)
    metric = models.CharField(_("What decides"), max_length=12, choices=Metric.choices, default=Metric.CLICKS)
    goal_name = models.CharField(max_length=80, default="", blank=True)
    goal_kind = models.CharField(max_length=10, default="", blank=True)
    goal_match = models.CharField(max_length=200, default="", blank=True)
    wait_hours = models.PositiveSmallIntegerField(_("Waiting time"), default=24)
    if_unclear = models.CharField(
        _("If nothing is certain by then"), max_length=8, choices=Unclear.choices, default=Unclear.LEADER
    )
    started_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    winner = models.CharField(max_length=1, default="", blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="trial_open", condition=models.Q(judged_at=None))]

    def __str__(self) -> str:
        return f"A/B test of {self.broadcast}"

    @property
    def wait(self) -> timedelta:
        return timedelta(hours=self.wait_hours)

    @property
    def letters(self) -> str:
        """A, the email itself, and those of the variants."""
        return FIRST + "".join(variant.letter for variant in self.variants.all())

    @property
    def plan(self) -> Plan:
        """How the audience is cut. With nothing to compare all who are not held out get the email."""
        letters = self.letters
        share = self.test_percent / 100 if len(letters) > 1 else 1.0
        return Plan(letters, share, self.held_percent / 100)

    @property
    def is_open(self) -> bool:
        """Whether the rest still waits to be told which variant it gets."""
        return self.started_at is not None and self.decided_at is None and len(self.letters) > 1

    @property
    def first_judged_at(self) -> datetime | None:
        """The earliest moment at which the figures may be read."""
        if self.started_at is None:
            return None
        latest = max([0, *(variant.hours_later for variant in self.variants.all())])
        return self.started_at + timedelta(hours=latest) + self.wait


class TrialVariant(models.Model):
    """What one variant has of its own; what is empty is as in the email. `fields` fills the template's by name."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="variants")
    letter = models.CharField(max_length=1, choices=[(letter, letter) for letter in LETTERS[1:]])
    subject = models.CharField(_("Subject"), max_length=250, default="", blank=True)
    preheader = models.CharField(_("Preheader"), max_length=250, default="", blank=True)
    sender_name = models.CharField(_("Sender's name"), max_length=120, default="", blank=True)
    hours_later = models.PositiveSmallIntegerField(_("Hours later"), default=0)
    fields = models.JSONField(default=dict, blank=True)
    mjml = models.TextField(_("MJML source"), default="", blank=True)
    text = models.TextField(_("Plain text"), default="", blank=True)

    class Meta:
        ordering = ["letter"]
        constraints = [models.UniqueConstraint(fields=["trial", "letter"], name="trial_variant_once")]

    def __str__(self) -> str:
        return self.letter

    def of(self, broadcast: Broadcast) -> Broadcast:
        """The email with this variant's words, for making mails of it; never saved."""
        made = copy.copy(broadcast)
        for name in OWN_WORDS:
            setattr(made, name, getattr(self, name) or getattr(broadcast, name))
        if self.fields:
            made.fields = {**broadcast.fields, **self.fields}
        if self.mjml:
            made.mjml, made.has_own_source = self.mjml, True
        if (self.mjml or self.fields) and not self.text:
            made.text = ""  # the email's own plain text tells of other words than the HTML would
        return made


def trial_of(broadcast: Broadcast) -> Trial | None:
    """The email's A/B test with its variants; None where it has none."""
    return Trial.objects.filter(broadcast=broadcast.pk).prefetch_related("variants").first() if broadcast.pk else None
