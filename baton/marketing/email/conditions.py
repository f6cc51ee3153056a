"""Parts of an email that only some get: by the segments that each reader is in when the mail is made.

In the source a section says `shown-to="segment-12"` or `shown-to="not-segment-12"`; anywhere in the words the Liquid
test `contact.segments contains 12` does the same. What stays out is not in that person's mail at all.
"""

from __future__ import annotations

from baton.marketing.email.writing import Person
from baton.marketing.segments.models import SegmentMember
from baton.platform.db import among


def with_segments(people: dict[int, Person], segments: frozenset[int]) -> dict[int, Person]:
    """The same people, each with those of these segments they are in now. One question for all; none for no segment."""
    if not segments or not people:
        return people
    stays = SegmentMember.objects.filter(segment__in=segments, contact__in=among(people), left_at=None)
    found: dict[int, list[int]] = {}
    for contact, segment in stays.values_list("contact_id", "segment_id"):
        found.setdefault(contact, []).append(segment)
    return {pk: person._replace(segments=tuple(found.get(pk, ()))) for pk, person in people.items()}
