"""The event database's tables: tail, catalogs, what was seen, what is to be erased, counts and the day's salt.

They live in the alias `events` (baton/web/databases.py) and have no key to any table outside it.
"""

from __future__ import annotations

from django.db import models


class EventTail(models.Model):
    """An event that is not yet in a file, durable since the beacon answered.

    `row` is a JSON array in the order of columns.COLUMNS. The projector sets `consumed`; the mover gives consumed rows
    a `block` and deletes them when the block is written. Nothing else changes a row.
    """

    event = models.CharField(max_length=32, unique=True)
    row = models.TextField()
    consumed = models.BooleanField(default=False)
    block = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(consumed=False), name="tail_not_consumed"),
            models.Index(fields=["block"], condition=~models.Q(block=""), name="tail_in_block"),
        ]

    def __str__(self) -> str:
        return self.event


class EventFile(models.Model):
    """One Parquet file under BATON_HOME/events, immutable. Replaced by a merge or an erasure it stays until the grace
    time is over, for questions that still read it.
    """

    path = models.CharField(max_length=200, unique=True)
    month = models.CharField(max_length=7)
    rows = models.BigIntegerField()
    size = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    made_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["month"], condition=models.Q(replaced_at=None), name="file_in_use")]

    def __str__(self) -> str:
        return self.path


class VisitDay(models.Model):
    """A UTC day of which events lie in files, and where the visits that begin on it are kept as rows.

    Days may share a file; `path` is empty where no visit begins. `reaches` is the last sign of the day's visits. What
    is stale, in building or made by other `rules` is not believed: questions work those days out from events.
    """

    day = models.DateField(primary_key=True)
    path = models.CharField(max_length=200, default="")
    reaches = models.DateTimeField(null=True)
    rules = models.PositiveIntegerField(default=0)
    is_stale = models.BooleanField(default=True)
    building = models.CharField(max_length=32, default="")
    made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.day}"


class EventSeen(models.Model):
    """The id of a moved event, kept until `until` so that a repeat is known."""

    event = models.CharField(max_length=32, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.event


class EventErasure(models.Model):
    """A person whose events are to go: hidden from the moment of the row, gone from the files at `done_at`."""

    contact = models.BigIntegerField(null=True)
    visitors = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"contact {self.contact}"


class EventCount(models.Model):
    """Events refused per day and reason, so that nothing is dropped without a trace."""

    day = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="event_count_once")]

    def __str__(self) -> str:
        return f"{self.reason} {self.count}"


class EventSalt(models.Model):
    """The random key of one day's anonymous visitors. Deleted afterwards: then nobody can tell who they were."""

    day = models.DateField(unique=True)
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.day)


class StoreMove(models.Model):
    """Events on their way to another engine; while the row is there nothing is moved out of the tail, merged or erased.

    `target` is a digest of the engine's address, which may hold a password, and `shown` the address without it.
    `months` are done: the month with its number of events. It is over when the engine in use is the target.
    """

    only = models.PositiveSmallIntegerField(default=1, unique=True)
    target = models.CharField(max_length=64)
    shown = models.CharField(max_length=300)
    months = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.shown
