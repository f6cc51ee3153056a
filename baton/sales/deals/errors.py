"""What can be refused about a deal. Every sentence is for the person who asked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baton.platform.errors import Refusal
from baton.platform.record import ChangedMeanwhile

__all__ = [
    "ChangedMeanwhile",
    "DealIsClosed",
    "DealMustStay",
    "NoPipeline",
    "StageDemandsMissing",
    "StageOfOtherPipeline",
]


class DealIsClosed(Refusal):
    """The deal is won or lost already; reopen it first."""


class StageOfOtherPipeline(Refusal):
    """The stage belongs to another pipeline than the deal."""


class DealMustStay(Refusal):
    """The deal counts elsewhere, so it cannot go to the bin."""


class NoPipeline(Refusal):
    """There is no active pipeline with a stage that a deal could enter."""


class StageDemandsMissing(Refusal):
    """The stage asks for fields the deal does not have yet; `fields` lists their keys."""

    def __init__(self, stage: str, fields: list[str], labels: list[str]) -> None:
        super().__init__(
            _("%(stage)s needs first: %(fields)s.") % {"stage": stage, "fields": ", ".join(labels)},
        )
        self.fields = fields
