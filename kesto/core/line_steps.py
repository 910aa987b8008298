"""From one line to the next of its series: what its share of the period did, then its price."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from kesto.core.exact import round_ratio, shown
from kesto.core.invoice import read_explanation
from kesto.core.line import Explanation, Rated
from kesto.core.money import major, round_minor
from kesto.core.reasons import Reason, What

_UNEXPLAINED = Explanation("", "")
_AVERAGE_PLACES = 4


class _Unit(NamedTuple):
    """What a unit costs, how many units there are, and how many were in the price besides."""

    amount: Decimal
    quantity: Decimal
    included: Decimal
    is_average: bool


class Cost(NamedTuple):
    """A line with what it would cost for the whole period."""

    rated: Rated
    full_minor: int
    unit: _Unit | None
    currency: str
    told: Explanation

    @classmethod
    def of(cls, rated: Rated, currency: str) -> "Cost":
        """Read what a line says of itself."""
        explanation = read_explanation(rated.explanation) if rated.explanation else _UNEXPLAINED
        parts = [part for part in explanation.parts if part.what != "share"]
        full_minor = rated.amount_minor
        if len(parts) < len(explanation.parts):
            full_minor = round_minor(sum(Decimal(part.amount) for part in parts), currency)
        return cls(rated, full_minor, _unit(explanation), currency, explanation)

    @property
    def price(self) -> str:
        """The price by the unit where there is one, else of all."""
        if self.unit is None:
            return shown(major(self.full_minor, self.currency))
        return _average(self.unit.amount) if self.unit.is_average else shown(self.unit.amount)

    @property
    def days(self) -> str:
        """The days of its period."""
        return str((self.rated.period_end - self.rated.period_start).days)


def _unit(explanation: Explanation) -> _Unit | None:
    """The price of a unit, where units are all there is to an amount beside those included."""
    parts = [part for part in explanation.parts if part.what != "share"]
    free = parts[0] if parts and parts[0].what == "included" else None
    included = Decimal(free.quantity) if free else Decimal(0)
    found = [part.what for part in parts if part is not free]
    priced = [part for part in parts if part is not free]
    if found not in (["units"], ["series"], ["series", "margin"]):
        return None
    amount = sum((Decimal(part.unit_amount) for part in priced), Decimal(0))
    return _Unit(amount, Decimal(priced[0].quantity), included, found[0] == "series")


def _average(amount: Decimal) -> str:
    """An average as a person reads it: to a hundredth of a cent."""
    numerator, denominator = amount.as_integer_ratio()
    places = round_ratio(numerator * 10**_AVERAGE_PLACES, denominator)
    return shown(Decimal(places).scaleb(-_AVERAGE_PLACES))


def steps(before: Cost, now: Cost) -> Iterator[Reason]:
    """From one line to the next: the share of the period, then what a whole period costs."""
    product_id = now.rated.product_id
    what_of_share, *facts = _other_share(before, now)
    if what_of_share != "days" and not (before.told.parts and now.told.parts):
        # All of one of them was free: that has no price to compare.
        amount_minor = now.rated.amount_minor - before.rated.amount_minor
        yield Reason(what_of_share, product_id, amount_minor, *facts)
        return
    share_minor = now.rated.amount_minor - now.full_minor
    share_before_minor = before.rated.amount_minor - before.full_minor
    yield Reason(what_of_share, product_id, share_minor - share_before_minor, *facts)
    rest_minor = now.full_minor - before.full_minor
    quantities = (shown(before.rated.quantity), shown(now.rated.quantity))
    what, prices = _other_price(before, now), (before.price, now.price)
    if before.rated.quantity == now.rated.quantity:
        told = prices if what and prices[0] != prices[1] else ("", "")
        yield Reason(what if what and any(told) else "other", product_id, rest_minor, *told)
    elif what is None:
        yield Reason("quantity", product_id, rest_minor, *quantities)
    elif before.unit is None or now.unit is None or before.unit.included != now.unit.included:
        yield Reason("quantity_and_price", product_id, rest_minor)
    else:
        more = now.unit.quantity - before.unit.quantity
        more_minor = round_minor(more * before.unit.amount, now.currency)
        yield Reason("quantity", product_id, more_minor, *quantities)
        yield Reason(what, product_id, rest_minor - more_minor, *prices)


def _other_share(before: Cost, now: Cost) -> tuple[What, str, str]:
    """Why another share of the period is charged: its phase, a pause, deliveries, or its days."""
    earlier, later = before.told, now.told
    if earlier.percent != later.percent:
        return "phase", earlier.percent, later.percent
    if earlier.paused_days != later.paused_days:
        return "pause", str(earlier.paused_days), str(later.paused_days)
    if earlier.skipped != later.skipped:
        return "skipped", str(earlier.skipped), str(later.skipped)
    return "days", before.days, now.days


def _other_price(before: Cost, now: Cost) -> What | None:
    """Whether the price is another one, or where it changes by the hour its average."""
    units = (before.unit, now.unit)
    averages = {unit.amount for unit in units if unit and unit.is_average and unit.quantity}
    if any(unit and unit.is_average for unit in units):
        return "average" if len(averages) > 1 else None
    return "price" if before.rated.price_id != now.rated.price_id else None
