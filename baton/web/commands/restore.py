"""Restore a backup into an empty installation.

BATON_HOME must hold no database (SQLite), or DATABASE_URL name an empty one (PostgreSQL). Every table is counted
afterwards and compared with the manifest. Emails that were being sent are paused: a person decides what goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from baton.marketing.email.models import Broadcast
from baton.marketing.journeys.models import Journey
from baton.platform.errors import Refusal
from baton.platform.schema import aliases
from baton.web.commands.backup import FOLDERS, MANIFEST, _pg, count_rows
from baton.web.commands.sealed_keys import unseal_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, help="file made by `baton backup`")


def run(args: argparse.Namespace) -> int:
    manifest = restore_backup(args.backup)
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    print(f"Restored {rows:,} rows and {manifest['files']:,} files of {manifest['made_at']}. All counts are equal.")
    if held := hold_journeys():
        print(f"{held} journeys were running and are paused: what their steps did since cannot be known.")
    if held := hold_emails():
        print(f"{held} emails were under way and are paused: who got them since cannot be known. Look first.")
    print("Run `baton migrate` if this version is newer than the backup's, then `baton doctor`.")
    return 0


def restore_backup(path: Path) -> dict[str, Any]:
    """Put a backup in place and give its manifest. Raises Refusal, with nothing changed, where something is there."""
    _must_be_empty()
    settings.BATON_HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.BATON_HOME) as folder:
        staging = Path(folder)
        manifest = _unpacked(path, staging)
        if manifest["engine"] != settings.DATABASES["default"]["ENGINE"]:
            raise Refusal("The backup was made on another kind of database. Set DATABASE_URL to the same kind.")
        unseal_keys(staging / "keys.sealed", settings.BATON_HOME)
        for name in FOLDERS:
            if (staging / name).exists():
                shutil.copytree(staging / name, settings.BATON_HOME / name, dirs_exist_ok=True)
        for alias in aliases():
            _restore_database(alias, staging)
    _compare(manifest)
    return manifest


def hold_journeys() -> int:
    """Pause what moved people when the backup was made, so that no step is done twice unseen; gives how many."""
    return Journey.objects.filter(state=Journey.State.RUNNING).update(state=Journey.State.PAUSED)


def hold_emails() -> int:
    """Pause what was being sent when the backup was made, so that nobody gets it twice; gives how many."""
    states = [Broadcast.State.SCHEDULED, Broadcast.State.SENDING, Broadcast.State.LIVE]
    under_way = Broadcast.objects.filter(state__in=states)
    because = "Restored from a backup: some may have got it since. Resuming sends to all who are still queued."
    return under_way.update(state=Broadcast.State.PAUSED, paused_because=because)


def _unpacked(path: Path, staging: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path) as archive:
            archive.extractall(staging, filter="data")
        return json.loads((staging / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        raise Refusal(f"{path} is no backup that can be read ({error}). Nothing was restored.") from None


def _must_be_empty() -> None:
    for alias in aliases():
        database = connections[alias].settings_dict
        if database["ENGINE"].endswith("sqlite3"):
            taken = Path(database["NAME"]).exists()
        else:
            taken = bool(connections[alias].introspection.table_names())
        if taken:
            raise Refusal(
                f"{database['NAME']} is not empty. Restore into a new BATON_HOME or database; nothing changed."
            )


def _restore_database(alias: str, staging: Path) -> None:
    database = connections[alias].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        os.replace(staging / f"{alias}.sqlite3", database["NAME"])
    else:
        _pg("pg_restore", database, ["--no-owner", "--exit-on-error", str(staging / f"{alias}.pgdump")])


def _compare(manifest: dict[str, Any]) -> None:
    for alias, tables in manifest["rows"].items():
        found = {table: _count(alias, table) for table in tables}
        different = {table for table in tables if tables[table] != found[table]}
        if different:
            table = sorted(different)[0]
            raise Refusal(f"Counts differ after restoring: {table} has {found[table]}, the backup {tables[table]}.")


def _count(alias: str, table: str) -> int | None:
    database = connections[alias].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        with sqlite3.connect(database["NAME"]) as copy:
            return count_rows(copy, table)
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608
        return cursor.fetchone()[0]
