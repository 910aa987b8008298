"""What a merchant sells: products, plans in immutable versions, add-ons, and their prices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import Interval
from kesto.core.metering import Meter
from kesto.core.pricing import PriceSpec

Charged = Literal["advance", "arrears"]
ProrationRule = Literal["day", "second", "none"]
LateEvents = Literal["correct", "current", "refuse"]
EntitlementKind = Literal["boolean", "limit", "metered"]
AtTermEnd = Literal["open_ended", "renew", "end"]
CouponDuration = Literal["once", "periods", "forever"]
Skipping = Literal["not_allowed", "not_credited", "credited"]
SoldNoun = Literal["plan", "add_on"]

WHOLE_PERCENT = Decimal(100)


class Product(Struct, frozen=True, gc=False):
    """A thing or service sold; its names by language, its VAT category, its revenue account."""

    id: UUID
    code: str
    names: dict[str, str]
    tax_category: str = "standard"
    revenue_account: str = "3000"


class SoldMeter(Struct, frozen=True):
    """A meter as a merchant defines it: what it counts, in which unit, and what late events do."""

    id: UUID
    code: str
    names: dict[str, str]
    meter: Meter
    unit: str = ""
    late: LateEvents = "correct"


class Price(Struct, frozen=True):
    """One priced part of a plan version or an add-on; never changed once published.

    `interval` is None for a one-time price. Amounts in `spec` are major units of `currency`.
    `meter` is the code of the meter whose usage is priced; without one it is the quantity that
    was taken. `phases` are the places of the phases it runs in; empty means in all of them.
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
    meter: str = ""
    phases: tuple[int, ...] = ()


class Phase(Struct, frozen=True, gc=False):
    """A stretch at the beginning of a subscription, such as a trial or the first year of a ramp.

    `length` None: on and on (the last phase). `percent` of the recurring prices is charged in it:
    0 makes a free trial. `is_trial` phases come before the periods: those begin where it ends.
    """

    code: str
    length: Interval | None = None
    percent: Decimal = WHOLE_PERCENT
    is_trial: bool = False


class PlanTerms(Struct, frozen=True, gc=False):
    """What a plan's contracts say by default; a subscription may agree otherwise.

    `minimum_months` 0: none. `at_term_end` says what follows the minimum: it goes on open-ended,
    renews by `renewal_months`, or ends. Leaving early costs `early_termination_percent` of what
    the recurring prices would come to for the days that are left of the term. While paused,
    `paused_percent` of the recurring prices is charged; a pause lasts at most `longest_pause_days`
    (0: may not be paused by the subscriber) and moves the term's end when `pause_extends_term`.
    """

    minimum_months: int = 0
    notice_days: int = 14
    at_term_end: AtTermEnd = "open_ended"
    renewal_months: int = 0
    early_termination_percent: Decimal = Decimal(0)
    paused_percent: Decimal = Decimal(0)
    longest_pause_days: int = 0
    pause_extends_term: bool = True
    reminder_days: int = 7


class Feature(Struct, frozen=True, gc=False):
    """Something a subscriber may do or have, by the code that the merchant's systems ask for."""

    id: UUID
    code: str
    names: dict[str, str]
    kind: EntitlementKind = "boolean"
    meter: str = ""


class Entitlement(Struct, frozen=True, gc=False):
    """What a plan version or add-on gives of a feature.

    `limit` None: without limit (always so for a boolean feature). Limits of several add up.
    """

    feature: str
    limit: Decimal | None = None


class DeliverySchedule(Struct, frozen=True, gc=False, omit_defaults=True):
    """How often a plan or an add-on is delivered, such as a box each Thursday.

    `day` is the weekday (1 is Monday) for weeks, the day of the month for months; 0: that of the
    first day. It is counted from the subscription's start, or for everybody from `counted_from`.
    A delivery can be changed until the end of the day `cut_off_days` before it. What skipping one
    does is said by `skipping`; `most_skips` in a calendar year (0: no limit).
    """

    interval: Interval
    day: int = 0
    counted_from: date | None = None
    cut_off_days: int = 2
    skipping: Skipping = "not_credited"
    most_skips: int = 0


class PlanVersion(Struct, frozen=True):
    """A plan as it was published at one time; subscriptions keep the version they took."""

    id: UUID
    plan: str
    version: int
    names: dict[str, str]
    prices: tuple[Price, ...]
    phases: tuple[Phase, ...] = ()
    terms: PlanTerms = PlanTerms()
    entitlements: tuple[Entitlement, ...] = ()
    delivery: DeliverySchedule | None = None


class AddOn(Struct, frozen=True):
    """Something taken on top of a plan, in a published version; `plans` empty means any plan."""

    id: UUID
    code: str
    version: int
    names: dict[str, str]
    prices: tuple[Price, ...]
    plans: tuple[str, ...] = ()
    minimum_months: int = 0
    entitlements: tuple[Entitlement, ...] = ()
    delivery: DeliverySchedule | None = None


class Coupon(Struct, frozen=True):
    """A discount that can be given: a percentage, or an amount in one currency, for a while.

    `periods` belongs to the duration of that name and counts the periods of the subscription.
    `products` and `plans` (codes) narrow what it is for; empty means everything. `codes` are what
    a subscriber types in; a coupon without codes is given by staff. `most_uses` 0: no limit.
    """

    id: UUID
    code: str
    names: dict[str, str]
    percent: Decimal = Decimal(0)
    amount_minor: int = 0
    currency: str = ""
    duration: CouponDuration = "forever"
    periods: int = 0
    products: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    most_uses: int = 0
    most_uses_per_customer: int = 0
    valid_from: date | None = None
    valid_until: date | None = None


class Catalogue(Struct, frozen=True):
    """A price list as it comes in: products with the plans and add-ons that sell them.

    Ids are given by the caller. A version that is published already with equal content is left
    alone; one that is published with other content is refused: the change needs a new version.
    `currency` and `includes_tax` are of the file's main list; a price may be of another.
    `in_portal` says of plans and add-ons, by noun and code, whether subscribers may choose them in
    the portal; what it does not name stays as it is, and what is new is not offered.
    """

    currency: str
    includes_tax: bool
    products: tuple[Product, ...]
    plans: tuple[PlanVersion, ...]
    add_ons: tuple[AddOn, ...]
    meters: tuple[SoldMeter, ...] = ()
    features: tuple[Feature, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    in_portal: Mapping[tuple[SoldNoun, str], bool] = {}
