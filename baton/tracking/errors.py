"""What can go wrong on this side: questions asked wrongly, events refused, claims forged."""

from baton.platform.errors import OutsideFault, Refusal


class TrackingRefusal(Refusal):
    """Root of this side's refusals; nothing was stored or changed."""


class BadEvent(TrackingRefusal):
    """An event cannot be stored as sent; the sentence says which part is wrong."""


class EventDropped(BadEvent):
    """One event of many cannot be taken: `reason` is one of collect/reported.py's REASONS."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class UnknownQuestion(TrackingRefusal):
    """No file of that name among the questions."""


class BadParameter(TrackingRefusal):
    """A question was asked with a parameter missing, unknown or of the wrong kind."""


class ForgedLink(TrackingRefusal):
    """A link's token was not made by this installation or has run out."""


class MovedMeanwhile(TrackingRefusal):
    """Another process has just moved, merged or swept the same rows or files; this attempt was undone."""


class CannotCopy(TrackingRefusal):
    """Events cannot be copied to another engine as asked; those that are in use are as they were."""


class StoreAway(OutsideFault):
    """The engine that holds moved events does not answer; the tail keeps everything until it does."""
