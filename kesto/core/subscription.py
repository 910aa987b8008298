"""An order for a subscription: what is asked for, in the merchant's own codes."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import Alignment


class Term(Struct, frozen=True, gc=False):
    """What was agreed about staying, where it is not what the plan says (None)."""

    minimum_months: int | None = None
    notice_days: int | None = None


class NewSubscription(Struct, frozen=True):
    """An order for a subscription: what `subscribe` carries out.

    Customers, plan and add-ons are named by the merchant's codes; `payer` and `user` empty mean
    the holder. `end_on` is exclusive (last day of service + 1). `billed_from` bounds how far back
    billing looks, for subscriptions that were billed elsewhere before. `currency` empty means the
    one that the seller counts in, when the plan has a price list in several. One that is not
    `is_consolidated` is billed on invoices of its own. A `coupon`, by its code or one that is typed
    in, is given from the first day on.
    """

    id: UUID
    external_id: str
    holder: str
    plan: str
    start_on: date
    plan_version: int = 0
    currency: str = ""
    payer: str = ""
    user: str = ""
    add_ons: tuple[str, ...] = ()
    quantity: Decimal = Decimal(1)
    alignment: Alignment = "anniversary"
    billing_day: int = 0
    anchor: date | None = None
    zone: str = ""
    end_on: date | None = None
    billed_from: date | None = None
    term: Term = Term()
    is_consolidated: bool = True
    coupon: str = ""
