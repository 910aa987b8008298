"""What can be laid around any pricing model, in one order.

Transform the quantity, take off the included units, price and prorate, commitment, take off what
earlier lines of the period cost, cap at the maximum. Rounding and the minimum come after (see
Priced).
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal

from kesto.core.exact import EXACT, WHOLE, ZERO, Exact, less, times, total
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.dynamic import Dynamic
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.graduated_percentage import GraduatedPercentage
from kesto.core.pricing.part import Part, amount_of, flat_amount_of, flat_part
from kesto.core.pricing.percentage import Percentage
from kesto.core.pricing.priced import Priced
from kesto.core.pricing.quantities import capped
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.time_series import TimeSeries
from kesto.core.pricing.usage import Usage
from kesto.core.pricing.volume import Volume
from kesto.core.pricing.whole import whole
from kesto.core.refusals import Invalid

PartOfPeriod = Literal["only", "first", "middle", "last"]


def price(
    spec: PriceSpec,
    used: Decimal | Usage = ZERO,
    *,
    share: Fraction = WHOLE,
    minimum_share: Fraction | None = None,
    part: PartOfPeriod = "only",
    previous_quantity: Decimal = ZERO,
    previously_billed: Decimal = ZERO,
) -> Priced:
    """Price a quantity, or other usage, for a period or one of its lines.

    `share` prorates flat, unit and package prices and the minimum and maximum, never the flat
    amount of a tier; `minimum_share` prorates minimum and maximum instead of it. `part` says which
    line of the period this is; `previous_quantity` and `previously_billed` are the sums of the
    lines before.
    """
    usage = used if isinstance(used, Usage) else Usage(used)
    with localcontext(EXACT):
        _refuse_other_kind(spec, usage)
        _refuse_below_zero(spec, usage, previous_quantity)
        parts = _line(spec, usage, share, part, previous_quantity)
        if isinstance(spec.model, Capacity) and part in {"middle", "last"}:
            parts = _less_billed(parts, previously_billed)
        limit_share = share if minimum_share is None else minimum_share
        if spec.maximum is not None:
            room = less(times(spec.maximum, limit_share), previously_billed)
            parts = capped(parts, max(room, ZERO))
        is_settling = spec.minimum is not None and part in {"only", "last"}
        minimum = times(spec.minimum or ZERO, limit_share) if is_settling else None
        return Priced(amount_of(parts), tuple(parts), minimum, previously_billed)


def _line(
    spec: PriceSpec, usage: Usage, share: Fraction, part: PartOfPeriod, previous_quantity: Decimal
) -> list[Part]:
    """Price one line of a period: everything so far, less what was before it."""
    match spec.model:
        case Flat(charged=charged):
            is_due = part in {"only", "first" if charged == "advance" else "last"}
            return whole(spec, usage, share) if is_due else []
        case Volume() if part in {"first", "middle"}:
            return []
        case Percentage() | Dimensional() | TimeSeries():
            return whole(spec, usage, share, previous_quantity=previous_quantity)
    if spec.bucketed or usage.comes_and_goes or isinstance(spec.model, Capacity):
        return whole(spec, usage, share)
    so_far = Usage(total((previous_quantity, usage.total)))
    parts = whole(spec, so_far, share)
    if part in {"only", "first"} or isinstance(spec.model, Volume):
        return parts
    before = whole(spec, Usage(previous_quantity), share)
    amount, flat = times(amount_of(before), -1), times(flat_amount_of(before), -1)
    return [*parts, Part("previous", 1, less(amount, flat), flat, amount)]


def _less_billed(parts: list[Part], previously_billed: Decimal) -> list[Part]:
    """Take off what earlier lines charged for lower levels of the same period."""
    off = min(previously_billed, amount_of(parts))
    return [*parts, flat_part("previous", -off)] if off else parts


def _refuse_other_kind(spec: PriceSpec, usage: Usage) -> None:
    """Refuse a plain quantity where it says nothing, so that usage is never silently free."""
    match spec.model:
        case Percentage() if usage.amounts is None:
            name = "amounts"
        case Capacity() if usage.levels is None:
            name = "levels"
        case TimeSeries() if usage.cost is not None:
            return
        case Dimensional() | TimeSeries() if usage.entries is None:
            name = "quantities"
        case _:
            return
    raise Invalid(f"a {spec.name} price needs {name}", code="missing", field=name)


def _refuse_below_zero(spec: PriceSpec, usage: Usage, previous_quantity: Decimal) -> None:
    """Refuse a quantity below zero; amounts may be, as long as their tiers are not."""
    least: Exact = min(usage.total, previous_quantity)
    match spec.model:
        case Percentage() | Dynamic():
            return
        case GraduatedPercentage() if not spec.bucketed:
            least = total((usage.total, previous_quantity))
    if spec.bucketed:
        least = min((one.total for one, _ in usage.each()), default=ZERO)
    if least < 0 and not usage.comes_and_goes:
        raise Invalid("a billed quantity is never below zero", code="negative", field="quantity")
