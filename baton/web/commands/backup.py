"""Make a backup while everything runs.

One .tar.gz with both databases, the moved events, stored files and a manifest with the count of every table. Signing
keys go in only encrypted, when BATON_BACKUP_PASSPHRASE is set; without them a restored installation makes new ones, and
links in mails already sent stop working.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

from baton import __version__
from baton.platform.errors import OutsideFault, Refusal
from baton.platform.schema import aliases
from baton.web.commands.sealed_keys import seal_keys

FOLDERS = ["events", "files"]
MANIFEST = "manifest.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path(), help="file or folder to write (default: here)")


def run(args: argparse.Namespace) -> int:
    manifest, path = make_backup(args.out)
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    print(f"{path}: {rows:,} rows, {manifest['files']:,} files, {path.stat().st_size:,} bytes.")
    if not manifest["keys"]:
        print("Signing keys are not in it: set BATON_BACKUP_PASSPHRASE to add them, encrypted.")
    return 0


def make_backup(out: Path) -> tuple[dict[str, Any], Path]:
    """Write a backup to `out` (a file or folder) and give its manifest and path.

    Order matters: databases first, files after. Files are never changed once written and are removed only after a
    grace time, so everything the copied databases name is still there when the files are copied.
    """
    name = f"baton-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    target = out / name if out.is_dir() else out
    if target.exists():
        raise Refusal(f"{target} is there already. Nothing was written.")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        staging = Path(folder)
        manifest = _copy_all(staging)
        (staging / MANIFEST).write_text(json.dumps(manifest, indent=1))
        part = staging / "backup.part"
        with tarfile.open(part, "w:gz", compresslevel=3) as archive:
            for item in sorted(staging.iterdir()):
                if item != part:
                    archive.add(item, arcname=item.name)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    return manifest, target


def _copy_all(staging: Path) -> dict[str, Any]:
    rows = {alias: _copy_database(alias, staging) for alias in reversed(aliases())}
    files = sum(_copy_folder(settings.BATON_HOME / name, staging / name) for name in FOLDERS)
    return {
        "version": __version__,
        "made_at": datetime.now(UTC).isoformat(),
        "engine": settings.DATABASES["default"]["ENGINE"],
        "rows": rows,
        "files": files,
        "keys": seal_keys(settings.BATON_HOME / "keys", staging / "keys.sealed"),
    }


def _copy_database(alias: str, staging: Path) -> dict[str, int]:
    if settings.DATABASES[alias]["ENGINE"].endswith("sqlite3"):
        return _copy_sqlite(connections[alias].settings_dict["NAME"], staging / f"{alias}.sqlite3")
    return _dump_postgres(alias, staging / f"{alias}.pgdump")


def _copy_sqlite(source: str, target: Path) -> dict[str, int]:
    """SQLite's own online copy: consistent while others write, and it never blocks them."""
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.execute("PRAGMA journal_mode=DELETE")
    counts = {table: count_rows(copy, table) for table in table_names()}
    copy.close()
    return {table: count for table, count in counts.items() if count is not None}


def count_rows(database: sqlite3.Connection, table: str) -> int | None:
    """Rows of a table in a SQLite file, None where the file has no such table."""
    exists = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone()
    return database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] if exists else None  # noqa: S608


def table_names() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


def _dump_postgres(alias: str, target: Path) -> dict[str, int]:
    """pg_dump and the counts, both from one exported snapshot, so that they agree to the row."""
    if shutil.which("pg_dump") is None:
        raise OutsideFault(
            "pg_dump is not installed here. Install the PostgreSQL client programs; nothing was written."
        )
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            counts = {}
            for table in table_names():
                cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608
                counts[table] = cursor.fetchone()[0]
            _pg("pg_dump", connection.settings_dict, ["--format=custom", f"--snapshot={snapshot}", f"--file={target}"])
        finally:
            cursor.execute("ROLLBACK")
    return counts


def _pg(program: str, database: dict[str, Any], options: list[str]) -> None:
    environ = {
        **os.environ,
        "PGPASSWORD": database["PASSWORD"],
        "PGUSER": database["USER"],
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"]),
    }
    ran = subprocess.run(  # noqa: S603
        [program, *options, f"--dbname={database['NAME']}"],
        env={key: value for key, value in environ.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise OutsideFault(f"{program} failed: {ran.stderr.strip()[-500:]}")


def _copy_folder(source: Path, target: Path) -> int:
    """Link what can be linked and copy the rest: the bytes are immutable, so a link is as good as a copy."""
    copied = 0
    for path in source.rglob("*") if source.exists() else []:
        if not path.is_file():
            continue
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)
        except FileNotFoundError:
            continue  # removed in this moment by the sweeper: the databases copied above no longer name it
        except OSError:
            shutil.copy2(path, place)
        copied += 1
    return copied
