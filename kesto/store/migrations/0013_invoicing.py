"""Wallets that pay invoices, and write-offs."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of wallets and write-offs as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/invoicing.sql").read_text("utf-8")
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


def within(*parts: str) -> models.Q:
    """What settled an invoice is no more than its total."""
    left = models.F("total_minor")
    for part in parts[1:]:
        left = left - models.F(part)  # type: ignore[assignment]  # an expression too
    condition = models.Q(**{f"{parts[0]}__lte": left})
    for part in reversed(parts):
        condition = models.Q(**{f"{part}__gte": 0}) & condition
    return condition


class Migration(migrations.Migration):
    """Four tables with their guards, a setting, and what is written off of an invoice."""

    dependencies = [("store", "0012_api")]
    operations = [
        migrations.AddField("merchant", "uses_credit", models.BooleanField(db_default=True)),
        migrations.AddField(
            "settlement", "written_off_minor", models.BigIntegerField(db_default=0)
        ),
        migrations.AddField(
            "settlement",
            "settled_minor",
            models.GeneratedField(
                expression=models.F("paid_minor")
                + models.F("credited_minor")
                + models.F("written_off_minor"),
                output_field=models.BigIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.RemoveConstraint("settlement", "settlement_within_total"),
        migrations.AddConstraint(
            "settlement",
            models.CheckConstraint(
                condition=within("paid_minor", "credited_minor", "written_off_minor"),
                name="settlement_within_total",
            ),
        ),
        migrations.CreateModel(
            name="Wallet",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id", "customer_id", "billing_entity_id", "currency"
                    ),
                ),
                ("currency", models.TextField()),
                ("balance_minor", models.BigIntegerField()),
                ("merchant", link("merchant")),
                ("customer", link("customer")),
                ("billing_entity", link("billingentity")),
            ],
            options={
                "db_table": "wallet",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(balance_minor__gte=0), name="wallet_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WalletUse",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("currency", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
                ("customer", link("customer")),
                ("billing_entity", link("billingentity")),
                ("invoice", link("invoice")),
            ],
            options={
                "db_table": "wallet_use",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(amount_minor__gt=0), name="wallet_use_is_positive"
                    ),
                    models.UniqueConstraint(
                        fields=("merchant", "invoice"), name="wallet_used_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("currency", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("relieves_tax", models.BooleanField()),
                ("tax_minor", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("booked_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
                ("customer", link("customer")),
                ("billing_entity", link("billingentity")),
                ("invoice", link("invoice")),
            ],
            options={
                "db_table": "write_off",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            ("tax_minor__gte", 0),
                            ("tax_minor__lte", models.F("amount_minor")),
                            models.Q(("relieves_tax", True), ("tax_minor", 0), _connector="OR"),
                        ),
                        name="write_off_adds_up",
                    ),
                    models.UniqueConstraint(
                        fields=("merchant", "invoice"), name="written_off_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
                ("payment", link("payment")),
                ("write_off", link("writeoff")),
            ],
            options={
                "db_table": "recovery",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            ("tax_minor__gte", 0),
                            ("tax_minor__lte", models.F("amount_minor")),
                        ),
                        name="recovery_adds_up",
                    ),
                    models.UniqueConstraint(fields=("merchant", "payment"), name="recovered_once"),
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
