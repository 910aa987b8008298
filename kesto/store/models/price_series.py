"""Price series that grow, and their values by the interval."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, rate


class PriceSeries(Noun):
    """Prices by the hour or quarter-hour in a currency, under the code that plans name."""

    code = models.TextField()
    name = models.TextField()
    currency = models.TextField()
    unit = models.TextField()
    resolution = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "price_series"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="price_series_code")
        ]


class PriceValue(OfMerchant):
    """What a unit costs from an instant on, for one interval of its series; given once."""

    pk = models.CompositePrimaryKey("merchant_id", "series_id", "starts_at")
    series_id = models.UUIDField()
    starts_at = models.DateTimeField()
    amount = rate()
    given_at = models.DateTimeField()

    class Meta:
        db_table = "price_value"
