"""Usage is taken in with less work of the database's."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/cheaper_intake.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """Three policies and a function; nothing is written anew."""

    dependencies = [("store", "0032_key_maker")]
    operations = [migrations.RunPython(guards, migrations.RunPython.noop)]
