"""The rater of a seller: the core's rating with the VAT rates of the seller's country."""

from kesto.core.rating import Rater, UsageOf, nothing_used
from kesto.countries import vat_rate


def rater_of(country: str, usage: UsageOf = nothing_used) -> Rater:
    """A rater for a seller of a country, by its two-letter code, told what was used."""
    return Rater(lambda category, on: vat_rate(country, category, on), usage)
