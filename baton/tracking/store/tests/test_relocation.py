"""All events go to another engine and back, and none is lost, doubled or changed, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from baton.tracking.store import append
from baton.tracking.store.hold import digest_of, is_held
from baton.tracking.store.models import EventTail, StoreMove
from baton.tracking.store.mover import move
from baton.tracking.store.relocation import shown
from baton.tracking.store.tests.made import START, an_event
from baton.tracking.store.tests.there_and_back import COUNT
from tests.home import migrated_home

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = "import django; django.setup(); from baton.tracking.store.tests.there_and_back import main; main()"
SMALL = 12  # events that came one by one


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on the way, in a process of its own: chdb allows one store per process."""
    home = migrated_home(tmp_path_factory.mktemp("there"))
    environ = {**os.environ, "BATON_HOME": str(home), "EVENTS_URL": "", "DJANGO_SETTINGS_MODULE": "baton.web.settings"}
    environ.pop("DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads((home / "told.json").read_text())


@pytest.mark.slow
@pytest.mark.own_sqlite
class TestThereAndBack:
    def test_a_killed_copy_goes_on_and_holds_every_row_once(self, told: dict[str, Any]) -> None:
        assert told["killed"] == ["2026-02"]
        assert told["copied"] >= COUNT + SMALL
        assert told["alike"] is True

    def test_meanwhile_events_come_and_wait_and_nothing_is_moved_merged_or_erased(self, told: dict[str, Any]) -> None:
        assert told["held"] == [0, 0, 0]
        assert told["waiting"] == {"tail": 2, "moved": told["copied"]}
        assert "Events are copied to chdb:" in " ".join(told["sick"])

    def test_once_the_other_engine_is_in_use_what_waited_is_brought(self, told: dict[str, Any]) -> None:
        assert told["brought"] == 2
        assert told["there"] == {"tail": 0, "moved": told["copied"] + 2}
        assert "baton events clear files" in " ".join(told["left"])

    def test_who_asked_to_be_erased_meanwhile_goes_from_both(self, told: dict[str, Any]) -> None:
        assert told["erased"] == [0, 0]

    def test_the_way_back_gives_the_same_rows(self, told: dict[str, Any]) -> None:
        assert told["back"] is True
        assert told["last"] == 1

    def test_what_cannot_be_is_refused_in_words(self, told: dict[str, Any]) -> None:
        assert "already" in told["same"]
        assert "baton events clear" in told["full"]
        assert told["in use"] == "This engine is in use. Nothing was removed."
        assert told["given up"] == ["files", "No events are being copied."]
        assert "baton events stay" in told["spoilt"]


@pytest.mark.django_db(databases=["default", "events"])
def test_nothing_leaves_the_tail_until_the_copy_is_in_use_or_given_up() -> None:
    append([an_event(START)], consumed=True)
    under_way = StoreMove.objects.create(target=digest_of("files"), shown="files", started_at=timezone.now())
    assert is_held()
    assert move(now=timezone.now()) == 0
    under_way.ready_at = timezone.now()
    under_way.save()
    assert move(now=timezone.now()) == 1
    assert not EventTail.objects.exists()
    assert not StoreMove.objects.exists()


def test_an_address_is_shown_without_its_password() -> None:
    assert shown("clickhouse://me:secret@events.example:8123/baton?x=1") == "clickhouse://events.example:8123/baton"
    assert shown("files") == "files"
