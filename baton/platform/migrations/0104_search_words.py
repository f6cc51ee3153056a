"""SQLite's list of the words that its index of words holds."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_list(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias == "default" and editor.connection.vendor == "sqlite":
        editor.execute("CREATE VIRTUAL TABLE platform_searchwords USING fts5vocab(platform_searchindex, instance)")


def drop_list(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.alias == "default" and editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE platform_searchwords")


class Migration(migrations.Migration):
    dependencies = [("platform", "0103_search_ids")]
    operations = [migrations.RunPython(make_list, drop_list)]
