"""What the figures of an A/B test mean, in plain words."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from baton.marketing.trials.models import Trial
from baton.marketing.trials.reads import Lift, Result
from baton.marketing.trials.rules import HELD, REST
from baton.marketing.trials.statistics import SURE


def chance_words(chance: float | None) -> str:
    """How often such a difference comes about when there is none."""
    if chance is None:
        return _("too few people to tell")
    if chance < 0.001:
        return _("chance alone would do this less than once in 1,000 times")
    if chance > 0.3:
        return _("may well be chance")
    return _("chance alone would do this once in %(n)s times") % {"n": number_format(round(1 / chance))}


def variant_words(part: str) -> str:
    """Which part of the audience a letter on the ledger means; "" for none."""
    if part in (HELD, REST):
        return _("held out") if part == HELD else _("waits for the winner")
    if part.islower():
        return _("variant %(letter)s, sent to the rest") % {"letter": part.upper()}
    return _("variant %(letter)s, tested") % {"letter": part} if part else ""


def verdict_words(trial: Trial, result: Result) -> str:
    """What came of the test, in a sentence or two."""
    if trial.verdict == Trial.Verdict.CLEAR:
        return _("Variant %(letter)s won; its lead is more than chance.") % {"letter": trial.winner}
    if trial.verdict == Trial.Verdict.LEADER:
        return _(
            "No difference was certain when the time was over. Variant %(letter)s led and was taken, as was set."
        ) % {"letter": trial.winner}
    if trial.verdict == Trial.Verdict.PERSON:
        name = trial.decided_by.name if trial.decided_by else _("Somebody")
        return _("%(name)s chose variant %(letter)s.") % {"name": name, "letter": trial.winner}
    if trial.verdict == Trial.Verdict.UNCLEAR:
        return _("No difference was certain when the time was over. The rest waits for a person to choose.")
    return ""


def is_certain(chance: float | None) -> bool:
    """Whether a lead is more than chance."""
    return chance is not None and chance < SURE


def lift_words(lift: Lift) -> str:
    """What the email brought."""
    if not lift.held.of or not lift.mailed.of:
        return _("There is nobody to compare yet.")
    if lift.low > 0:
        return _("The email brought conversions that would not have come without it.")
    if lift.high < 0:
        return _("Those who got nothing converted more: the email did harm.")
    return _("No difference is certain: the interval includes zero, so the email may have brought nothing.")
