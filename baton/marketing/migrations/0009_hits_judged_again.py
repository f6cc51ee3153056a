from typing import Any

from django.db import migrations, models
from django.db.models import F


def kept_hits(apps: Any, schema_editor: Any) -> None:
    """Hits from before have been told as they were judged; providers are counted anew, with clicks."""
    hits = apps.get_model("marketing", "MailHit").objects
    hits.filter(link=None).update(kind="open")
    hits.update(settled_at=F("at"), told_as=F("label"))
    apps.get_model("marketing", "ProviderCount").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("marketing", "0008_hour_on_each_clock")]

    operations = [
        migrations.AddField("mailhit", "kind", models.CharField(
            choices=[("open", "Open"), ("click", "Click"), ("trap", "Hidden link")], default="click", max_length=5,
        ), preserve_default=False),
        migrations.AddField("mailhit", "method", models.CharField(default="GET", max_length=8)),
        migrations.AddField("mailhit", "purpose", models.CharField(default="", max_length=80)),
        migrations.AddField("mailhit", "source", models.CharField(default="", max_length=16)),
        migrations.AddField("mailhit", "network", models.CharField(default="", max_length=20)),
        migrations.AddField("mailhit", "program", models.CharField(default="", max_length=30)),
        migrations.AddField("mailhit", "device", models.CharField(default="", max_length=8)),
        migrations.AddField("mailhit", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField("mailhit", "told_as", models.CharField(default="", max_length=8)),
        migrations.AddField("providercount", "clicked", models.PositiveIntegerField(default=0)),
        migrations.AddField("providercount", "unsubscribed", models.PositiveIntegerField(default=0)),
        migrations.RemoveIndex("mailhit", "hits_of_broadcast"),
        migrations.RunPython(kept_hits, migrations.RunPython.noop),
        migrations.AddIndex("mailhit", models.Index(
            fields=["broadcast", "kind", "label", "link", "delivery"], name="hits_of_broadcast",
        )),
        migrations.AddIndex("mailhit", models.Index(
            condition=models.Q(("settled_at", None)), fields=["at"], name="hits_unsettled",
        )),
    ]  # fmt: skip
