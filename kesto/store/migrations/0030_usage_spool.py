"""Batches of events on their way to ClickHouse, and whose events are there."""

from importlib.resources import files

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the tables as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage_spool.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """Two tables, and a column by which alerts see what went on to ClickHouse."""

    dependencies = [("store", "0029_usage_alert")]
    operations = [
        migrations.CreateModel(
            name="UsageSpool",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "ingest_no"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ingest_no", models.BigIntegerField()),
                ("shipment", models.BigIntegerField(null=True)),
                ("events", models.IntegerField()),
                ("subscriptions", ArrayField(models.UUIDField())),
                ("body", models.TextField()),
                ("received_at", models.DateTimeField()),
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
            options={"db_table": "usage_spool"},
        ),
        migrations.CreateModel(
            name="UsageMove",
            fields=[
                (
                    "merchant",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="store.merchant",
                    ),
                ),
                ("is_done", models.BooleanField()),
                ("chunk", models.IntegerField()),
                ("moved", models.BigIntegerField()),
                ("subscription_id", models.UUIDField(null=True)),
                ("meter_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("key", models.UUIDField(null=True)),
                ("noted_at", models.DateTimeField()),
            ],
            options={"db_table": "usage_move"},
        ),
        migrations.AddField("usagealert", "came_no", models.BigIntegerField(db_default=0)),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
