"""API keys, found by their hash before the merchant is known."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the keys as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/api_key.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """The hash of a key and when it was last used; no key was made before there was an API."""

    dependencies = [("store", "0008_receipts")]
    operations = [
        migrations.AddField("apikey", "sha256", models.BinaryField()),
        migrations.AddField("apikey", "last_used_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "apikey", models.UniqueConstraint(fields=["sha256"], name="api_key_once")
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
