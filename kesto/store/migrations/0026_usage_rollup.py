"""What usage comes to, kept beside the events."""

from importlib.resources import files

import django.contrib.postgres.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of rollups as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage_rollup.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("store", "0025_usage_months")]
    operations = [
        migrations.CreateModel(
            name="UsageRollup",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "subscription_id", "meter_id"),
                        *("end_at", "start_at", "labels"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subscription_id", models.UUIDField()),
                ("meter_id", models.UUIDField()),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(null=True), size=None
                    ),
                ),
                ("events", models.BigIntegerField()),
                ("added", models.DecimalField(decimal_places=12, max_digits=28)),
                ("highest", models.DecimalField(decimal_places=12, max_digits=28, null=True)),
                ("newest_no", models.BigIntegerField()),
                ("history_seq", models.BigIntegerField()),
                ("is_filled", models.BooleanField()),
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
            options={"db_table": "usage_rollup"},
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
