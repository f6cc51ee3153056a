"""Engines that hold moved events and answer questions: one dictionary, one contract test over it."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from baton.tracking.store.engines.base import Engine


def engine() -> Engine:
    """The engine EVENTS_URL names; Parquet files under BATON_HOME when it names none."""
    return engine_at(settings.EVENTS_URL)


def engine_at(address: str) -> Engine:
    """The engine an address names, in use or not."""
    return _engine(address, str(settings.BATON_HOME))


@cache
def _engine(url: str, home: str) -> Engine:
    if urlsplit(url).scheme in ("clickhouse", "clickhouses", "chdb"):
        from baton.tracking.store.engines.clickhouse import ClickHouse

        return ClickHouse(url)
    from baton.tracking.store.engines.files import Files

    return Files()
