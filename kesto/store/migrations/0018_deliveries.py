"""What is delivered: schedules, the days of items, addresses, and what happened on the way."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the deliveries as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/deliveries.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def link(to: str) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference whose key the SQL adds."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=f"store.{to}",
    )


class Migration(migrations.Migration):
    """Columns for schedules and delivery days, and two tables."""

    dependencies = [("store", "0017_grants")]
    operations = [
        migrations.AddField("planversion", "delivery", models.JSONField(null=True)),
        migrations.AddField("addon", "delivery", models.JSONField(null=True)),
        migrations.AddField("subscriptionitem", "rhythm", models.JSONField(null=True)),
        migrations.AddIndex(
            "subscriptionitem",
            models.Index(
                condition=models.Q(rhythm__isnull=False),
                fields=["merchant", "start_on"],
                name="item_delivered",
            ),
        ),
        migrations.CreateModel(
            name="DeliveryAddress",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("subscription", link("subscription")),
                ("person", link("person")),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "delivery_address",
                "indexes": [
                    models.Index(fields=["merchant", "subscription"], name="delivery_address_whose")
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryEvent",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("delivery_on", models.DateField()),
                ("state", models.TextField()),
                ("happened_at", models.DateTimeField()),
                ("carrier", models.TextField()),
                ("tracking", models.TextField()),
                ("note", models.TextField()),
                ("external_id", models.TextField()),
                ("contents", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
                ("subscription", link("subscription")),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "delivery_event",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("merchant", "external_id"),
                        name="delivery_event_external_id",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["merchant", "delivery_on"], name="delivery_event_day"),
                    models.Index(
                        fields=["merchant", "subscription", "delivery_on"],
                        name="delivery_event_whose",
                    ),
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
