"""Credit grants: each amount in a wallet with its rules."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the grants as it stands beside the store; each balance becomes a grant."""
    text = files("kesto.store").joinpath("sql/grants.sql").read_text("utf-8")
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


ADDS_UP = models.CheckConstraint(
    condition=models.Q(
        ("amount_minor__gt", 0),
        ("used_minor__gte", 0),
        ("expired_minor__gte", 0),
        ("used_minor__lte", models.F("amount_minor") - models.F("expired_minor")),
    ),
    name="credit_grant_adds_up",
)
NEVER_EXPIRES = models.CheckConstraint(
    condition=models.Q(
        models.Q(("kind", "given")),
        models.Q(("kind", "paid"), ("expires_on", None), ("expired_minor", 0)),
        _connector="OR",
    ),
    name="paid_credit_never_expires",
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


class Migration(migrations.Migration):
    """A table with its guards, and which grant each use of credit was of."""

    dependencies = [("store", "0014_subscription_user")]
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
                (
                    "left_minor",
                    models.GeneratedField(
                        expression=models.F("amount_minor")
                        - models.F("used_minor")
                        - models.F("expired_minor"),
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
