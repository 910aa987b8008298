"""Staff with their secrets, and the indexes that the office reads by."""

from importlib.resources import files

import django.contrib.postgres.fields
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the staff as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/staff.sql").read_text("utf-8")
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
    """The tables of the staff with their guards."""

    dependencies = [("store", "0004_web_session")]
    operations = [
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("sha256", models.BinaryField(primary_key=True, serialize=False)),
                ("attempts", models.IntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={"db_table": "sign_in_attempt"},
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("email_sha256", models.BinaryField()),
                ("role", models.TextField()),
                ("language", models.TextField()),
                ("state", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("signed_in_at", models.DateTimeField(null=True)),
                ("merchant", link("merchant")),
                ("person", link("person")),
            ],
            options={
                "db_table": "staff",
                "indexes": [models.Index(fields=["email_sha256"], name="staff_email")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "email_sha256"), name="staff_email_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffSecret",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "staff_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("password", models.TextField(default="")),
                ("totp", models.TextField(default="")),
                ("totp_step", models.BigIntegerField(default=0)),
                (
                    "recovery_sha256s",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("link_sha256", models.BinaryField(null=True)),
                ("link_expires_at", models.DateTimeField(null=True)),
                ("merchant", link("merchant")),
                ("staff", link("staff")),
            ],
            options={"db_table": "staff_secret"},
        ),
        migrations.AddField(
            model_name="merchant",
            name="service_credit_minor",
            field=models.BigIntegerField(db_default=10_000),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["merchant", "customer"], name="payment_customer"),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(fields=["merchant", "payment"], name="allocation_payment"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["merchant", "holder"], name="subscription_holder"),
        ),
        migrations.AddIndex(
            model_name="billinggroup",
            index=models.Index(
                fields=["merchant", "parked_at"],
                condition=models.Q(parked_at__isnull=False),
                name="parked_groups",
            ),
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
