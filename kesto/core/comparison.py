"""Why an invoice differs from the one before: what changed, in amounts that add up to it.

A plan in the place of another one is one cause with all of its lines, and so is a coupon with all
that it takes off. The other lines are followed from invoice to invoice by their item and product,
and those of usage by their meter too; what a plan's new version brought is paired by product. A
change is taken apart step by step: first the share of the period, then quantity and price, so that
nothing is left unexplained and nothing is told twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.exact import round_ratio, shown
from kesto.core.invoice import read_explanation
from kesto.core.line import DISCOUNT, MINIMUM, ONE_TIME, USAGE, Explanation, Line, Rated
from kesto.core.money import major, round_minor
from kesto.core.plan_swaps import OfPlan, plan_swaps

What = Literal[
    "plan",
    "new",
    "ended",
    "one_time",
    "one_time_before",
    "quantity",
    "price",
    "average",
    "quantity_and_price",
    "days",
    "pause",
    "skipped",
    "phase",
    "periods",
    "minimum",
    "discount",
    "discount_new",
    "discount_ended",
    "correction",
    "correction_before",
    "tax",
    "other",
]


class Reason(Struct, frozen=True):
    """One thing that changed and what it made of the sum.

    `before` and `now` are decimal strings: the quantity, the price in major units, the days in
    use or paused, the deliveries skipped, the percentage of the price that is charged, or the
    number of periods, as `what` says; of a `plan` they are codes; empty where there is nothing to
    compare. The price of usage that changes by the hour is an average. `meter` is the code of the
    meter that counted, `coupon` that of the coupon.
    """

    what: What
    product_id: UUID | None
    amount_minor: int
    before: str = ""
    now: str = ""
    meter: str = ""
    coupon: str = ""

    @property
    def is_made(self) -> bool:
        """Whether a customer or the seller made the change; usage and the calendar make others."""
        return self.what in (_MADE_OF_USAGE if self.meter else _MADE)


_MADE_OF_USAGE = frozenset({"price", "quantity_and_price"})
_MADE = _MADE_OF_USAGE | {
    *("plan", "new", "ended", "one_time", "quantity", "pause", "skipped"),
    *("discount", "discount_new", "discount_ended", "correction"),
}

Meters = Mapping[UUID, str]
"""The codes of meters by the prices that they count for."""

_UNEXPLAINED = Explanation("", "")
_NO_METERS: Meters = MappingProxyType({})
_NO_PLANS: Mapping[UUID, OfPlan] = MappingProxyType({})
_AVERAGE_PLACES = 4


class _Series(NamedTuple):
    """What is followed from one invoice to the next."""

    item_id: UUID
    product_id: UUID
    meter: str


def compare(
    before: Sequence[Line],
    now: Sequence[Line],
    currency: str,
    *,
    meters: Meters = _NO_METERS,
    plans: Mapping[UUID, OfPlan] = _NO_PLANS,
    tax_change_minor: int = 0,
) -> tuple[Reason, ...]:
    """Say why the lines of an invoice differ from the earlier one's, the weightiest first.

    The amounts add up to the difference of the lines and `tax_change_minor`, which is given where
    prices are without VAT. `plans` are those of the items that plans are sold by.
    """
    swaps, before, now = plan_swaps(before, now, plans)
    earlier = _series(before, meters)
    later = _paired(earlier, _series(now, meters))
    reasons = [Reason("plan", None, one.amount_minor, one.before, one.now) for one in swaps]
    reasons += [*_apart(before, meters, sign=-1), *_apart(now, meters, sign=1)]
    reasons += _discounts(before, now)
    for key in earlier | later:
        found = _changed(key.product_id, earlier.get(key, ()), later.get(key, ()), currency)
        reasons += [structs.replace(reason, meter=key.meter) for reason in found]
    reasons.append(Reason("tax", None, tax_change_minor))
    return _merged(reasons)


def at_most(rows: int, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Keep so many reasons; where there are more, the last row rolls up the rest.

    The weightiest one always keeps its row, then those that somebody made, then the others: what
    a person changed never stands in the rest while something that came by itself has a row.
    """
    if len(reasons) <= rows:
        return tuple(reasons)
    places = range(len(reasons))
    by_rank = sorted(places, key=lambda place: (place > 0, not reasons[place].is_made))
    kept, rest = sorted(by_rank[: rows - 1]), by_rank[rows - 1 :]
    rest_minor = sum(reasons[place].amount_minor for place in rest)
    rolled_up = (Reason("other", None, rest_minor),) if rest_minor else ()
    return (*(reasons[place] for place in kept), *rolled_up)


def _is_series(rated: Rated) -> bool:
    return rated.revision == 1 and rated.kind not in {ONE_TIME, MINIMUM, DISCOUNT}


def _series(lines: Sequence[Line], meters: Meters) -> dict[_Series, tuple[Rated, ...]]:
    """The regular lines by what they are lines of, each series in the order of its periods."""
    found: dict[_Series, tuple[Rated, ...]] = {}
    for line in sorted(lines, key=lambda line: (line.rated.period_start, line.rated.part)):
        if _is_series(line.rated):
            meter = meters.get(line.rated.price_id, "")
            key = _Series(line.item_id, line.rated.product_id, meter)
            found[key] = (*found.get(key, ()), line.rated)
    return found


def _paired(
    earlier: dict[_Series, tuple[Rated, ...]], later: dict[_Series, tuple[Rated, ...]]
) -> dict[_Series, tuple[Rated, ...]]:
    """Name a later series as the earlier one of its product and meter, where both are left over."""
    left = [key for key in earlier if key not in later]
    paired = {}
    for key, lines in later.items():
        match = next((one for one in left if one[1:] == key[1:]), None)
        if key in earlier or match is None:
            paired[key] = lines
        else:
            left.remove(match)
            paired[match] = lines
    return paired


def _apart(lines: Sequence[Line], meters: Meters, *, sign: int) -> Iterator[Reason]:
    """What stands for itself: corrections, one-time prices and minimums."""
    for line in lines:
        rated, what = line.rated, _what_apart(line.rated, is_now=sign > 0)
        if what is not None:
            meter = meters.get(rated.price_id, "") if rated.kind in {USAGE, MINIMUM} else ""
            yield Reason(what, rated.product_id, sign * rated.amount_minor, meter=meter)


def _what_apart(rated: Rated, *, is_now: bool) -> What | None:
    if rated.revision > 1:
        return "correction" if is_now else "correction_before"
    if rated.kind == ONE_TIME:
        return "one_time" if is_now else "one_time_before"
    return "minimum" if rated.kind == MINIMUM else None


def _discounts(before: Sequence[Line], now: Sequence[Line]) -> Iterator[Reason]:
    """What each coupon took off, on all lines together."""
    earlier, later = _taken_off(before), _taken_off(now)
    for coupon in earlier | later:
        what: What = "discount"
        if coupon not in earlier:
            what = "discount_new"
        elif coupon not in later:
            what = "discount_ended"
        amount_minor = later.get(coupon, 0) - earlier.get(coupon, 0)
        yield Reason(what, None, amount_minor, coupon=coupon)


def _taken_off(lines: Sequence[Line]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        rated = line.rated
        if rated.kind == DISCOUNT and rated.revision == 1:
            coupon = read_explanation(rated.explanation).discount if rated.explanation else ""
            sums[coupon] = sums.get(coupon, 0) + rated.amount_minor
    return sums


def _changed(
    product_id: UUID, before: Sequence[Rated], now: Sequence[Rated], currency: str
) -> Iterator[Reason]:
    """What became of a series; its latest periods are compared with each other."""
    if not before or not now:
        what: What = "new" if now else "ended"
        yield Reason(what, product_id, _sum(now) - _sum(before))
        return
    common = min(len(before), len(now))
    more_minor = _sum(now[: len(now) - common]) - _sum(before[: len(before) - common])
    yield Reason("periods", product_id, more_minor, str(len(before)), str(len(now)))
    for earlier, later in zip(before[-common:], now[-common:], strict=True):
        yield from _steps(_Cost.of(earlier, currency), _Cost.of(later, currency))


def _sum(lines: Sequence[Rated]) -> int:
    return sum(rated.amount_minor for rated in lines)


class _Unit(NamedTuple):
    """What a unit costs, how many units there are, and how many were in the price besides."""

    amount: Decimal
    quantity: Decimal
    included: Decimal
    is_average: bool


class _Cost(NamedTuple):
    """A line with what it would cost for the whole period."""

    rated: Rated
    full_minor: int
    unit: _Unit | None
    currency: str
    told: Explanation

    @classmethod
    def of(cls, rated: Rated, currency: str) -> "_Cost":
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


def _steps(before: _Cost, now: _Cost) -> Iterator[Reason]:
    """From one line to the next: the share of the period, then what a whole period costs."""
    product_id = now.rated.product_id
    what_of_share, *facts = _other_share(before, now)
    if what_of_share != "days" and not (before.told.parts and now.told.parts):
        # All of one of them was free: that has no price to compare.
        yield Reason(what_of_share, product_id, _sum([now.rated]) - _sum([before.rated]), *facts)
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


def _other_share(before: _Cost, now: _Cost) -> tuple[What, str, str]:
    """Why another share of the period is charged: its phase, a pause, deliveries, or its days."""
    earlier, later = before.told, now.told
    if earlier.percent != later.percent:
        return "phase", earlier.percent, later.percent
    if earlier.paused_days != later.paused_days:
        return "pause", str(earlier.paused_days), str(later.paused_days)
    if earlier.skipped != later.skipped:
        return "skipped", str(earlier.skipped), str(later.skipped)
    return "days", before.days, now.days


def _other_price(before: _Cost, now: _Cost) -> What | None:
    """Whether the price is another one, or where it changes by the hour its average."""
    units = (before.unit, now.unit)
    averages = {unit.amount for unit in units if unit and unit.is_average and unit.quantity}
    if any(unit and unit.is_average for unit in units):
        return "average" if len(averages) > 1 else None
    return "price" if before.rated.price_id != now.rated.price_id else None


def _merged(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Add up equal reasons, leave out what changed nothing, and put the weightiest first."""
    sums: dict[Reason, int] = {}
    for reason in reasons:
        key = structs.replace(reason, amount_minor=0)
        sums[key] = sums.get(key, 0) + reason.amount_minor
    found = [
        structs.replace(key, amount_minor=amount_minor)
        for key, amount_minor in sums.items()
        if amount_minor
    ]
    return tuple(sorted(found, key=lambda reason: -abs(reason.amount_minor)))
