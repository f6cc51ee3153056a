"""Count the website's events, or take them to another engine while collecting goes on.

baton events count                   how many events there are, and where
baton events copy --to ADDRESS       copy all of them and compare; set EVENTS_URL to ADDRESS and restart afterwards
baton events stay                    give the copy up
baton events clear ADDRESS           remove all events of an engine that is not in use

ADDRESS is clickhouse://user:password@host:8123/name, or "files" for Parquet files in BATON_HOME.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from baton.platform.errors import Refusal
from baton.tracking.store.health import counted_events
from baton.tracking.store.relocation import clear_events, copy_events, shown, stay

SCHEMES = ("files", "clickhouse", "clickhouses", "chdb")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("count", help="how many events there are, and where")
    copy = verbs.add_parser("copy", help="copy all events to another engine and compare")
    copy.add_argument("--to", required=True, metavar="ADDRESS", help="clickhouse://host:8123/name, or files")
    verbs.add_parser("stay", help="give a copy up")
    clear = verbs.add_parser("clear", help="remove all events of an engine that is not in use")
    clear.add_argument("address", metavar="ADDRESS")
    clear.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    match args.verb:
        case "count":
            _count()
        case "copy":
            _copy(_address(args.to))
        case "stay":
            print(f"Given up; what was copied to {stay()} is still there. Events are moved as before.")
        case "clear":
            return _clear(_address(args.address), sure=args.yes)
    return 0


def _count() -> None:
    counted = counted_events()
    print(f"{counted['moved']:,} events in {shown(settings.EVENTS_URL or 'files')}, {counted['tail']:,} in the tail.")


def _copy(address: str) -> None:
    events = copy_events(address, now=datetime.now(UTC), told=_month_done)
    print(
        f"{events:,} events were copied and compared. New ones wait in the tail. Now set EVENTS_URL to that address "
        '("" for files) and restart; the first worker to start brings what waits. To stay instead: baton events stay.'
    )


def _month_done(month: str, events: int) -> None:
    print(f"{month}  {events:,} events", flush=True)


def _clear(address: str, *, sure: bool) -> int:
    if not sure and input(f"Remove all events at {shown(address)}? Type yes: ") != "yes":
        print("Nothing was removed.")
        return 1
    print(f"{clear_events(address):,} events were removed.")
    return 0


def _address(told: str) -> str:
    if (urlsplit(told).scheme or told) not in SCHEMES:
        raise Refusal('An address begins with clickhouse:// or clickhouses://, or is "files".')
    return told
