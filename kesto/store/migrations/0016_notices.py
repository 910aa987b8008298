"""What subscribers are told about their contract, and how long before."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the notices as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/notices.sql").read_text("utf-8")
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
    """A table of notices, and three settings of the merchant."""

    dependencies = [("store", "0015_drafts")]
    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("about_on", models.DateField()),
                ("seq", models.BigIntegerField(db_default=0)),
                ("data", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("subscription", link("subscription")),
                ("customer", link("customer")),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "notice",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "subscription", "kind", "about_on", "seq"),
                        name="notice_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            "merchant", "sends_confirmations", models.BooleanField(db_default=True)
        ),
        migrations.AddField("merchant", "sends_reminders", models.BooleanField(db_default=True)),
        migrations.AddField("merchant", "notice_days", models.IntegerField(db_default=30)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(
                condition=models.Q(notice_days__range=(0, 366)), name="notice_is_up_to_a_year"
            ),
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
