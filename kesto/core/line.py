"""A due line: what was computed for a price and a period, its key and its explanation."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from kesto.core.pricing.usage import Unpriced

RECURRING = "recurring"
ONE_TIME = "one_time"
USAGE = "usage"
MINIMUM = "minimum"
DISCOUNT = "discount"
CREDIT = "credit"


class Rated(Struct, frozen=True, gc=False, cache_hash=True):
    """A price for a period, computed; the same for every item that has the same."""

    price_id: UUID
    product_id: UUID
    kind: str
    period_start: date
    period_end: date
    part: int
    revision: int
    quantity: Decimal
    amount_minor: int
    tax_category: str
    tax_rate_percent: Decimal
    revenue_account: str
    explanation: bytes


class Key(NamedTuple):
    """What a due line is the line of; wording and amounts take no part in it."""

    item_id: UUID
    price_id: UUID
    kind: str
    period_start: date
    part: int


class Line(Struct, frozen=True, gc=False):
    """A due line: an item and what was computed for it.

    `unpriced` is usage of it that has no price yet: such a line is shown, and never billed.
    """

    item_id: UUID
    rated: Rated
    unpriced: Unpriced | None = None

    @property
    def key(self) -> Key:
        """The key under which the line is billed."""
        rated = self.rated
        return Key(self.item_id, rated.price_id, rated.kind, rated.period_start, rated.part)


class ExplainedPart(Struct, frozen=True, omit_defaults=True):
    """A part of an amount: `quantity` x `unit_amount` + `flat_amount`, as decimal strings."""

    what: str
    quantity: str
    amount: str
    unit_amount: str = "0"
    flat_amount: str = "0"


class CreditTaken(Struct, frozen=True):
    """Which credit came off an invoice before tax.

    `amount_minor` was given on a day; `taken_minor` of it came off here, on one line or several,
    and `left_minor` was left then.
    """

    grant_id: UUID
    given_on: date
    amount_minor: int
    taken_minor: int
    left_minor: int


class Explanation(Struct, frozen=True, omit_defaults=True):
    """Why a line costs what it costs, as data; `exact` is the amount before rounding.

    `percent` of the price is charged in this phase; `paused_days` of the period were paused;
    `skipped` of its `deliveries` were skipped and are credited;
    `discount` is the code of the coupon whose line it is, `credit` the credit before tax whose line
    it is. `part_of_minor` is what the whole line
    was billed for, where a credit note takes a part of it; `text` stands in place of the product's
    name on what was written by hand.
    """

    quantity: str
    exact: str
    parts: tuple[ExplainedPart, ...] = ()
    share: str = ""
    percent: str = "100"
    paused_days: int = 0
    skipped: int = 0
    deliveries: int = 0
    discount: str = ""
    credit: CreditTaken | None = None
    corrects: int = 0
    was_minor: int = 0
    now_minor: int = 0
    part_of_minor: int = 0
    text: str = ""
