"""Bring the database to this version.

Makes missing tables and changes existing ones. Safe to repeat. Take `baton backup` before an upgrade.
"""

from __future__ import annotations

import argparse

from django.core.management import call_command

from baton.platform.schema import SchemaMismatch, aliases, missing_migrations, unknown_migrations


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only say what is missing; ends with 1 when anything is")


def run(args: argparse.Namespace) -> int:
    if unknown := unknown_migrations():
        raise SchemaMismatch(f"The database was made by a newer version of Baton ({unknown[0]}). Nothing was touched.")
    missing = missing_migrations()
    if args.check:
        print("\n".join(missing) or "The database is up to date.")
        return 1 if missing else 0
    migrate()
    print(f"Applied {len(missing)} changes." if missing else "The database is up to date.")
    return 0


def migrate() -> None:
    """Apply every missing migration to every database."""
    for alias in aliases():
        call_command("migrate", database=alias, verbosity=0, interactive=False)
