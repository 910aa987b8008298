"""The rater of a seller: the core's rating with the VAT rates of the seller's country."""

from kesto.core.rating import Rater
from kesto.countries import vat_rate


def rater_of(country: str) -> Rater:
    """A rater for a seller of a country, by its two-letter code."""
    return Rater(lambda category, on: vat_rate(country, category, on))
