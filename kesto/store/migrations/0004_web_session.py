"""Signed-in visits, found by the hash of their key before the merchant is known."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the sessions as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/web_session.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """The table of signed-in visits with its guard."""

    dependencies = [("store", "0003_documents")]
    operations = [
        migrations.CreateModel(
            name="WebSession",
            fields=[
                ("sha256", models.BinaryField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(choices=[("staff", "staff"), ("portal", "portal")]),
                ),
                ("subject_id", models.UUIDField()),
                ("data", models.JSONField(default=dict)),
                ("expires_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.merchant",
                    ),
                ),
            ],
            options={
                "db_table": "web_session",
                "indexes": [
                    models.Index(
                        fields=["merchant", "kind", "subject_id"], name="web_session_of_subject"
                    )
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
