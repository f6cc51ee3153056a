"""Fill the demo company, serve it, or walk the lead's way without a browser.

Makes a believable year of an invented company in BATON_HOME on the first start, which takes a minute; later starts take
seconds. Refuses to touch a home that holds a real installation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections

from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.web.commands.children import Children
from baton.web.commands.migrate import migrate
from baton.web.commands.server import need_free_port, server_command
from baton.web.commands.work import worker_command

MARK = "demo"
KEPT_APART = ["baton.sqlite3", "events.sqlite3"]
FOLDERS = ["events", "files", "mailbox"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fresh", action="store_true", help="make the demo company anew, ending today")
    parser.add_argument("--check", action="store_true", help="walk the lead's way headless, one line per step")
    parser.add_argument("--fill-only", action="store_true", help="make the company and end")
    parser.add_argument("--port", type=int, default=8000, help="Baton's port (default %(default)s)")
    parser.add_argument("--site-port", type=int, default=8001, help="the demo website's port (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    if args.check:
        from baton.web.demo.check import walk

        return walk()
    if not args.fill_only:
        need_free_port("127.0.0.1", args.port)
        need_free_port("127.0.0.1", args.site_port)
    prepare(fresh=args.fresh)
    if args.fill_only:
        return 0
    _say_hello(args)
    os.environ["BATON_URL"] = f"http://127.0.0.1:{args.port}"
    site = [sys.executable, "-m", "baton.web.demo.site", str(args.site_port), os.environ["BATON_URL"]]
    return Children([server_command("127.0.0.1", args.port), worker_command(), site]).run()


def prepare(*, fresh: bool) -> None:
    """Make the demo company in BATON_HOME unless it is there. Raises Refusal over a real installation."""
    from baton.web.demo.fill import fill

    mark = settings.BATON_HOME / MARK
    if fresh and mark.exists():
        _clear()
    migrate()
    if User.objects.exists():
        if not mark.exists():
            raise Refusal(f"{settings.BATON_HOME} holds a real installation. Set BATON_HOME to another folder.")
        return
    mark.write_text("This home holds the demo company; `bin/demo --fresh` replaces it.\n")
    print("Making the demo company, about a minute:", flush=True)
    fill(now=datetime.now(UTC), say=lambda line: print(line, flush=True))


def _clear() -> None:
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        raise Refusal("--fresh works on SQLite only. Empty the PostgreSQL database yourself, then start again.")
    connections.close_all()
    for name in KEPT_APART:
        for path in settings.BATON_HOME.glob(f"{name}*"):
            path.unlink()
    for name in FOLDERS:
        shutil.rmtree(settings.BATON_HOME / name, ignore_errors=True)


def _say_hello(args: argparse.Namespace) -> None:
    from baton.web.demo.people import PASSWORD

    print(f"\nBaton:        http://127.0.0.1:{args.port}")
    print(f"Website:      http://127.0.0.1:{args.site_port}   (you are the lead)")
    print(f"Mail catcher: http://127.0.0.1:{args.port}/catcher/\n")
    print(f"Sign in with the password {PASSWORD} as")
    seen = set()
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if user.role not in seen:
            seen.add(user.role)
            print(f"  {user.role_facts.label!s:20} {user.email}")
    print("\nCtrl-C ends it. Starting ...", flush=True)
