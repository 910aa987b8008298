"""Credit before tax: grants that come off invoices' lines, and what of them came off which."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of what came off as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/credit_taken.sql").read_text("utf-8")
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
    """A column that says how a grant is used, and a table for what came off before tax."""

    dependencies = [("store", "0021_price_series")]
    operations = [
        migrations.AddField("creditgrant", "before_tax", models.BooleanField(db_default=False)),
        migrations.RemoveConstraint("creditgrant", "credit_granted_once"),
        migrations.AddConstraint(
            "creditgrant",
            models.UniqueConstraint(
                fields=("merchant", "source_id", "kind", "before_tax"), name="credit_granted_once"
            ),
        ),
        migrations.AddConstraint(
            "creditgrant",
            models.CheckConstraint(
                condition=models.Q(("kind", "given"), ("before_tax", False), _connector="OR"),
                name="paid_is_no_discount",
            ),
        ),
        migrations.CreateModel(
            name="CreditTaken",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("left_minor", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("grant", link("creditgrant")),
                ("invoice", link("invoice")),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "credit_taken",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("left_minor__gte", 0)),
                        name="credit_taken_is_sound",
                    ),
                    models.UniqueConstraint(
                        fields=("merchant", "invoice", "grant"), name="credit_taken_once"
                    ),
                ],
                "indexes": [models.Index(fields=["merchant", "grant"], name="credit_taken_of")],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
