"""Links into the portal, how long they last, and the language of each group of messages."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the links as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/portal_link.sql").read_text("utf-8")
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
    """The table of links with its guard, and two columns."""

    dependencies = [("store", "0005_staff")]
    operations = [
        migrations.CreateModel(
            name="PortalLink",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "sha256",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sha256", models.BinaryField()),
                ("scope", models.TextField()),
                ("subject_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
                ("customer", link("customer")),
                ("merchant", link("merchant")),
            ],
            options={"db_table": "portal_link"},
        ),
        migrations.AddField(
            model_name="merchant",
            name="portal_link_days",
            field=models.IntegerField(db_default=60),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(portal_link_days__range=(1, 366)),
                name="link_lasts_up_to_a_year",
            ),
        ),
        migrations.AddField(
            model_name="channelpreference",
            name="language",
            field=models.TextField(db_default=""),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["merchant", "customer"], name="message_customer"),
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
