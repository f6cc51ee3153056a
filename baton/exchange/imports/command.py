"""Import a table of contacts, companies, products, users, deals, leads, consents or events.

Says what it will do with --dry-run, keeps refused rows with their reasons, and can be repeated: what was imported
before is recognised by its external id.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from baton.exchange.imports import actions, mapping
from baton.exchange.imports.cells import DAY_FIRST, MONTH_FIRST
from baton.exchange.imports.errors import BadFile
from baton.exchange.imports.loaders import LOADERS
from baton.exchange.imports.models import ImportRun
from baton.platform.csvfile import csv_lines
from baton.platform.files import store_file

CHUNK_BYTES = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV or JSON lines; encoding and delimiter are found out")
    parser.add_argument("--as", dest="noun", required=True, choices=list(LOADERS), help="what its rows are")
    parser.add_argument("--map", type=Path, help="mapping file (TOML); default: proposed from the column names")
    parser.add_argument("--dates", choices=[DAY_FIRST, MONTH_FIRST], default="", help="order of dates that do not tell")
    parser.add_argument(
        "--dry-run", nargs="?", const="first", choices=["first", "all"], default="",
        help="only say what would become of the first rows, or of all",
    )  # fmt: skip
    parser.add_argument("--refused", type=Path, help="write refused rows with their reasons to this file")


def run(args: argparse.Namespace) -> int:
    try:
        stored = store_file(_chunks(args.file), name=args.file.name, content_type="text/csv", actor=None)
    except OSError as error:
        raise BadFile(f"{args.file} cannot be read: {error.strerror}.") from None
    draft = actions.begin(args.noun, stored, actor=None)
    wanted = mapping.from_toml(args.map, args.noun) if args.map else mapping.from_json(draft.mapping)
    settled = actions.settle_mapping(draft, wanted, dates=args.dates)
    if args.dry_run:
        return _say_rehearsal(draft, settled) if args.dry_run == "all" else _say_preview(draft, settled)
    done = actions.carry_out(_stopped_before(draft) or draft, say=_say_progress)
    counts = [f"{getattr(done, kind):,} {kind}" for kind in ("created", "updated", "skipped", "refused")]
    print(f"{args.file.name}: {', '.join(counts)}")
    if done.refused:
        _say_refused(done, args.refused)
    return 0


def _stopped_before(draft: ImportRun) -> ImportRun | None:
    """The run of the very same file and mapping that was stopped in the middle; the new draft is then dropped."""
    alike = ImportRun.objects.filter(file__sha256=draft.file.sha256, noun=draft.noun, actor=None)
    stopped = next((run for run in alike.filter(state=ImportRun.State.RUNNING) if run.mapping == draft.mapping), None)
    if stopped:
        print(f"Going on after row {stopped.rows_done:,}, where an earlier import of this file stopped.")
        draft.delete()
    return stopped


def _say_preview(draft: ImportRun, settled: mapping.Mapping) -> int:
    counts, examples = actions.preview(draft, settled)
    for column in settled.columns:
        print(f"  {column.name} -> {column.to}{' (' + column.order + ')' if column.order else ''}")
    print(
        "Of the first rows: "
        + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        + ". Nothing was imported."
    )
    for outcome, _cells in examples:
        if outcome.reason:
            print(f"  row {outcome.number}: {outcome.reason}")
    return 0


def _say_rehearsal(draft: ImportRun, settled: mapping.Mapping) -> int:
    kinds, reasons = actions.rehearse(draft, settled)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    print(f"Of all {kinds.total():,} rows: {counts}. Nothing was imported.")
    for reason, count in reasons.most_common(20):
        print(f"  {count:,} refused: {reason}")
    return 0


def _say_progress(done: ImportRun) -> None:
    if sys.stderr.isatty():
        print(f"\r  {done.rows_done:,} of {done.rows_total:,}", end="", file=sys.stderr, flush=True)


def _say_refused(done: ImportRun, path: Path | None) -> None:
    refusals = done.refusals.order_by("number")
    if path:
        head = ["row", "reason", *next(iter(refusals)).cells]
        with path.open("w", encoding="utf-8") as file:
            file.writelines(csv_lines(head, ([one.number, one.reason, *one.cells.values()] for one in refusals)))
        print(f"Refused rows with reasons: {path}")
        return
    for refused in refusals[:5]:
        print(f"  row {refused.number}: {refused.reason}")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
