"""Customers have a currency that they buy in, empty where it is the seller's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("store", "0019_usage")]
    operations = [
        migrations.AddField(
            "customer", "currency", models.TextField(default=""), preserve_default=False
        )
    ]
