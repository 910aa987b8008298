"""Whether a merchant's customers get a receipt for each payment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, off for everybody."""

    dependencies = [("store", "0007_delivery")]
    operations = [
        migrations.AddField(
            model_name="deliverysetting",
            name="sends_receipts",
            field=models.BooleanField(db_default=False),
        ),
    ]
