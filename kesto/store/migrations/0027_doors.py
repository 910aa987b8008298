"""What the doors keep: changes that remembered subscribers go stale by, and rejected events."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import DO_NOTHING


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the doors as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/doors.sql").read_text("utf-8")
    schema_editor.execute(text, None)


def of_merchant() -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """The merchant; the SQL adds the key."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=DO_NOTHING,
        related_name="+",
        to="store.merchant",
    )


class Migration(migrations.Migration):
    """Two tables, and the triggers that write the first."""

    dependencies = [("store", "0026_usage_rollup")]
    operations = [
        migrations.CreateModel(
            name="PlacingChange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        *("merchant_id", "no"),
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("no", models.BigIntegerField()),
                ("xid", models.BigIntegerField()),
                ("own", models.UUIDField(null=True)),
                ("name", models.TextField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("merchant", of_merchant()),
            ],
            options={"db_table": "placing_change"},
        ),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("digest", models.UUIDField()),
                ("key", models.UUIDField()),
                ("event_id", models.TextField()),
                ("source", models.TextField()),
                ("code", models.TextField()),
                ("field", models.TextField()),
                ("detail", models.TextField()),
                ("event", models.JSONField()),
                ("is_undated", models.BooleanField()),
                ("received_at", models.DateTimeField()),
                ("merchant", of_merchant()),
            ],
            options={
                "db_table": "dead_letter",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "digest"), name="dead_letter_once")
                ],
                "indexes": [
                    models.Index(fields=["merchant", "code", "id"], name="dead_letters_by_code"),
                    models.Index(fields=["merchant", "key"], name="dead_letters_by_key"),
                    models.Index(fields=["received_at"], name="dead_letters_by_age"),
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
