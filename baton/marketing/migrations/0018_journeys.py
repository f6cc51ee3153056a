"""Journeys, and emails that they send."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import baton.platform.tokens


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0017_campaigns_audience"),
        ("people", "0014_delivery_occasions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="broadcast",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("scheduled", "Scheduled"),
                    ("sending", "Sending"),
                    ("live", "Live"),
                    ("paused", "Paused"),
                    ("sent", "Sent"),
                    ("cancelled", "Cancelled"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Journey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "token",
                    models.CharField(
                        default=baton.platform.tokens.new_token, editable=False, max_length=32, unique=True
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                (
                    "takes_members",
                    models.BooleanField(default=False, verbose_name="Take who is in the segment already"),
                ),
                (
                    "again_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="May begin again after days"),
                ),
                (
                    "leaves_with_segment",
                    models.BooleanField(default=False, verbose_name="Leaves when no longer in the segment"),
                ),
                ("steps", models.JSONField(blank=True, default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("taken_to", models.BigIntegerField(blank=True, null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="marketing.campaign",
                        verbose_name="Campaign",
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketing.segment",
                        verbose_name="Goal",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketing.segment",
                        verbose_name="Begins with",
                    ),
                ),
                (
                    "stop",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketing.segment",
                        verbose_name="Leaves when in",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="broadcast",
            name="journey",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="emails",
                to="marketing.journey",
            ),
        ),
        migrations.CreateModel(
            name="JourneyCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=12)),
                ("way", models.CharField(default="", max_length=12)),
                ("people", models.PositiveIntegerField(default=0)),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="counts", to="marketing.journey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JourneyRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("stay", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("under_way", "Under way"),
                            ("finished", "Finished"),
                            ("goal", "Reached the goal"),
                            ("left", "Left"),
                        ],
                        default="under_way",
                        max_length=10,
                    ),
                ),
                ("because", models.CharField(default="", max_length=300)),
                ("step", models.CharField(default="", max_length=12)),
                ("passed", models.PositiveSmallIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.contact",
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="marketing.journey",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JourneyPassage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                ("step", models.CharField(max_length=12)),
                ("arrived_at", models.DateTimeField()),
                ("passed_at", models.DateTimeField()),
                ("way", models.CharField(default="", max_length=12)),
                ("because", models.CharField(default="", max_length=300)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="marketing.journeyrun",
                    ),
                ),
            ],
            options={
                "ordering": ["place"],
            },
        ),
        migrations.CreateModel(
            name="JourneyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("steps", models.JSONField()),
                ("published_at", models.DateTimeField()),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="marketing.journey"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="journeyrun",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="marketing.journeyversion",
            ),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["-created_at", "-id"], name="journey_newest"),
        ),
        migrations.AddConstraint(
            model_name="journeycount",
            constraint=models.UniqueConstraint(fields=("journey", "step", "way"), name="journey_count_once"),
        ),
        migrations.AddConstraint(
            model_name="journeypassage",
            constraint=models.UniqueConstraint(fields=("run", "place"), name="journey_passage_once"),
        ),
        migrations.AddConstraint(
            model_name="journeyversion",
            constraint=models.UniqueConstraint(fields=("journey", "number"), name="journey_version_once"),
        ),
        migrations.AddIndex(
            model_name="journeyrun",
            index=models.Index(
                condition=models.Q(("state", "under_way")), fields=["journey", "due_at"], name="journey_due"
            ),
        ),
        migrations.AddIndex(
            model_name="journeyrun",
            index=models.Index(
                condition=models.Q(("state", "under_way")), fields=["version", "step", "id"], name="journey_standing"
            ),
        ),
        migrations.AddIndex(
            model_name="journeyrun",
            index=models.Index(fields=["journey", "-began_at", "-id"], name="journey_newest_runs"),
        ),
        migrations.AddIndex(
            model_name="journeyrun",
            index=models.Index(fields=["contact", "-began_at"], name="journeys_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="journeyrun",
            constraint=models.UniqueConstraint(fields=("journey", "contact", "number"), name="journey_run_once"),
        ),
        migrations.AddConstraint(
            model_name="journeyrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "under_way")),
                fields=("journey", "contact"),
                name="journey_one_way_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="journeyrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stay__isnull", False)), fields=("journey", "stay"), name="journey_once_a_stay"
            ),
        ),
    ]
