"""Prices: one file per pricing model, one table of them, and what can be laid around any."""

from kesto.core.pricing.models import MODELS
from kesto.core.pricing.modifiers import Change, PartOfPeriod, price
from kesto.core.pricing.part import Part
from kesto.core.pricing.plain import price_fields
from kesto.core.pricing.priced import Priced
from kesto.core.pricing.spec import PriceSpec, parse_price

__all__ = [
    "MODELS",
    "Change",
    "Part",
    "PartOfPeriod",
    "PriceSpec",
    "Priced",
    "parse_price",
    "price",
    "price_fields",
]
