"""The merchant: the tenant that everything else belongs to."""

from django.db import models


class Merchant(models.Model):
    """A seller of subscriptions, live or test; a test environment is a merchant of its own.

    `clock_at` is the movable clock of a test merchant. `closed_through` is the last closed day:
    nothing is booked or dated on or before it. Invoices above `invoice_limit_minor` are parked;
    the service desk credits invoices up to `service_credit_minor` by itself. A link into the portal
    lasts `portal_link_days`. With `uses_credit` a customer's credit pays its next invoices. What
    falls due is a draft for `grace_days` before it is invoiced. Subscribers are told of changes
    (`sends_confirmations`), of days that come nearer (`sends_reminders`), and of another price at
    least `notice_days` before. Usage that nobody was billed for is kept
    `usage_months`, or for good. A run above `run_limit_invoices` or `run_limit_minor` waits for
    somebody's approval.
    """

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    mode = models.TextField(choices=[("live", "live"), ("test", "test")])
    live_merchant = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")
    clock_at = models.DateTimeField(null=True)
    closed_through = models.DateField(null=True)
    invoice_limit_minor = models.BigIntegerField(default=10_000_000)
    service_credit_minor = models.BigIntegerField(db_default=10_000)
    portal_link_days = models.IntegerField(db_default=60)
    uses_credit = models.BooleanField(db_default=True)
    grace_days = models.IntegerField(db_default=0)
    sends_confirmations = models.BooleanField(db_default=True)
    sends_reminders = models.BooleanField(db_default=True)
    notice_days = models.IntegerField(db_default=30)
    usage_months = models.IntegerField(null=True)
    billing_hour = models.IntegerField(db_default=0)
    billing_days = models.TextField(db_default="")
    bills_by_hand = models.BooleanField(db_default=False)
    run_limit_invoices = models.IntegerField(null=True)
    run_limit_minor = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merchant"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode="test") | models.Q(clock_at=None),
                name="only_test_clocks_move",
            ),
            models.CheckConstraint(
                condition=models.Q(portal_link_days__range=(1, 366)),
                name="link_lasts_up_to_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(grace_days__range=(0, 30)), name="grace_up_to_a_month"
            ),
            models.CheckConstraint(
                condition=models.Q(notice_days__range=(0, 366)), name="notice_is_up_to_a_year"
            ),
            models.CheckConstraint(
                condition=models.Q(usage_months=None) | models.Q(usage_months__range=(13, 600)),
                name="usage_kept_long_enough",
            ),
            models.CheckConstraint(
                condition=models.Q(billing_hour__range=(0, 23)), name="billing_hour_of_the_day"
            ),
            models.CheckConstraint(
                condition=(
                    (models.Q(run_limit_invoices=None) | models.Q(run_limit_invoices__gte=0))
                    & (models.Q(run_limit_minor=None) | models.Q(run_limit_minor__gte=0))
                ),
                name="run_limit_not_negative",
            ),
        ]
