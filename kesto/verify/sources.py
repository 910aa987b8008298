"""What invoices are computed from, beside the history of their group."""

from collections.abc import Callable, Mapping
from uuid import UUID

from msgspec import Struct

from kesto.core.billing import BillingEntity
from kesto.core.catalog import Product
from kesto.core.life_items import Prices
from kesto.core.rating import Rater
from kesto.store.usage.counted import UsageBook


class Sources(Struct, frozen=True):
    """The sellers with their VAT rates, the published prices, the products, and what was used."""

    entities: Mapping[UUID, BillingEntity]
    raters: Mapping[UUID, Rater]
    prices: Prices
    product: Callable[[UUID], Product]
    usage: UsageBook
