"""A search row's id is made of its record's; PostgreSQL keeps the words as it searches them."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = import_module("baton.platform.migrations.0100_search_index").SQLITE
KIND = "CASE kind WHEN 'contact' THEN 1 WHEN 'company' THEN 2 WHEN 'deal' THEN 3 WHEN 'campaign' THEN 4 ELSE 0 END"
RENUMBER = [  # over negative numbers: a new id may be another row's old one
    f"UPDATE platform_searchrow SET id = -(thing_id * 8 + {KIND})",  # noqa: S608 - no value of anybody's
    "UPDATE platform_searchrow SET id = -id",
]
TRIGGERS = ("search_added", "search_gone", "search_changed")
POSTGRES = [
    "DROP INDEX search_folded",
    "ALTER TABLE platform_searchrow"
    " ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', folded)) STORED",
    "CREATE INDEX search_words ON platform_searchrow USING gin (words)",
]
POSTGRES_BACK = [
    "ALTER TABLE platform_searchrow DROP COLUMN words",
    "CREATE INDEX search_folded ON platform_searchrow USING gin (to_tsvector('simple', folded))",
]


def renumber(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    if editor.connection.vendor == "postgresql":
        statements = [*RENUMBER, *POSTGRES]
    else:  # the index of words is made anew: quicker than following each row
        rebuild = "INSERT INTO platform_searchindex(platform_searchindex) VALUES ('rebuild')"
        triggers = [statement for statement in SQLITE if statement.startswith("CREATE TRIGGER")]
        statements = [*(f"DROP TRIGGER {name}" for name in TRIGGERS), *RENUMBER, rebuild, *triggers]
    for statement in statements:
        editor.execute(statement)


def back(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias == "default" and editor.connection.vendor == "postgresql":
        for statement in POSTGRES_BACK:
            editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("platform", "0102_saved_views")]
    operations = [migrations.RunPython(renumber, back)]
