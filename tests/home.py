"""A fresh installation, on SQLite or PostgreSQL: migrated once, then copied."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "homes"
KEPT_PREFIX = "baton_kept_"
KEPT_LOCK = 7_318_422_901


def migrated_home(folder: Path) -> Path:
    """Make `folder` the home of a fresh installation, as `baton migrate` does in a quarter of a minute."""
    shutil.copytree(kept_home(), folder, dirs_exist_ok=True)
    return folder


def kept_home() -> Path:
    """The home to copy, named after what the migrations say; of two that want it at once the second waits."""
    KEPT.mkdir(parents=True, exist_ok=True)
    home = KEPT / _schema_mark()
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            part = home.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            _migrate(BATON_HOME=str(part), DATABASE_URL="")
            part.rename(home)
    return home


@contextmanager
def migrated_postgres(server: str, name: str) -> Iterator[str]:
    """The URL of a migrated database on a PostgreSQL server, dropped afterwards; `server` names a role that may.

    It is a copy of one that stays on the server until the migrations say something else.
    """
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(drop)
        admin.execute("SELECT pg_advisory_lock(%s)", [KEPT_LOCK])
        kept = _kept_postgres(admin, server)
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(kept)))
        admin.execute("SELECT pg_advisory_unlock(%s)", [KEPT_LOCK])
    try:
        yield _url(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(drop)


def _kept_postgres(admin: psycopg.Connection[Any], server: str) -> str:
    """The name of the database to copy. Under the lock: of two that want it at once the second waits."""
    wanted, part = f"{KEPT_PREFIX}{_schema_mark()}", f"{KEPT_PREFIX}part"
    rows = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [KEPT_PREFIX])
    found = {name for (name,) in rows}
    if wanted in found:
        return wanted
    for name in found:
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
    admin.execute(SQL("CREATE DATABASE {}").format(Identifier(part)))
    _migrate(DATABASE_URL=_url(server, part))
    admin.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(part), Identifier(wanted)))
    return wanted


def _url(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def _migrate(**environ: str) -> None:
    command = [sys.executable, "-m", "baton.web.cli", "migrate"]
    environ = {**os.environ, "EVENTS_URL": "", **environ}
    subprocess.run(command, env=environ, cwd=ROOT, check=True, capture_output=True)


def _schema_mark() -> str:
    """Sixteen letters that are others as soon as a migration or a library is another."""
    sources = [*sorted(ROOT.glob("baton/*/migrations/*.py")), ROOT / "requirements" / "run.lock"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
