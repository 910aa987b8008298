"""Why an invoice differs from the one before: what changed, in amounts that add up to it.

A plan in the place of another one is one cause with all of its lines, and so is a coupon with all
that it takes off. The other lines are followed from invoice to invoice by their item and product,
and those of usage by their meter too; what a plan's new version brought is paired by product. A
change is taken apart step by step: first the share of the period, then quantity and price, so that
nothing is left unexplained and nothing is told twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from kesto.core.invoice import read_explanation
from kesto.core.line import CREDIT, DISCOUNT, MINIMUM, ONE_TIME, USAGE, Line, Rated
from kesto.core.line_steps import Cost, steps
from kesto.core.plan_swaps import OfPlan, plan_swaps
from kesto.core.reasons import Reason, What

Meters = Mapping[UUID, str]
"""The codes of meters by the prices that they count for."""

_NO_METERS: Meters = MappingProxyType({})
_NO_PLANS: Mapping[UUID, OfPlan] = MappingProxyType({})


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


def _is_series(rated: Rated) -> bool:
    return rated.revision == 1 and rated.kind not in {ONE_TIME, MINIMUM, DISCOUNT, CREDIT}


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
    """What stands for itself: corrections, one-time prices, minimums and credit."""
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
    if rated.kind == MINIMUM:
        return "minimum"
    return "credit" if rated.kind == CREDIT else None


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
        yield from steps(Cost.of(earlier, currency), Cost.of(later, currency))


def _sum(lines: Sequence[Rated]) -> int:
    return sum(rated.amount_minor for rated in lines)


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
