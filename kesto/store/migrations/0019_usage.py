"""Usage events, and how much of them each invoice saw."""

from importlib.resources import files

import django.contrib.postgres.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of usage as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def of_merchant() -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """The merchant; the SQL adds the key."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=DO_NOTHING,
        related_name="+",
        to="store.merchant",
    )


def number() -> models.BigIntegerField:  # type: ignore[type-arg]  # the usual int
    """The number of a batch."""
    return models.BigIntegerField(db_default=0)


class Migration(migrations.Migration):
    """Three tables with their guards; runs, groups and invoices say what they saw."""

    dependencies = [("store", "0018_deliveries")]
    operations = [
        migrations.CreateModel(
            name="UsageEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "subscription_id", "meter_id", "at", "key"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subscription_id", models.UUIDField()),
                ("meter_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("key", models.UUIDField()),
                ("happened_at", models.DateTimeField(null=True)),
                ("source", models.TextField()),
                ("event_id", models.TextField()),
                ("number", models.DecimalField(decimal_places=12, max_digits=28)),
                ("name", models.TextField(null=True)),
                ("is_removal", models.BooleanField()),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(null=True), null=True, size=None
                    ),
                ),
                ("problem", models.TextField()),
                ("sent", models.TextField()),
                ("properties", models.JSONField(null=True)),
                ("ingest_no", models.BigIntegerField()),
                ("received_at", models.DateTimeField()),
                ("merchant", of_merchant()),
            ],
            options={"db_table": "usage_event"},
        ),
        migrations.CreateModel(
            name="EventKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "key"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.UUIDField()),
                ("content", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("merchant", of_merchant()),
            ],
            options={"db_table": "event_key"},
        ),
        migrations.CreateModel(
            name="UsageLate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "subscription_id", "ingest_no"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subscription_id", models.UUIDField()),
                ("ingest_no", models.BigIntegerField()),
                ("since", models.DateField()),
                ("merchant", of_merchant()),
            ],
            options={"db_table": "usage_late"},
        ),
        migrations.AddField("invoice", "usage_seen", number()),
        migrations.AddField("billinggroup", "usage_seen", number()),
        migrations.AddField("billingrun", "usage_seen", number()),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
