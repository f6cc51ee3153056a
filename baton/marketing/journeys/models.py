"""The journeys' tables: the journey, its published versions, who is under way, and the way each has gone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.marketing.campaigns.models import Campaign
from baton.marketing.journeys.rules import Step, found, segments_of, walk
from baton.marketing.segments.models import Segment
from baton.people.contacts.models import Contact
from baton.platform.record import Record, record_url


class Journey(Record):
    """`steps` is what is being edited (rules.py); people go by a published version. Changed by journeys/actions.py.

    `segment` is where it begins. `takes_members` says that those who are in it at the start are taken, not only who
    enters later; `taken_to` is the last stay of theirs that was looked at. `again_days`: who has ended it may begin
    once more so many days after they began; None for once only. Since `closed_at` nobody begins, and it ends when the
    last one is through.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    name = models.CharField(_("Name"), max_length=200)
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Campaign")
    )
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+", verbose_name=_("Begins with"))
    takes_members = models.BooleanField(_("Take who is in the segment already"), default=False)
    again_days = models.PositiveSmallIntegerField(_("May begin again after days"), null=True, blank=True)
    goal = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Goal")
    )
    stop = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Leaves when in")
    )
    leaves_with_segment = models.BooleanField(_("Leaves when no longer in the segment"), default=False)
    steps = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Who entered the segment since then, with an overlap, is looked at for beginning.
    looked_at = models.DateTimeField(null=True, blank=True)
    taken_to = models.BigIntegerField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="journey_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "journey", "journey_id", self.pk)

    def segments_asked(self) -> set[int]:
        """The segments that its steps ask for, as they are edited."""
        return {pk for step, _depth in walk(self.steps) for pk in segments_of(step)}

    def lists_asked(self) -> set[int]:
        """The contact lists that its steps put people on or take them off."""
        return {step["list"] for step, _depth in walk(self.steps) if "list" in step}

    @property
    def published(self) -> JourneyVersion | None:
        """The version by which people begin now; asked anew each time."""
        return self.versions.first()

    @property
    def is_moving(self) -> bool:
        """People are moved from step to step."""
        return self.state == self.State.RUNNING

    @property
    def takes_people(self) -> bool:
        """People begin."""
        return self.is_moving and self.closed_at is None

    @property
    def is_over(self) -> bool:
        return self.state == self.State.ENDED


class JourneyVersion(models.Model):
    """Steps as they were published; never changed. People are pinned to one."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    steps = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="journey_version_once")]

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class JourneyRun(models.Model):
    """One contact's way through a journey; `number` counts a contact's ways, the first is 0. Moved by moving.py alone.

    While under way they stand at `step` since `arrived_at`. `due_at` is when they are looked at by the clock; empty
    while they wait for a mail to be handed over. `passed` counts the steps behind them. `stay` is the segment member's
    row that brought them in; none for who was put in by hand.
    """

    class State(models.TextChoices):
        UNDER_WAY = "under_way", _("Under way")
        FINISHED = "finished", _("Finished")
        GOAL = "goal", _("Reached the goal")
        LEFT = "left", _("Left")

    # The indexes below begin with each of these; of two that fit SQLite takes the one that holds who has ended, too.
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="runs", db_index=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField(default=0)
    stay = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNDER_WAY)
    because = models.CharField(max_length=300, default="")
    step = models.CharField(max_length=12, default="")
    passed = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journey", "contact", "number"], name="journey_run_once"),
            models.UniqueConstraint(
                fields=["journey", "contact"], condition=models.Q(state="under_way"), name="journey_one_way_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["journey", "stay"], condition=models.Q(stay__isnull=False), name="journey_once_a_stay"
            ),
        ]
        indexes = [
            models.Index(fields=["journey", "due_at"], name="journey_due", condition=models.Q(state="under_way")),
            models.Index(fields=["version", "step", "id"], name="journey_standing",
                         condition=models.Q(state="under_way")),
            models.Index(fields=["journey", "-began_at", "-id"], name="journey_newest_runs"),
            models.Index(fields=["contact", "-began_at"], name="journeys_of_contact"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.journey_id}: {self.state}"

    def get_absolute_url(self) -> str:
        return record_url("marketing", "journey_run", "run_id", self.pk)

    @property
    def stands_at(self) -> Step | None:
        """The step at which they stand, by their version; None for who is through or out."""
        return found(self.version.steps, self.step) if self.state == self.State.UNDER_WAY else None


class JourneyPassage(models.Model):
    """A step that someone has passed: when they came and went, and which way and why."""

    run = models.ForeignKey(JourneyRun, on_delete=models.CASCADE, related_name="passages", db_index=False)
    place = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=12)
    arrived_at = models.DateTimeField()
    passed_at = models.DateTimeField()
    way = models.CharField(max_length=12, default="")
    because = models.CharField(max_length=300, default="")

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="journey_passage_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.run_id}"


class JourneyCount(models.Model):
    """How many have passed a step of a journey each way; kept, so that a page counts no millions."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="counts")
    step = models.CharField(max_length=12)
    way = models.CharField(max_length=12, default="")
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "step", "way"], name="journey_count_once")]

    def __str__(self) -> str:
        return f"{self.people} passed {self.step}"
