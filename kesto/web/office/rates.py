"""The VAT rates that a merchant sells at."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from kesto import countries
from kesto.core.refusals import Invalid
from kesto.store import merchants
from kesto.store.session import Session


class Rate(Struct, frozen=True):
    """A VAT rate by category, on a day."""

    category: str
    percent: Decimal


def rates_on(session: Session, on: date) -> list[Rate]:
    """The VAT rates of the seller's country on a day."""
    entity = merchants.billing_entities(session)[0]
    categories = dict.fromkeys(rate.category for rate in countries.country(entity.country).vat)
    found = []
    for category in categories:
        try:
            percent = countries.vat_rate(entity.country, category, on)
        except Invalid:
            continue
        found.append(Rate(category, percent))
    return found
