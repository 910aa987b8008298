"""Keys of the API remember who made them: nobody approves through one what they asked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; keys of before name nobody, and none of them approves."""

    dependencies = [("store", "0031_run_approval")]
    operations = [migrations.AddField("apikey", "made_by", models.TextField(db_default=""))]
