"""Checks of the parts that only some get: a segment that is in the bin, or gone, tells nobody apart any more."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from baton.marketing.email.mailing import writing_of
from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting, Writing
from baton.marketing.preflight.rules import WARN, Finding
from baton.marketing.segments.models import Segment
from baton.marketing.trials.models import trial_of


def condition_findings(broadcast: Broadcast, made: Writing) -> Iterator[Finding]:
    """A warning for each segment that a part of the email, or of a variant of its A/B test, asks for in vain."""
    in_email = dict.fromkeys(sorted(made.segments), "")
    asked = {**_of_variants(broadcast), **in_email}
    found = Segment.objects.in_bulk(list(asked))
    for number, letter in sorted(asked.items()):
        segment = found.get(number)
        if segment is None or segment.deleted_at:
            yield _finding(broadcast, number, segment, letter)


def _of_variants(broadcast: Broadcast) -> dict[int, str]:
    """Which variant asks for which segment; one that cannot be compiled is told of by another check."""
    trial = trial_of(broadcast)
    found: dict[int, str] = {}
    for variant in trial.variants.all() if trial else []:
        try:
            asked = writing_of(variant.of(broadcast)).segments
        except BadWriting:
            continue
        found |= dict.fromkeys(sorted(asked), variant.letter)
    return found


def _finding(broadcast: Broadcast, number: int, segment: Segment | None, letter: str) -> Finding:
    if segment is None:
        what = _("A part of it is for segment %(number)s, which does not exist any more.") % {"number": number}
    else:
        what = _("A part of it is for the segment “%(name)s”, which is in the bin.") % {"name": segment.name}
    mend = _("Nobody new comes into that segment: whoever should read the part may not. Choose another for it.")
    if letter:
        place, words = reverse("edit_ab_test", args=[broadcast.pk]), _("Open variant %(letter)s") % {"letter": letter}
    elif broadcast.has_own_source:
        place, words = reverse("visual_editor", args=[broadcast.pk]), _("Open the part in the editor")
    else:
        place, words = reverse("edit_email", args=[broadcast.pk]), _("Open the words")
    return Finding(f"condition.{number}", WARN, what, mend, link=place, link_words=words)
