"""The two real data sets, by their own scripts, into an installation of their own. Skipped where the data is absent."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"

pytestmark = [pytest.mark.slow, pytest.mark.own_sqlite]


def ran(home: Path, *command: str) -> str:
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")}
    done = subprocess.run(command, cwd=ROOT, env={**environ, "BATON_HOME": str(home)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def report(home: Path, name: str) -> dict[str, Any]:
    return json.loads(ran(home, ".venv/bin/baton", "report", name, "--format", "json"))


@pytest.mark.skipif(not (DATA / "maven_crm").exists(), reason="the data set is not here")
def test_a_hardware_sellers_pipeline_is_all_there_and_doubles_nothing(tmp_path: Path) -> None:
    ran(tmp_path, "examples/maven_crm/run.sh", str(DATA / "maven_crm"))
    found = report(tmp_path, "pipeline")
    states = {row["state"]: row for row in found["states"]}
    assert (found["companies"], found["products"], found["deals"]) == (85, 7, 8800)
    assert (states["won"]["deals"], states["won"]["amount_minor"]) == (4238, 1_000_553_400)
    assert states["lost"]["deals"] == 2473
    assert [(row["stage"], row["deals"]) for row in found["open_by_stage"]] == [
        ("Engaging", 1589),
        ("Prospecting", 500),
    ]
    assert (found["without_company"], found["margin_unknown"]) == (1425, 4238)
    assert (found["agents"], found["managers"], found["offices"]) == (35, 6, 3)
    assert sum(row["people"] for row in found["by_manager"]) == 30  # five of the 35 agents have no opportunity
    assert (len(found["by_manager"]), len({row["office"] for row in found["by_manager"]})) == (6, 3)
    ran(tmp_path, "examples/maven_crm/run.sh", str(DATA / "maven_crm"))
    assert report(tmp_path, "pipeline") == found


@pytest.mark.skipif(not (DATA / "olist_funnel").exists(), reason="the data set is not here")
def test_a_marketplaces_leads_keep_their_origins_and_their_people(tmp_path: Path) -> None:
    ran(tmp_path, "examples/olist_funnel/run.sh", str(DATA / "olist_funnel"))
    found = report(tmp_path, "origins")
    assert {row["origin"]: (row["leads"], row["won"]) for row in found["origins"]} == {
        "organic_search": (2296, 271), "paid_search": (1586, 195), "social": (1350, 75), "unknown": (1099, 179),
        "direct_traffic": (499, 56), "email": (493, 15), "referral": (284, 24), "other": (150, 4), "display": (118, 6),
        "other_publicities": (65, 3), "": (60, 14),
    }  # fmt: skip
    assert (found["leads"], found["won"], found["handed_over"]) == (8000, 842, 842)
    assert (found["qualifiers"], found["closers"], found["people_in_both_roles"]) == (32, 22, 13)
    assert (found["same_person"], found["won_before_first_contact"]) == (5, 1)
