from datetime import timedelta
from typing import Any

from django.db import migrations, models


def days_of_files(apps: Any, schema_editor: Any) -> None:
    """A row for every day of which events lie in files, so that its visits are kept soon."""
    alias = schema_editor.connection.alias
    files = apps.get_model("tracking", "EventFile").objects.using(alias).filter(replaced_at=None)
    days = set()
    for first, last in files.values_list("first_at", "last_at"):
        days |= {first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)}
    model = apps.get_model("tracking", "VisitDay")
    model.objects.using(alias).bulk_create([model(day=day) for day in sorted(days)], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0001_events_sites_claims"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("path", models.CharField(default="", max_length=200)),
                ("reaches", models.DateTimeField(null=True)),
                ("rules", models.PositiveIntegerField(default=0)),
                ("is_stale", models.BooleanField(default=True)),
                ("building", models.CharField(default="", max_length=32)),
                ("made_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunPython(days_of_files, migrations.RunPython.noop, elidable=True, hints={"model_name": "visitday"}),
    ]
