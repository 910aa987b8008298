"""A limit above which runs wait until somebody approves them."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the table as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/run_approval.sql").read_text("utf-8")
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
    """A table, and two settings of the merchant."""

    dependencies = [("store", "0030_usage_spool")]
    operations = [
        migrations.CreateModel(
            name="RunApproval",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("through", models.DateField()),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("invoices", models.IntegerField()),
                ("total_minor", models.BigIntegerField()),
                ("before_minor", models.BigIntegerField()),
                ("credited_minor", models.BigIntegerField()),
                ("set_aside", models.IntegerField()),
                ("state", models.TextField()),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.TextField()),
                ("merchant", link("merchant")),
                ("earlier", link("runapproval", null=True)),
            ],
            options={
                "db_table": "run_approval",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(state="waiting"),
                        fields=("merchant",),
                        name="run_approval_waits",
                    )
                ],
            },
        ),
        migrations.AddField("merchant", "run_limit_invoices", models.IntegerField(null=True)),
        migrations.AddField("merchant", "run_limit_minor", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(
                condition=(
                    (models.Q(run_limit_invoices=None) | models.Q(run_limit_invoices__gte=0))
                    & (models.Q(run_limit_minor=None) | models.Q(run_limit_minor__gte=0))
                ),
                name="run_limit_not_negative",
            ),
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
