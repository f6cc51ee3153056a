"""Three processes writing to SQLite at once: nobody ever sees "database is locked"."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from baton.platform.db import is_sqlite, optimize, write_turn
from baton.platform.search.models import SearchRow
from tests.home import migrated_home

WRITER = """
import django, sys
django.setup()
from django.db import transaction
from baton.platform.accounts.models import User
from baton.platform.db import write_turn
from baton.people.contacts.models import Contact
for batch in range(20):
    with write_turn(), transaction.atomic():
        Contact.objects.bulk_create(Contact(last_name=f"{sys.argv[1]}-{batch}-{n}") for n in range(100))
"""
PERSON = """
import django
django.setup()
from baton.people.contacts.models import Contact
for number in range(60):
    Contact.objects.create(last_name=f"typed {number}")
"""


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_two_greedy_workers_and_a_person_write_at_once_without_an_error(tmp_path: Path) -> None:
    environ = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "BATON_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "baton.web.settings",
    }
    migrated_home(tmp_path)
    running = [
        subprocess.Popen([sys.executable, "-c", code, name], env=environ, stderr=subprocess.PIPE, text=True)
        for code, name in [(WRITER, "a"), (WRITER, "b"), (PERSON, "p")]
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors
    count = (
        "import django; django.setup();from baton.people.contacts.models import Contact; print(Contact.objects.count())"
    )
    ran = subprocess.run([sys.executable, "-c", count], env=environ, check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "4060"


@pytest.mark.django_db
def test_who_holds_a_transaction_never_waits_for_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[object] = []
    monkeypatch.setattr(fcntl, "flock", lambda *asked: waited.append(asked))
    with write_turn():  # the test itself runs in a transaction
        pass
    assert waited == []


@pytest.mark.django_db
@pytest.mark.skipif(not is_sqlite(), reason="PostgreSQL analyses by itself")
def test_sqlite_learns_how_large_its_tables_are() -> None:
    SearchRow.objects.bulk_create(SearchRow(kind="contact", thing_id=n, side="people") for n in range(300))
    optimize(None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'platform_searchrow'")
        assert {stat.split()[0] for (stat,) in cursor.fetchall()} == {"300"}
