"""How far files of usage were brought in."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the table as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage_import.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """One table with its guards."""

    dependencies = [("store", "0024_later_zones")]
    operations = [
        migrations.CreateModel(
            name="UsageImport",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "sha256"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sha256", models.BinaryField()),
                ("file", models.TextField()),
                ("rows_done", models.BigIntegerField()),
                ("last_line", models.BigIntegerField()),
                ("accepted", models.BigIntegerField()),
                ("duplicate", models.BigIntegerField()),
                ("rejected", models.BigIntegerField()),
                ("is_finished", models.BooleanField()),
                ("started_at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=DO_NOTHING,
                        related_name="+",
                        to="store.merchant",
                    ),
                ),
            ],
            options={"db_table": "usage_import"},
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
