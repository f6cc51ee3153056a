"""Start everything on this machine: pages, API, beacon and background work.

Makes or upgrades the database first. Needs no other service; set DATABASE_URL, REDIS_URL and EVENTS_URL to use some.
"""

from __future__ import annotations

import argparse

from django.conf import settings

from baton.platform.accounts.models import User
from baton.web.commands.children import Children
from baton.web.commands.migrate import migrate
from baton.web.commands.server import add_arguments as add_server_arguments
from baton.web.commands.server import need_free_port, server_command
from baton.web.commands.work import worker_command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_server_arguments(parser)
    parser.add_argument(
        "--workers", type=int, default=settings.ENV["BATON_WORKERS"], help="worker processes (default %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    need_free_port(args.host, args.port)
    migrate()
    print(f"Baton is at {settings.BATON_URL} (listening on {args.host}:{args.port}). Ctrl-C ends it.", flush=True)
    if not User.objects.exists():
        print("Nobody can sign in yet: baton user add you@example.com --role administrator", flush=True)
    server = server_command(args.host, args.port, processes=args.processes, threads=args.threads)
    return Children([server, *[worker_command() for _ in range(args.workers)]]).run()
