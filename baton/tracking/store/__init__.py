"""The event store: a tail that is durable at once, files (or ClickHouse) behind it, and questions over both."""

from baton.tracking.store.append import append, record_event
from baton.tracking.store.ask import ask, ask_table, ask_walks
from baton.tracking.store.columns import Event
from baton.tracking.store.health import counted_events, store_health
from baton.tracking.store.recent import ask_recent, recent

__all__ = [
    "Event",
    "append",
    "ask",
    "ask_recent",
    "ask_table",
    "ask_walks",
    "counted_events",
    "recent",
    "record_event",
    "store_health",
]
