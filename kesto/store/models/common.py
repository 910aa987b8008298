"""What every row of a merchant has; the composite keys themselves are made in the migrations."""

from django.db import models


class OfMerchant(models.Model):
    """A row that belongs to one merchant; its foreign keys carry the merchant with them."""

    merchant = models.ForeignKey(
        "store.Merchant", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Noun(OfMerchant):
    """A row with an identity of its own: a uuidv7 made in Python."""

    id = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True


def link(to: str, *, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]  # any model
    """A reference within the merchant; the migration adds (merchant_id, column) as its key."""
    return models.ForeignKey(
        f"store.{to}",
        models.DO_NOTHING,
        null=null,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


def rate(digits: int = 24) -> models.DecimalField:  # type: ignore[type-arg]  # the usual Decimal
    """A quantity or a rate with up to 12 decimal places."""
    return models.DecimalField(max_digits=digits, decimal_places=12)
