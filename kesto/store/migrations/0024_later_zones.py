"""Subscriptions know the time zones that they change to, to tell which day it is for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("store", "0023_portal_offer")]
    operations = [
        migrations.AddField(
            "subscription", "later_zones", models.JSONField(default=list), preserve_default=False
        )
    ]
