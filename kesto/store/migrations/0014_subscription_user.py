"""Who uses a subscription is looked up all day: what are they entitled to?"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Subscriptions are found by their user."""

    dependencies = [("store", "0013_invoicing")]
    operations = [
        migrations.AddIndex(
            "subscription", models.Index(fields=["merchant", "user"], name="subscription_user")
        ),
    ]
