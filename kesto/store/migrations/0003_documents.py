"""Archived documents, with their guard."""

import django.db.models.deletion
from django.db import migrations, models

# Merchants are walled off already: checking the new key wants to know whose rows it may see.
GUARD = """
    select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
    alter table archived_document add constraint archived_document_merchant_fk
        foreign key (merchant_id) references merchant (id);
    select guard_table('archived_document', true);
"""


class Migration(migrations.Migration):
    """The table of archived documents; its rows are never changed."""

    dependencies = [("store", "0002_guards")]
    operations = [
        migrations.CreateModel(
            name="ArchivedDocument",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "subject_id",
                        "kind",
                        "language",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("language", models.TextField()),
                ("template_version", models.TextField()),
                ("sha256", models.BinaryField()),
                ("size", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.merchant",
                    ),
                ),
            ],
            options={"db_table": "archived_document"},
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
