"""Visits as rows: worked out from events for days whose rows cannot be believed, and kept for those that can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from baton.tracking.store.acts import ACTS
from baton.tracking.store.questions import read_question

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = [
    "id", "visitor", "site", "source", "medium", "campaign", "content", "click_kind", "referrer_host", "came_from",
    "entry_path", "exit_path", "device", "browser", "system", "country", "language", "channel",
]  # fmt: skip
NUMBERS = ["views", "actions", "engaged", "contact", "unnamed", "lasting"]
SMALL_NUMBERS = [*NUMBERS, "readings.list.element.seconds", "readings.list.element.depth"]
VISITS = read_question(
    "visits_of_days",
    """
-- Visits that begin in a span, as they are kept.
-- params: since time, until time, site text
-- rows: id text
-- with: seen, page_events, computed_visits
SELECT id, visit_key, visitor, visitor_key, site, started, ended, source, medium, campaign, content, click_kind,
       referrer_host, came_from, entry_path, exit_path, device, browser, system, country, language, channel,
       page_views, pages, view_keys, page_keys, readings, misses, acts,
       CAST(views AS BIGINT) AS views, CAST(actions AS BIGINT) AS actions, CAST(engaged AS BIGINT) AS engaged,
       contact, CAST(unnamed AS BIGINT) AS unnamed, CAST(lasting AS BIGINT) AS lasting
FROM visits
ORDER BY started, id
""",
)


def schema() -> pa.Schema:
    """Arrow's schema of visits as rows, with what was done in them."""
    import pyarrow as pa

    reading = [("page", pa.uint64()), ("seconds", pa.float64()), ("depth", pa.float64())]
    miss = [("path", pa.string()), ("moment", pa.timestamp("us")), ("came_from", pa.string())]
    act = [("deed", pa.uint64()), ("moment", pa.timestamp("us")), ("details", pa.string())]
    moments = [(name, pa.timestamp("us")) for name in ("started", "ended")]
    return pa.schema(
        [(name, pa.string()) for name in TEXTS]
        + [(name, pa.uint64()) for name in ("visit_key", "visitor_key")]
        + moments
        + [(name, pa.int64()) for name in NUMBERS]
        + [(name, pa.list_(pa.string())) for name in ("page_views", "pages")]
        + [(name, pa.list_(pa.uint64())) for name in ("view_keys", "page_keys")]
        + [("readings", pa.list_(pa.struct(reading))), ("misses", pa.list_(pa.struct(miss)))]
        + [(ACTS, pa.list_(pa.struct(act)))]
    )


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of several, or of none."""
    import pyarrow as pa

    shape = schema()
    return pa.concat_tables([table.select(shape.names).cast(shape) for table in tables] or [shape.empty_table()])


def midnight(day: date) -> datetime:
    """Where a UTC day begins, naive as the engines take times."""
    return datetime(day.year, day.month, day.day)
