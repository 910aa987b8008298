"""Price series that grow, and billing groups that wait for their prices."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the series as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/price_series.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def link(to: str, *, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference whose key the SQL adds."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=DO_NOTHING,
        related_name="+",
        to=f"store.{to}",
    )


class Migration(migrations.Migration):
    """Two tables with their guards, and what a billing group waits for."""

    dependencies = [("store", "0020_customer_currency")]
    operations = [
        migrations.CreateModel(
            name="PriceSeries",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("name", models.TextField()),
                ("currency", models.TextField()),
                ("unit", models.TextField()),
                ("resolution", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "price_series",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="price_series_code")
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceValue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "series_id", "starts_at"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("series_id", models.UUIDField()),
                ("starts_at", models.DateTimeField()),
                ("amount", models.DecimalField(decimal_places=12, max_digits=24)),
                ("given_at", models.DateTimeField()),
                ("merchant", link("merchant")),
            ],
            options={"db_table": "price_value"},
        ),
        migrations.AddField("billinggroup", "awaits_series", link("PriceSeries", null=True)),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
