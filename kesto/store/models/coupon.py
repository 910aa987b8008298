"""Coupons, and the codes that subscribers type in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from kesto.store.models.common import Noun, link, rate


class Coupon(Noun):
    """A discount that can be given; only its names and its last day ever change."""

    code = models.TextField()
    names = models.JSONField()
    percent = rate()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    duration = models.TextField()
    periods = models.IntegerField()
    products = ArrayField(models.TextField())
    plans = ArrayField(models.TextField())
    most_uses = models.IntegerField()
    most_uses_per_customer = models.IntegerField()
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "coupon"
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="coupon_code_own")]


class CouponCode(Noun):
    """What is typed in, in the writing it was given; capital letters make no difference."""

    coupon = link("Coupon")
    code = models.TextField()

    class Meta:
        db_table = "coupon_code"
        constraints = [models.UniqueConstraint("merchant", Lower("code"), name="coupon_code_once")]
