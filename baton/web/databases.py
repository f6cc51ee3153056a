"""Which tables live in which database: events and their catalog in `events`, everything else in `default`."""

from typing import Any

from django.conf import settings

EVENT_TABLES = {"eventtail", "eventfile", "eventseen", "eventerasure", "eventcount", "eventsalt", "visitday"}


class EventsRouter:
    """Sends the event store's tables to the `events` alias. No key and no transaction crosses the two."""

    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return "events" if _is_event_table(model._meta.app_label, model._meta.model_name) else None  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        if _same_database():
            return db == "default"  # PostgreSQL: `events` is a second connection to the same tables
        return (db == "events") == _is_event_table(app_label, model_name)


def _is_event_table(app_label: str, model_name: str | None) -> bool:
    return app_label == "tracking" and model_name in EVENT_TABLES


def _same_database() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
