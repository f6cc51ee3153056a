"""A campaign is for segments."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("marketing", "0016_segments_filled")]

    operations = [
        migrations.AddField(
            "campaign",
            "segments",
            models.ManyToManyField(blank=True, related_name="+", to="marketing.segment", verbose_name="Audience"),
        ),
    ]
