"""The whole catalogue: metered prices, phases, terms, entitlements, meters, features, coupons."""

from importlib.resources import files

import django.contrib.postgres.fields
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Lower


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the catalogue as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/catalogue.sql").read_text("utf-8")
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


def codes() -> django.contrib.postgres.fields.ArrayField:  # type: ignore[type-arg]  # of texts
    """A list of codes."""
    return django.contrib.postgres.fields.ArrayField(models.TextField())


ADDED = (
    ("planversion", "phases", models.JSONField(db_default=[])),
    ("planversion", "terms", models.JSONField(db_default={})),
    ("planversion", "entitlements", models.JSONField(db_default=[])),
    ("addon", "minimum_months", models.IntegerField(db_default=0)),
    ("addon", "entitlements", models.JSONField(db_default=[])),
    ("price", "meter", models.TextField(db_default="")),
    ("price", "phases", models.JSONField(db_default=[])),
)


class Migration(migrations.Migration):
    """Columns of what is published, and four tables."""

    dependencies = [("store", "0009_api_key")]
    operations = [
        *(migrations.AddField(model, name, field) for model, name, field in ADDED),
        migrations.CreateModel(
            name="Meter",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("names", models.JSONField()),
                ("spec", models.JSONField()),
                ("unit", models.TextField()),
                ("late", models.TextField()),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "meter",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="meter_code")
                ],
            },
        ),
        migrations.CreateModel(
            name="Feature",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("names", models.JSONField()),
                ("kind", models.TextField()),
                ("meter", models.TextField()),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "feature",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="feature_code")
                ],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("names", models.JSONField()),
                ("percent", models.DecimalField(decimal_places=12, max_digits=24)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("duration", models.TextField()),
                ("periods", models.IntegerField()),
                ("products", codes()),
                ("plans", codes()),
                ("most_uses", models.IntegerField()),
                ("most_uses_per_customer", models.IntegerField()),
                ("valid_from", models.DateField(null=True)),
                ("valid_until", models.DateField(null=True)),
                ("published_at", models.DateTimeField()),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "coupon",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="coupon_code_own")
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponCode",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField()),
                ("coupon", link("coupon")),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "coupon_code",
                "constraints": [
                    models.UniqueConstraint("merchant", Lower("code"), name="coupon_code_once")
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
