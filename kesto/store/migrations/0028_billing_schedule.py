"""When runs come by themselves; and chunks know when they were done by the real clock."""

from django.db import migrations, models

RIGHTS = "grant update (billing_hour, billing_days, bills_by_hand) on merchant to kesto_app;"


class Migration(migrations.Migration):
    """Three settings of the merchant, and two moments of runs."""

    dependencies = [("store", "0027_doors")]
    operations = [
        migrations.AddField("merchant", "billing_hour", models.IntegerField(db_default=0)),
        migrations.AddField("merchant", "billing_days", models.TextField(db_default="")),
        migrations.AddField("merchant", "bills_by_hand", models.BooleanField(db_default=False)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(
                condition=models.Q(billing_hour__range=(0, 23)), name="billing_hour_of_the_day"
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.AddField("billingrun", "begun_at", models.DateTimeField(null=True)),
        migrations.AddField("billingchunk", "done_at", models.DateTimeField(null=True)),
    ]
