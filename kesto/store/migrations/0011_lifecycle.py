"""Subscriptions that change: the course of items, whose group they are, and discounts."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the lifecycle as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/lifecycle.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def link(to: str, *, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference whose key the SQL adds."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=f"store.{to}",
    )


class Migration(migrations.Migration):
    """Columns of an item's course, discounts, and ends that may fall on the first day."""

    dependencies = [("store", "0010_catalogue")]
    operations = [
        migrations.AddField("subscriptionitem", "billing_group", link("billinggroup", null=True)),
        migrations.AddField("subscriptionitem", "phase", models.SmallIntegerField(db_default=-1)),
        migrations.AddField("subscriptionitem", "course", models.JSONField(null=True)),
        migrations.AddField("subscriptionitem", "extra", models.JSONField(null=True)),
        migrations.RemoveConstraint("subscriptionitem", "item_is_plan_or_add_on"),
        migrations.RemoveConstraint("subscriptionitem", "item_ends_after_start"),
        migrations.AddConstraint(
            "subscriptionitem",
            models.CheckConstraint(
                condition=Q(plan_version__isnull=False, add_on__isnull=True, extra__isnull=True)
                | Q(plan_version__isnull=True, add_on__isnull=False, extra__isnull=True)
                | Q(plan_version__isnull=True, add_on__isnull=True, extra__isnull=False),
                name="item_is_one_thing",
            ),
        ),
        migrations.AddConstraint(
            "subscriptionitem",
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")),
                name="item_ends_after_start",
            ),
        ),
        migrations.RemoveConstraint("subscription", "subscription_ends_after_start"),
        migrations.AddConstraint(
            "subscription",
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")),
                name="subscription_ends_after_start",
            ),
        ),
        migrations.CreateModel(
            name="Discount",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.SmallIntegerField()),
                ("code", models.TextField()),
                ("coupon_id", models.UUIDField()),
                ("start_on", models.DateField()),
                ("until_on", models.DateField(null=True)),
                ("scope", models.TextField()),
                ("document", models.JSONField()),
                ("merchant", link("merchant")),
                ("subscription", link("subscription")),
            ],
            options={
                "db_table": "discount",
                "indexes": [
                    models.Index(fields=["merchant", "subscription"], name="discount_subscription"),
                    models.Index(fields=["merchant", "coupon_id"], name="discount_coupon"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("command", models.JSONField()),
                ("events", models.JSONField()),
                ("basis", models.JSONField()),
                ("lines_sha256", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("merchant", link("merchant")),
                ("subscription", link("subscription")),
            ],
            options={
                "db_table": "quote",
                "indexes": [
                    models.Index(fields=["merchant", "subscription"], name="quote_subscription")
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
        migrations.AlterField("subscriptionitem", "billing_group", link("billinggroup")),
        migrations.AddIndex(
            "subscriptionitem",
            models.Index(fields=["merchant", "billing_group"], name="item_group"),
        ),
    ]
