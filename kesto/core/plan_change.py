"""A plan change inside a period: what is left of the old prices comes back, the new ones begin.

The day of a change belongs to the new plan. Each price is a line of its own, rounded by itself.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kesto.core.calendar import Period
from kesto.core.exact import WHOLE
from kesto.core.pricing import PriceSpec, price
from kesto.core.proration import ProrationRule, used_seconds, used_share


class Sold(Struct, frozen=True, gc=False):
    """A price of a plan, and the quantity it runs in."""

    spec: PriceSpec
    quantity: Decimal


class Shares(Struct, frozen=True, gc=False):
    """The share of its period that the old plan was used, and the share the new one is for."""

    used: Fraction
    rest: Fraction


class PlanChange(Struct, frozen=True, gc=False):
    """The lines of a change in minor units: a credit for each old price, a charge for each new."""

    credits_minor: tuple[int, ...]
    charges_minor: tuple[int, ...]

    @property
    def credit_minor(self) -> int:
        """Return what comes back."""
        return sum(self.credits_minor)

    @property
    def charge_minor(self) -> int:
        """Return what the new prices cost for their part."""
        return sum(self.charges_minor)

    @property
    def net_minor(self) -> int:
        """Return what is to pay; below zero it goes to the customer's balance."""
        return self.charge_minor - self.credit_minor


def plan_change(
    old: Sequence[Sold],
    new: Sequence[Sold],
    shares: Shares,
    currency: str,
    *,
    already_charged_minor: int | None = None,
    already_credited_minor: int = 0,
) -> PlanChange:
    """Credit the old prices less their rounded used part, and charge the new ones for the rest.

    Together the credits are at most what was charged (None: the old prices in full) less what was
    credited before; where that is less, the earlier lines are credited first.
    """
    full_minor = [_cost_minor(sold, WHOLE, currency) for sold in old]
    charged_minor = sum(full_minor) if already_charged_minor is None else already_charged_minor
    left_minor = max(charged_minor - already_credited_minor, 0)
    credits_minor = []
    for sold, whole_minor in zip(old, full_minor, strict=True):
        unused_minor = max(whole_minor - _cost_minor(sold, shares.used, currency), 0)
        credit_minor = min(unused_minor, left_minor)
        credits_minor.append(credit_minor)
        left_minor -= credit_minor
    charges_minor = [_cost_minor(sold, shares.rest, currency) for sold in new]
    return PlanChange(tuple(credits_minor), tuple(charges_minor))


def change_at_period_end(old: Sequence[Sold], new: Sequence[Sold]) -> PlanChange:
    """Leave the period as it was billed: nothing is credited and nothing is charged."""
    return PlanChange((0,) * len(old), (0,) * len(new))


def shares_by_day(period: Period, new_period: Period, on: date, rule: ProrationRule) -> Shares:
    """Return the shares around a change by calendar days (`day`), or unprorated (`none`).

    Both periods are whole regular ones; the parts are cut to them.
    """
    before, after = Period(period.start, on), Period(on, new_period.end)
    return Shares(
        used_share(period, before, period.days, rule).fraction,
        used_share(new_period, after, new_period.days, rule).fraction,
    )


def shares_by_second(
    period: tuple[datetime, datetime], new_period: tuple[datetime, datetime], at: datetime
) -> Shares:
    """Return the shares around a change by the second."""
    return Shares(
        used_seconds(period, (period[0], at)).fraction,
        used_seconds(new_period, (at, new_period[1])).fraction,
    )


def _cost_minor(sold: Sold, share: Fraction, currency: str) -> int:
    """Return what a price charges for a share of its period; an empty part costs nothing."""
    if not share:
        return 0
    priced = price(sold.spec, sold.quantity, share=share)
    return priced.minor(currency) + priced.true_up_minor(currency)
