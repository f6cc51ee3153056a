"""Print a report: the pipeline, or leads by origin.

The pages under Reports show the same figures.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from baton.measure.origins.reads import origins_report
from baton.measure.pipeline.reads import pipeline_report
from baton.platform.money import decimals

REPORTS = {"pipeline": pipeline_report, "origins": origins_report}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", choices=list(REPORTS))
    parser.add_argument("--format", choices=["table", "json"], default="table")


def run(args: argparse.Namespace) -> int:
    report = REPORTS[args.report]()
    if args.format == "json":
        print(json.dumps(report, indent=1))
        return 0
    for name, value in report.items():
        if isinstance(value, list):
            print(f"{name}:")
            for row in value:
                print("  " + ", ".join(f"{key} {_shown(key, one, row)}" for key, one in row.items()))
        else:
            print(f"{name}: {value:,}")
    return 0


def _shown(key: str, value: Any, row: dict[str, Any]) -> str:
    if key.endswith("_minor") and value is not None:
        return f"{value / 10 ** decimals(row.get('currency', 'USD')):,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value or "(none)")
