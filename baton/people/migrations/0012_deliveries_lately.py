from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes by which a throttled email counts what went out lately without reading every copy."""

    dependencies = [("people", "0011_unsubscribed_by_mail")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("handed_at__isnull", False)),
                fields=["message_kind", "message_id", "handed_at"],
                name="delivery_handed",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "deferred"), ("state", "bounced"), ("state", "unknown"), _connector="OR"),
                fields=["message_kind", "message_id", "handing_since"],
                name="delivery_failed",
            ),
        ),
    ]
