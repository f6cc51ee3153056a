from typing import Any

from django.db import migrations


def forget_looks(apps: Any, schema_editor: Any) -> None:
    """Bitmaps of conditions that were only looked at: they are kept in memory now."""
    kept = apps.get_model("marketing", "LeafMembers").objects
    kept.filter(is_followed=False).exclude(key__startswith="segment:").delete()


class Migration(migrations.Migration):
    dependencies = [("marketing", "0006_segment_engine")]

    operations = [
        migrations.RunPython(forget_looks, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="leafmembers", name="leaf_relook"),
        migrations.RemoveField(model_name="leafmembers", name="is_followed"),
    ]
