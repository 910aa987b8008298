"""The life of messages, the letters of a day, and how a merchant's messages leave."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the delivery as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/delivery.sql").read_text("utf-8")
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


MESSAGE = {
    "address": models.TextField(db_default=""),
    "subject": models.TextField(db_default=""),
    "text": models.TextField(db_default=""),
    "html": models.TextField(db_default=""),
    "document_sha256": models.BinaryField(null=True),
    "is_attached": models.BooleanField(db_default=False),
    "attempts": models.IntegerField(db_default=0),
    "due_at": models.DateTimeField(null=True),
    "reason": models.TextField(db_default=""),
    "fallback_of": link("message", null=True),
    "letter_batch": link("letterbatch", null=True),
}


class Migration(migrations.Migration):
    """Two tables with their guards, and what is known of a message."""

    dependencies = [("store", "0006_portal_link")]
    operations = [
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("made_on", models.DateField()),
                ("state", models.TextField()),
                ("letters", models.IntegerField(db_default=0)),
                ("pages", models.IntegerField(db_default=0)),
                ("pdf_sha256", models.BinaryField(null=True)),
                ("list_sha256", models.BinaryField(null=True)),
                ("due_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "letter_batch",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "made_on"), name="one_letter_batch_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliverySetting",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("host", models.TextField()),
                ("port", models.IntegerField()),
                ("security", models.TextField()),
                ("username", models.TextField()),
                ("sender", models.TextField()),
                ("reply_to", models.TextField()),
                ("is_attached", models.BooleanField()),
                ("letters_from_hour", models.IntegerField()),
                ("merchant", link("merchant")),
            ],
            options={
                "db_table": "delivery_setting",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant",), name="one_delivery_setting")
                ],
            },
        ),
        *(
            migrations.AddField(model_name="message", name=name, field=field)
            for name, field in MESSAGE.items()
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "portal.link"), _negated=True),
                fields=("merchant", "subject_id", "kind", "channel"),
                name="message_once",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["merchant", "subject_id"], name="message_subject"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(state__in=["waiting", "sending"]),
                fields=["merchant", "due_at"],
                name="message_due",
            ),
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
