"""The verbs of pictures: add, describe, hide; and the ones to choose from."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from baton.marketing.drafting.drawing import drawn_anew
from baton.marketing.drafting.models import Picture
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.files import store_file
from baton.platform.record import fitted


def add_picture(raw: bytes, *, name: str, alt: str, actor: User, now: datetime) -> Picture:
    """Draw a picture anew and keep it at an address of its own, open to everyone. Raises BadPicture."""
    drawn = drawn_anew(raw)
    with transaction.atomic():
        file = store_file([drawn.raw], name=name, content_type=drawn.content_type, actor=actor)
        picture = Picture.objects.create(
            file=file,
            name=fitted(Picture, "name", name) or "picture",
            alt=fitted(Picture, "alt", alt),
            width=drawn.width,
            height=drawn.height,
            added_at=now,
            added_by=actor,
        )
        journal.record("picture.added", picture, actor=actor)
    return picture


@transaction.atomic
def describe_picture(picture: Picture, alt: str, *, actor: User) -> Picture:
    """Say what a picture shows, for who does not see it; mails written before keep their words."""
    if picture.alt == fitted(Picture, "alt", alt):
        return picture
    picture.alt = fitted(Picture, "alt", alt)
    picture.save(update_fields=["alt"])
    journal.record("picture.described", picture, actor=actor)
    return picture


@transaction.atomic
def hide_picture(picture: Picture, *, actor: User, now: datetime) -> Picture:
    """Offer it no more. Its address stays, for the mails that show it."""
    if picture.hidden_at:
        return picture
    picture.hidden_at = now
    picture.save(update_fields=["hidden_at"])
    journal.record("picture.hidden", picture, actor=actor)
    return picture


def offered_pictures() -> QuerySet[Picture]:
    """The newest hundred that can be chosen."""
    return Picture.objects.filter(hidden_at=None).select_related("file", "added_by")[:100]
