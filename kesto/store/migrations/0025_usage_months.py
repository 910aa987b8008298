"""Usage events by month and their keys by hash; what was taken in before is carried over."""

from importlib.resources import files

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def partitions(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run the SQL of the months as it stands beside the store."""
    text = files("kesto.store").joinpath("sql/usage_months.sql").read_text("utf-8")
    schema_editor.execute(text, None)


class Migration(migrations.Migration):
    """Two tables partitioned, and how long a merchant keeps usage that nobody was billed for."""

    dependencies = [("store", "0024_later_zones")]
    operations = [
        migrations.AddField("merchant", "usage_months", models.IntegerField(null=True)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(
                condition=models.Q(usage_months=None) | models.Q(usage_months__range=(13, 600)),
                name="usage_kept_long_enough",
            ),
        ),
        migrations.RunPython(partitions, migrations.RunPython.noop),
    ]
