"""Which plans and add-ons subscribers may choose in the portal; until now it was all of them."""

from importlib.resources import files

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of what is offered as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/portal_offer.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("store", "0022_before_tax")]
    operations = [
        migrations.CreateModel(
            name="PortalOffer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("code", models.TextField()),
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
            options={
                "db_table": "portal_offer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "kind", "code"), name="portal_offer_once"
                    )
                ],
            },
        ),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
