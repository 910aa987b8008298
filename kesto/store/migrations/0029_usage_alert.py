"""How far files of usage were brought in, and alerts of usage."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the tables as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage_alert.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def link(to: str) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference whose key the SQL adds."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=DO_NOTHING,
        related_name="+",
        to=f"store.{to}",
    )


class Migration(migrations.Migration):
    """Two tables with their guards."""

    dependencies = [("store", "0028_billing_schedule")]
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
                ("merchant", link("merchant")),
            ],
            options={"db_table": "usage_import"},
        ),
        migrations.CreateModel(
            name="UsageAlert",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("threshold", models.DecimalField(decimal_places=12, max_digits=28)),
                ("set_by", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("seen", models.BigIntegerField()),
                ("merchant", link("merchant")),
                ("meter", link("meter")),
                ("subscription", link("subscription")),
            ],
            options={
                "db_table": "usage_alert",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "subscription", "meter", "kind", "threshold"),
                        name="usage_alert_once",
                    )
                ],
            },
        ),
        # Bytes of a month are more than a million million; an event may be as much as 10 to the 15.
        migrations.AlterField(
            "invoiceline", "quantity", models.DecimalField(decimal_places=12, max_digits=48)
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
