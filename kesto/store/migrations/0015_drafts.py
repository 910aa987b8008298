"""A grace period in which what fell due is a draft, and runs of one group."""

import django.db.models.deletion
from django.db import migrations, models

# The walls ask whose rows are meant, also of the check of a new key: nobody's.
GUARDS = """
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table billing_run add constraint billing_run_group_fk
    foreign key (merchant_id, group_id) references billing_group (merchant_id, id);
grant update (grace_days) on merchant to kesto_app;
"""


class Migration(migrations.Migration):
    """Two settings of days, and the group of a run that a person asked for."""

    dependencies = [("store", "0014_subscription_user")]
    operations = [
        migrations.AddField("merchant", "grace_days", models.IntegerField(db_default=0)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(
                condition=models.Q(grace_days__range=(0, 30)), name="grace_up_to_a_month"
            ),
        ),
        migrations.AddField("billingrun", "grace_days", models.IntegerField(db_default=0)),
        migrations.AddField(
            "billingrun",
            "group",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="store.billinggroup",
            ),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
