"""The engines' own full-text indexes over the folded column: FTS5 with triggers on SQLite, GIN on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = [
    """CREATE VIRTUAL TABLE platform_searchindex USING fts5(folded, content='platform_searchrow', content_rowid='id',
       tokenize="unicode61 remove_diacritics 2", prefix='2 3')""",
    """CREATE TRIGGER search_added AFTER INSERT ON platform_searchrow BEGIN
       INSERT INTO platform_searchindex(rowid, folded) VALUES (new.id, new.folded); END""",
    """CREATE TRIGGER search_gone AFTER DELETE ON platform_searchrow BEGIN
       INSERT INTO platform_searchindex(platform_searchindex, rowid, folded) VALUES ('delete', old.id, old.folded); END""",
    """CREATE TRIGGER search_changed AFTER UPDATE ON platform_searchrow BEGIN
       INSERT INTO platform_searchindex(platform_searchindex, rowid, folded) VALUES ('delete', old.id, old.folded);
       INSERT INTO platform_searchindex(rowid, folded) VALUES (new.id, new.folded); END""",
]
POSTGRES = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX search_folded ON platform_searchrow USING gin (to_tsvector('simple', folded))",
    "CREATE INDEX search_alike ON platform_searchrow USING gin (folded gin_trgm_ops)",
]


def make_index(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRES:
        editor.execute(statement)


def drop_index(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias != "default":
        return
    if editor.connection.vendor == "sqlite":
        for name in ("search_added", "search_gone", "search_changed"):
            editor.execute(f"DROP TRIGGER {name}")
        editor.execute("DROP TABLE platform_searchindex")
    else:
        editor.execute("DROP INDEX search_folded")
        editor.execute("DROP INDEX search_alike")


class Migration(migrations.Migration):
    dependencies = [("platform", "0002_search_rows")]
    operations = [migrations.RunPython(make_index, drop_index)]
