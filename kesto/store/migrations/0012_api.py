"""The API grows: keys are pinned to a version, and kept answers are found by their age."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the pinned versions as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/api_version.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """Keys that are there already were made for the first version."""

    dependencies = [("store", "0011_lifecycle")]
    operations = [
        migrations.AddField(
            "apikey", "version", models.TextField(default="2026-11-26"), preserve_default=False
        ),
        migrations.AddIndex(
            "idempotency", models.Index(fields=["created_at"], name="idempotency_age")
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
