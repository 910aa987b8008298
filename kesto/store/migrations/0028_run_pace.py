"""Chunks of a billing run know when they were done by the real clock, so that its pace is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns."""

    dependencies = [("store", "0024_later_zones")]
    operations = [
        migrations.AddField("billingrun", "begun_at", models.DateTimeField(null=True)),
        migrations.AddField("billingchunk", "done_at", models.DateTimeField(null=True)),
    ]
