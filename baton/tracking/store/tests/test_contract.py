"""Every question of the product gives the same rows on every engine, over the same events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from baton.tracking.store.questions import Question, paths, question, read_question
from baton.tracking.store.tests.made import END, START
from tests.home import migrated_home

ROOT = Path(__file__).resolve().parents[4]
_PROGRAM = "import django; django.setup(); from baton.tracking.store.tests.ask_both import main; main()"

SPANS = [
    {},
    {"since": START + timedelta(days=8, hours=3), "until": END - timedelta(days=8, hours=5)},
    {"since": START + timedelta(hours=1), "until": START + timedelta(hours=2)},
]
GIVEN = {
    "contacts": [1, 2, 3, 4, 5, 40],
    "contact": 3,
    "visitor": "v7",
    "name": "pageview",
    "prop": "plan",
    "of": "plan",
    "at_least": 2,
    "zone": "Europe/Berlin",
    "numbers": [1, 2],
    "texts": ["pageview", "order"],
    "names": ["pageview", "pageview", "order"],
    "patterns": ["^/", "^/pricing$", ""],
    "props": ["-", "-", "plan"],
    "held": ["", "", "ä"],
    "by": "channel",
    "most": 50,
    "first_from": START,
    "first_until": END,
    "paths": ["/", "/pricing", "/guide"],
    "sources": 3,
    "anchor": "/pricing",
    "one": "/",
    "two": "/product",
}
_BY_KIND = {
    "text": "order",
    "number": 2,
    "share": 0.5,
    "numbers": [1, 2, 3],
    "texts": ["pageview"],
    "zone": "Asia/Kolkata",
}


def asked_as(name: str) -> Question:
    """The question of that name for a funnel of GIVEN."""
    return question(name, steps=len(GIVEN["names"]))


def asked_with(name: str) -> list[dict]:
    """Parameters to ask a question with: over the whole time and over parts of it."""
    asked = asked_as(name)
    made = []
    for span in SPANS:
        values = {key: value for key, value in span.items() if key in asked.params}
        for key, kind in asked.params.items():
            if key in values or (key in asked.optional and key not in GIVEN):
                continue
            values[key] = GIVEN.get(key, END if kind == "time" else _BY_KIND.get(kind))
        made.append(values)
    return made


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, dict]:
    """What each engine answers, asked in a process of its own: chdb allows one store per process."""
    home = migrated_home(tmp_path_factory.mktemp("contract"))
    environ = {**os.environ, "BATON_HOME": str(home), "EVENTS_URL": "", "DJANGO_SETTINGS_MODULE": "baton.web.settings"}
    environ.pop("DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads((home / "answers.json").read_text())


@pytest.mark.slow
@pytest.mark.own_sqlite
@pytest.mark.parametrize("name", sorted(paths()))
def test_engines_give_the_same_rows(answers, name) -> None:
    on_files, on_clickhouse = answers["files"][name], answers["clickhouse"][name]
    assert [one.get("error") for one in (*on_files, *on_clickhouse) if "error" in one] == []
    for files, clickhouse in zip(on_files, on_clickhouse, strict=True):
        assert files["columns"] == clickhouse["columns"] == list(asked_as(name).rows)
        assert _alike(clickhouse["rows"], name) == _alike(files["rows"], name)


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_engines_tell_the_same_of_what_was_done_in_visits(answers) -> None:
    assert answers["clickhouse"]["walks"] == answers["files"]["walks"]
    assert any(details for _visit, acts in answers["files"]["walks"][0] for _moment, details in acts)


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_engines_give_the_same_funnels(answers) -> None:
    assert answers["clickhouse"]["funnels"] == answers["files"]["funnels"]
    assert answers["files"]["funnels"][0]["reached"][1] > 0
    assert answers["files"]["funnels"][1]["known"]


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_the_same_block_twice_is_stored_once_in_clickhouse(answers) -> None:
    assert answers["repeated"] == {"before": answers["events"], "after": answers["events"]}


@pytest.mark.slow
@pytest.mark.own_sqlite
def test_erased_people_are_hidden_and_then_gone_from_every_engine(answers) -> None:
    for engine in ("files", "clickhouse"):
        told = answers["erased"][engine]
        assert told["before"] > 0
        assert told["hidden"] == 0
        assert told["gone"] == 0
        assert told["left"] == answers["events"] - told["raw"]


def test_a_question_names_every_parameter_it_uses() -> None:
    from baton.tracking.errors import BadParameter

    with pytest.raises(BadParameter, match="since"):
        read_question("x", "-- X.\n-- params: until time\nSELECT :since, :until, CAST(1 AS INT)::INT")


def test_every_question_says_what_it_gives() -> None:
    for name in paths():
        asked = question(name)
        assert asked.what, name
        assert asked.rows, name


def _alike(rows: list[list], name: str) -> list[list]:
    """Rows in an order of their own where the question gives keys: engines make different ones."""
    return sorted(rows, key=json.dumps) if "key" in asked_as(name).rows.values() else rows


def json_row(row: tuple, kinds: list[str]) -> list:
    """A row as JSON holds it: times to the microsecond, shares to nine digits, nothing of keys and acts."""
    return [_json(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _json(value: object, kind: str) -> object:
    if kind in ("key", "acts"):
        return None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}"
    if isinstance(value, float):
        return round(value, 9)
    return str(value) if hasattr(value, "isoformat") else value
