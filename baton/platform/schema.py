"""Which version of the tables is there, and whether this version of Baton may work with them."""

from __future__ import annotations

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from baton.platform.errors import Refusal


class SchemaMismatch(Refusal):
    """The tables are older or newer than this version of Baton expects; nothing was touched."""


def aliases() -> list[str]:
    """Databases that have migrations of their own: on PostgreSQL `events` shares the main one's tables."""
    shared = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    return ["default"] if shared else ["default", "events"]


def missing_migrations() -> list[str]:
    """Migrations this version has and the database lacks: `baton migrate` applies them."""
    missing = []
    for alias in aliases():
        executor = MigrationExecutor(connections[alias])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing += [f"{alias}: {migration}" for migration, _backwards in plan]
    return missing


def unknown_migrations() -> list[str]:
    """Migrations the database has and this version does not know: they came with a newer version."""
    unknown = []
    for alias in aliases():
        loader = MigrationExecutor(connections[alias]).loader
        apps = {app for app, _name in loader.disk_migrations}
        unknown += [
            f"{alias}: {app}.{name}"
            for app, name in loader.applied_migrations
            if app in apps and (app, name) not in loader.disk_migrations and not _replaced(loader, app, name)
        ]
    return unknown


def check_schema() -> None:
    """Refuse to work with tables of another version. Raises SchemaMismatch with what to do."""
    if unknown := unknown_migrations():
        raise SchemaMismatch(
            f"The database was made by a newer version ({unknown[0]}). Start that version; nothing was touched."
        )
    if missing := missing_migrations():
        raise SchemaMismatch(f"The database lacks {len(missing)} changes ({missing[0]} first). Run `baton migrate`.")


def _replaced(loader: object, app: str, name: str) -> bool:
    replaced = {key for migration in loader.replacements.values() for key in migration.replaces}  # type: ignore[attr-defined]
    return (app, name) in replaced
