"""What a merchant sells: products, plans in immutable versions, add-ons, and their prices."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import Interval
from kesto.core.pricing import PriceSpec

Charged = Literal["advance", "arrears"]
ProrationRule = Literal["day", "second", "none"]


class Product(Struct, frozen=True, gc=False):
    """A thing or service sold; its names by language, its VAT category, its revenue account."""

    id: UUID
    code: str
    names: dict[str, str]
    tax_category: str = "standard"
    revenue_account: str = "3000"


class Price(Struct, frozen=True):
    """One priced part of a plan version or an add-on; never changed once published.

    `interval` is None for a one-time price. Amounts in `spec` are major units of `currency`.
    """

    id: UUID
    code: str
    product: Product
    spec: PriceSpec
    currency: str
    includes_tax: bool
    interval: Interval | None
    charged: Charged = "arrears"
    proration: ProrationRule = "day"


class PlanVersion(Struct, frozen=True):
    """A plan as it was published at one time; subscriptions keep the version they took."""

    id: UUID
    plan: str
    version: int
    names: dict[str, str]
    prices: tuple[Price, ...]


class AddOn(Struct, frozen=True):
    """Something taken on top of a plan, in a published version; `plans` empty means any plan."""

    id: UUID
    code: str
    version: int
    names: dict[str, str]
    prices: tuple[Price, ...]
    plans: tuple[str, ...] = ()


class Catalogue(Struct, frozen=True):
    """A price list as it comes in: products with the plans and add-ons that sell them.

    Ids are given by the caller. A version that is published already with equal content is left
    alone; one that is published with other content is refused: the change needs a new version.
    """

    currency: str
    includes_tax: bool
    products: tuple[Product, ...]
    plans: tuple[PlanVersion, ...]
    add_ons: tuple[AddOn, ...]
