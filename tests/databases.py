"""The databases of the tests: migrated once and then copied, and emptied by what was filled.

Django migrates anew for every process of the tests, a quarter of a minute each; and after a test that commits it
empties every table there is, filled or not, which takes PostgreSQL seconds (a file for each table and index), and
writes the names of all models again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from django.db import connections, transaction
from django.test import TransactionTestCase

from tests.home import kept_home, migrated_postgres

NAMES_OF_MODELS = {"django_content_type", "auth_permission"}  # the same after every test as before it


@contextmanager
def copies() -> Iterator[None]:
    """The databases Django's settings name for the tests, migrated; gone afterwards."""
    if connections["default"].vendor == "postgresql":
        place = connections["default"].creation._get_test_db_name()
        with migrated_postgres(os.environ["DATABASE_URL"], place):
            yield
            for connection in connections.all():
                connection.close()
        return
    with ExitStack() as held:
        for alias, file in (("default", "baton.sqlite3"), ("events", "events.sqlite3")):
            memory = sqlite3.connect(connections[alias].creation._get_test_db_name(), uri=True)
            held.enter_context(closing(memory))  # a database in memory is there while somebody has it open
            with closing(sqlite3.connect(kept_home() / file)) as kept:
                kept.backup(memory)
        yield


def empty_what_was_filled(case: TransactionTestCase) -> None:
    """What Django does after a test that commits, asking first which tables hold anything."""
    for alias in case._databases_names(include_mirrors=False):
        connection = connections[alias]
        quoted = connection.ops.quote_name
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        asked = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in tables - NAMES_OF_MODELS]
        if not asked:  # on PostgreSQL `events` has no tables of its own
            continue
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {quoted(name)}")
