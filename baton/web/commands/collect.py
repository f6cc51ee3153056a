"""Collect events in processes of their own: answers /e and /b.js and nothing else.

For sites with many visitors. `baton web` collects too; have the TLS proxy send /e and /b.js here instead, and a busy
page never makes a visitor's event wait. Run as many as you like on as many machines as you like.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from baton.platform.schema import check_schema
from baton.web.commands.children import Children
from baton.web.commands.server import need_free_port


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on (default %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="processes that share the port (default %(default)s)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    from baton.tracking.collect.collector import Collector, collect

    if not args.child:
        need_free_port(args.host, args.port)
        check_schema()
        if args.processes > 1:
            return Children([collect_command(args.host, args.port)] * args.processes).run()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the loop's one thread is the only one that asks the database

    def say() -> None:
        print(f"Collecting events at {args.host}:{args.port} (/e and /b.js). Ctrl-C ends it.", flush=True)

    asyncio.run(collect(args.host, args.port, Collector(), listening=say))
    return 0


def collect_command(host: str, port: int) -> list[str]:
    """The command line of one process that collects."""
    return [sys.executable, "-m", "baton.web.cli", "collect", "--host", host, "--port", str(port), "--child"]
