"""Composite keys, row-level security, rights and the rules that hold for every writer."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What runs write has no foreign keys: it is checked set-based, by triggers, by the flows and by
# verify.
UNLINKED = {
    "claim",
    "explanation",
    "invoice",
    "invoice_line",
    "invoice_tax",
    "issued",
    "journal_entry",
    "outbox",
    "posting",
    "subscription_event",
}


def composite_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make (merchant_id, id) the primary key of every noun and the target of every reference."""
    models = list(apps.get_app_config("store").get_models())
    nouns = [m for m in models if m._meta.pk.name == "id" and m._meta.db_table != "merchant"]
    for model in nouns:
        table = model._meta.db_table
        schema_editor.execute(f"alter table {table} drop constraint {table}_pkey")
        schema_editor.execute(f"alter table {table} add primary key (merchant_id, id)")
    tables = {m._meta.db_table for m in nouns}
    for model in models:
        table = model._meta.db_table
        if table == "merchant" or table in UNLINKED:
            continue
        for field in model._meta.local_fields:
            if not field.is_relation:
                continue
            target = field.related_model._meta.db_table
            if target == "merchant":
                schema_editor.execute(
                    f"alter table {table} add constraint {table}_merchant_fk"
                    " foreign key (merchant_id) references merchant (id)"
                )
            elif target in tables:
                schema_editor.execute(
                    f"alter table {table} add constraint {table}_{field.name}_fk"
                    f" foreign key (merchant_id, {field.column})"
                    f" references {target} (merchant_id, id)"
                )


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the guards as it stands beside the store."""
    schema_editor.execute(files("kesto.store").joinpath("sql/guards.sql").read_text("utf-8"), None)


class Migration(migrations.Migration):
    """The guards of the first tables."""

    dependencies = [("store", "0001_initial")]
    operations = [
        migrations.RunPython(composite_keys, migrations.RunPython.noop),
        migrations.RunPython(guards, migrations.RunPython.noop),
    ]
