"""Prices: one file per pricing model, one table of them, and what can be laid around any."""

from kesto.core.pricing.models import MODELS, parse_price
from kesto.core.pricing.modifiers import PartOfPeriod, price
from kesto.core.pricing.part import Part
from kesto.core.pricing.plain import price_fields
from kesto.core.pricing.priced import Priced
from kesto.core.pricing.quantity_models import QUANTITY_MODELS
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.usage import Entry, Unpriced, Usage

__all__ = [
    "MODELS",
    "QUANTITY_MODELS",
    "Entry",
    "Part",
    "PartOfPeriod",
    "PriceSpec",
    "Priced",
    "Unpriced",
    "Usage",
    "parse_price",
    "price",
    "price_fields",
]
