"""Run background work: mail, imports, segments, handoff clocks, events.

Run as many as you like; each waits for jobs, sweeps up after workers that died and keeps repeating work going. Ends
after the job in hand on SIGTERM.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from django.conf import settings

from baton.platform.jobs.worker import Worker
from baton.platform.schema import check_schema
from baton.web.commands.children import Children
from baton.web.heap import few_pages, one_pool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processes", type=int, default=settings.ENV["BATON_WORKERS"], help="worker processes (default %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    check_schema()
    if args.processes == 1:
        one_pool()
        few_pages()
        Worker().run()
        return 0
    return Children([worker_command()] * args.processes).run()


def worker_command() -> list[str]:
    return [sys.executable, "-m", "baton.web.cli", "work", "--processes", "1"]


def start_worker(**options: object) -> subprocess.Popen:
    """A worker as a process of its own; used by tests and benches that kill it."""
    return subprocess.Popen(worker_command(), **options)  # type: ignore[call-overload]  # noqa: S603
