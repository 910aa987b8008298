"""What a decision looks things up in: the catalogue, the law, who pays, and what day it is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.calendar import Interval, Schedule
from kesto.core.cancellation import NoticeLimit
from kesto.core.catalog import AddOn, Coupon, PlanVersion, Price, Product, SoldNoun
from kesto.core.history import ItemStart
from kesto.core.item import Cadence
from kesto.core.life import ADD_ON, PLAN, Life
from kesto.core.refusals import Invalid, NotAllowed, NotFound

HIGHEST_QUANTITY = Decimal(10**9)
MOST_DECIMALS = 12
MONTH = Interval("month")
FIRST_FOR_ALL = 1_000
"""Discounts on all that a payer buys are numbered from here, those of a subscription below."""


class Payer(Struct, frozen=True):
    """Who is to pay, and the billing group of it; `currency` is the group's."""

    customer_id: UUID
    group_id: UUID
    currency: str = ""


class Shop(Struct, frozen=True):
    """What decisions look things up in.

    `plans` and `add_ons` hold all published versions, the newest last; `coupons` are found by
    their code and by each code that is typed in (in small letters). `uses` counts a coupon's uses
    in all and by this customer. `payer` and `group_id` are for a transfer or another currency.
    `currency` is that of the day, `later` are those that the subscription changes to after it.
    `addresses` are those that deliveries went or may go to, `sent` the days whose deliveries left
    already. `in_portal` is what subscribers may choose by themselves, by noun and code.
    """

    today: date
    currency: str
    includes_tax: bool
    plans: Mapping[str, Sequence[PlanVersion]]
    add_ons: Mapping[str, Sequence[AddOn]]
    coupons: Mapping[str, Coupon]
    products: Mapping[str, Product]
    new_id: Callable[[], UUID]
    limits: tuple[NoticeLimit, ...] = ()
    uses: Mapping[UUID, tuple[int, int]] = {}
    next_discount: int = 1
    next_for_all: int = FIRST_FOR_ALL
    payer: Payer | None = None
    group_id: UUID | None = None
    payer_id: UUID | None = None
    is_staff: bool = True
    addresses: frozenset[UUID] = frozenset()
    sent: frozenset[date] = frozenset()
    withdrawal_days: int = 14
    later: tuple[str, ...] = ()
    in_portal: frozenset[tuple[SoldNoun, str]] = frozenset()

    def version(self, code: str, number: int = 0) -> PlanVersion:
        """A plan's version, the newest for 0. Raises NotFound."""
        found = self.plans.get(code)
        if not found:
            raise NotFound(f"there is no plan {code!r}", code="unknown_plan", field="plan")
        if not number:
            return found[-1]
        one = next((version for version in found if version.version == number), None)
        if one is None:
            raise NotFound(
                f"plan {code!r} has no version {number}", code="unknown_version", field="version"
            )
        return one

    def published(self, owner_id: UUID) -> PlanVersion | AddOn:
        """The plan version or add-on with an id. Raises NotFound."""
        for versions in self.plans.values():
            for version in versions:
                if version.id == owner_id:
                    return version
        for add_ons in self.add_ons.values():
            for add_on in add_ons:
                if add_on.id == owner_id:
                    return add_on
        raise NotFound(f"nothing is published as {owner_id}", field="plan")

    def refuse_unoffered(self, noun: SoldNoun, code: str) -> None:
        """Refuse what subscribers may not choose by themselves. Raises NotAllowed."""
        if not self.is_staff and (noun, code) not in self.in_portal:
            raise NotAllowed(
                f"{code!r} is not offered in the portal; choose another, or let staff change it",
                code="not_offered",
                field=noun,
            )

    def prices_of(self, sold: PlanVersion | AddOn) -> tuple[Price, ...]:
        """The prices of what is sold, in the subscription's price list. Raises Invalid.

        There must be prices in the currencies of later days as well.
        """
        for currency in self.later:
            structs.replace(self, currency=currency, later=()).prices_of(sold)
        prices = tuple(
            one
            for one in sold.prices
            if (one.currency, one.includes_tax) == (self.currency, self.includes_tax)
        )
        if sold.prices and not prices:
            code = sold.plan if isinstance(sold, PlanVersion) else sold.code
            kind = "with VAT" if self.includes_tax else "without VAT"
            raise Invalid(
                f"{code!r} has no prices in {self.currency} {kind}; publish some, or subscribe"
                " anew",
                code="no_price_list",
                field="plan" if isinstance(sold, PlanVersion) else "add_on",
            )
        return prices


def plan_items(
    version: PlanVersion,
    on: date,
    quantity: Decimal,
    new_id: Callable[[], UUID],
    *,
    with_trials: bool = True,
) -> tuple[tuple[ItemStart, ...], date]:
    """The items of a plan that starts on a day, one a phase, and where its periods begin."""
    if not version.phases:
        whole = ItemStart(
            *(new_id(), version.id, PLAN, f"{quantity:f}", version.plan), delivery=version.delivery
        )
        return (whole,), on
    items: list[ItemStart] = []
    day = cadence_on = on
    for place, phase in enumerate(version.phases):
        if phase.is_trial and not with_trials:
            continue
        end = Schedule(day, phase.length).boundary(1) if phase.length else None
        items.append(
            ItemStart(
                *(new_id(), version.id, PLAN, f"{quantity:f}", version.plan, place),
                percent=phase.percent,
                after_days=(day - on).days,
                for_days=(end - day).days if end else 0,
                delivery=version.delivery,
            )
        )
        if end is None:
            break
        day = end
        if phase.is_trial:
            cadence_on = end
    return tuple(items), cadence_on


def add_on_item(add_on: AddOn, quantity: Decimal, new_id: Callable[[], UUID]) -> ItemStart:
    """The item of an add-on."""
    return ItemStart(
        *(new_id(), add_on.id, ADD_ON, f"{quantity:f}", add_on.code), delivery=add_on.delivery
    )


def check_quantity(quantity: Decimal) -> None:
    """Refuse a quantity that nobody could sell. Raises Invalid."""
    exponent = quantity.as_tuple().exponent
    if (
        not isinstance(exponent, int)
        or not 0 < quantity < HIGHEST_QUANTITY
        or exponent < -MOST_DECIMALS
    ):
        raise Invalid(
            "a quantity is above zero, below a billion, and has at most 12 decimals",
            code="bad_quantity",
            field="quantity",
        )


def main_interval(prices: Sequence[Price]) -> Interval:
    """The shortest interval of recurring prices: the one that a subscriber thinks in."""
    intervals = [price.interval for price in prices if price.interval is not None]
    return min(intervals, key=lambda one: one.months, default=MONTH)


def cadence_at(life: Life, day: date) -> Cadence:
    """The cadence by which the plan's periods are cut on a day."""
    plan = life.plan_at(day)
    if plan is None:
        return life.cadence
    return next((turn.cadence for turn in reversed(plan.turns) if turn.on <= day), plan.cadence)


def period_end(life: Life, shop: Shop, day: date) -> date:
    """Where the plan's period that holds a day ends; in a trial it is where the trial does."""
    if day < life.trial_until:
        return life.trial_until
    plan = life.plan_at(day)
    prices: tuple[Price, ...] = ()
    if plan is not None and plan.owner_id is not None:
        prices = shop.prices_of(shop.published(plan.owner_id))
    schedule = cadence_at(life, day).schedule(main_interval(prices))
    if day < schedule.start:
        return schedule.start
    return schedule.boundary(schedule.index_at(day) + 1)


def day_of_change(
    life: Life, shop: Shop, on: date | None, when: str = "", *, at_period_end: bool = False
) -> date:
    """The day on which a change takes effect. Raises NotAllowed or Invalid."""
    today = max(shop.today, life.start_on)
    if on is not None:
        day = on
    elif when == "period_end" or (not when and at_period_end):
        day = period_end(life, shop, today)
    else:
        day = today
    first = max(life.start_on, life.billed_from or life.start_on)
    if day < first:
        raise Invalid(
            f"the subscription starts on {first}; choose that day or a later one",
            code="before_start",
            field="on",
        )
    if day < shop.today and not shop.is_staff:
        raise NotAllowed(
            f"today is {shop.today}; a change can't lie in the past", code="past", field="on"
        )
    refuse_ended(life, day)
    return day


def refuse_ended(life: Life, day: date) -> None:
    """Refuse what would happen after the end. Raises NotAllowed."""
    if life.end_on is not None and day >= life.end_on:
        last = life.end_on - timedelta(days=1)
        raise NotAllowed(
            f"the subscription ends with {last}; keep it first, or subscribe anew",
            code="ended",
            field="on",
        )
