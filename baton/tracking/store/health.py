"""Is the store sound, and how much is in it: for `baton doctor` and for comparing a backup with what it was made of."""

from __future__ import annotations

from django.conf import settings

from baton.platform.errors import OutsideFault
from baton.tracking.store import parquet
from baton.tracking.store.engines import engine
from baton.tracking.store.engines.files import Files
from baton.tracking.store.hold import is_held
from baton.tracking.store.models import EventFile, EventTail, StoreMove

LONG_TAIL = 200_000


def store_health() -> list[str]:
    """What is wrong, in sentences that say what to do; empty when tail, catalog and files agree."""
    found = []
    for file in EventFile.objects.filter(replaced_at=None):
        path = parquet.folder() / file.path
        if not path.exists():
            found.append(f"{path} is in the catalog but not on the disk: {file.rows} events. Restore it from a backup.")
        elif path.stat().st_size != file.size:
            found.append(f"{path} has {path.stat().st_size} bytes instead of {file.size}. Restore it from a backup.")
    waiting = EventTail.objects.count()
    if waiting > LONG_TAIL:
        found.append(f"{waiting} events wait to be moved. Is `baton work` or `baton up` running?")
    if (under_way := StoreMove.objects.first()) and is_held():
        found.append(
            f"Events are copied to {under_way.shown} since {under_way.started_at:%Y-%m-%d %H:%M} UTC and new ones "
            "wait in the tail. Finish it (set EVENTS_URL and restart), or give it up: baton events stay."
        )
    if not isinstance(engine(), Files) and (left := Files().count()):
        found.append(f"{left} events are still in files that are not in use. Remove them: baton events clear files.")
    if settings.EVENTS_URL:
        try:
            engine().count()
        except OutsideFault as error:
            found.append(f"{error} Events are kept in the tail until it answers. Check EVENTS_URL.")
    return found


def counted_events() -> dict[str, int]:
    """Events in the tail and in the engine behind it; a restored backup must give the same."""
    return {"tail": EventTail.objects.count(), "moved": engine().count()}
