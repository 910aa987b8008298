"""Credit grants: each amount in a wallet with its rules; payouts give credit back."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the grants as it stands beside the store; each balance becomes a grant."""
    text = files("kesto.store").joinpath("sql/grants.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def link(to: str, *, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference whose key the SQL adds."""
    return models.ForeignKey(
        db_constraint=False,
        null=null,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=f"store.{to}",
    )


ADDS_UP = models.CheckConstraint(
    condition=models.Q(
        ("amount_minor__gt", 0),
        ("used_minor__gte", 0),
        ("expired_minor__gte", 0),
        ("paid_out_minor__gte", 0),
        (
            "used_minor__lte",
            models.F("amount_minor") - models.F("expired_minor") - models.F("paid_out_minor"),
        ),
    ),
    name="credit_grant_adds_up",
)
NEVER_EXPIRES = models.CheckConstraint(
    condition=models.Q(
        models.Q(("kind", "given"), ("paid_out_minor", 0)),
        models.Q(("kind", "paid"), ("expires_on", None), ("expired_minor", 0)),
        _connector="OR",
    ),
    name="paid_expires_not_given_pays_not_out",
)
CAN_BE_USED = models.CheckConstraint(
    condition=models.Q(
        ("valid_from", None),
        ("expires_on", None),
        ("valid_from__lte", models.F("expires_on")),
        _connector="OR",
    ),
    name="credit_grant_can_be_used",
)


PAYOUT_IS_SOUND = models.CheckConstraint(
    condition=models.Q(
        ("amount_minor__gt", 0),
        models.Q(
            models.Q(("bank_transaction", None), ("clearing_id", None)),
            models.Q(
                ("bank_transaction__isnull", False),
                ("clearing_id__isnull", False),
                ("state", "paid"),
            ),
            _connector="OR",
        ),
    ),
    name="payout_is_sound",
)


class Migration(migrations.Migration):
    """Two tables with their guards, and which grant each use of credit was of."""

    dependencies = [("store", "0016_notices")]
    operations = [
        migrations.CreateModel(
            name="CreditGrant",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("currency", models.TextField()),
                ("kind", models.TextField()),
                ("origin", models.TextField()),
                ("source_id", models.UUIDField(null=True)),
                ("reason", models.TextField()),
                ("priority", models.IntegerField()),
                ("valid_from", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                ("amount_minor", models.BigIntegerField()),
                ("used_minor", models.BigIntegerField(db_default=0)),
                ("expired_minor", models.BigIntegerField(db_default=0)),
                ("paid_out_minor", models.BigIntegerField(db_default=0)),
                (
                    "left_minor",
                    models.GeneratedField(
                        expression=models.F("amount_minor")
                        - models.F("used_minor")
                        - models.F("expired_minor")
                        - models.F("paid_out_minor"),
                        output_field=models.BigIntegerField(),
                        db_persist=True,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
                ("customer", link("customer")),
                ("billing_entity", link("billingentity")),
            ],
            options={
                "db_table": "credit_grant",
                "constraints": [
                    ADDS_UP,
                    NEVER_EXPIRES,
                    CAN_BE_USED,
                    models.UniqueConstraint(
                        fields=("merchant", "source_id", "kind"), name="credit_granted_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("currency", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("iban", models.TextField()),
                ("reference", models.TextField()),
                ("reason", models.TextField()),
                ("state", models.TextField()),
                ("asked_on", models.DateField()),
                ("clearing_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("merchant", link("merchant")),
                ("customer", link("customer")),
                ("billing_entity", link("billingentity")),
                ("bank_transaction", link("banktransaction", null=True)),
            ],
            options={
                "db_table": "payout",
                "constraints": [
                    PAYOUT_IS_SOUND,
                    models.UniqueConstraint(
                        fields=("merchant", "reference"), name="payout_named_once"
                    ),
                    models.UniqueConstraint(
                        fields=("merchant", "bank_transaction"), name="payout_cleared_once"
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint("walletuse", "wallet_used_once"),
        # Uses that are there get their grants in the SQL.
        migrations.RunSQL("alter table wallet_use add column grant_id uuid"),
        migrations.RunPython(guards, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField("walletuse", "grant", link("creditgrant"))]
        ),
        migrations.AddConstraint(
            "walletuse",
            models.UniqueConstraint(
                fields=("merchant", "invoice", "grant"), name="wallet_used_once"
            ),
        ),
    ]
