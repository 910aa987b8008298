"""Why an invoice differs from the one before: what changed, in amounts that add up to it.

Lines are followed from invoice to invoice by their item and product; what a plan's new version
brought is paired by product. A change is taken apart step by step: first the share of the period,
then quantity and price, so that nothing is left unexplained and nothing is told twice.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from kesto.core.exact import shown
from kesto.core.invoice import read_explanation
from kesto.core.line import DISCOUNT, MINIMUM, ONE_TIME, Explanation, Line, Rated
from kesto.core.money import major, round_minor

What = Literal[
    "new",
    "ended",
    "one_time",
    "one_time_before",
    "quantity",
    "price",
    "quantity_and_price",
    "days",
    "periods",
    "minimum",
    "discount",
    "correction",
    "correction_before",
    "tax",
    "other",
]


class Reason(Struct, frozen=True):
    """One thing that changed and what it made of the sum.

    `before` and `now` are decimal strings: the quantity, the price in major units, the days in
    use or the number of periods, as `what` says; empty where there is nothing to compare.
    """

    what: What
    product_id: UUID | None
    amount_minor: int
    before: str = ""
    now: str = ""


_UNEXPLAINED = Explanation("", "")


class _Series(NamedTuple):
    """What is followed from one invoice to the next."""

    item_id: UUID
    product_id: UUID


def compare(
    before: Sequence[Line], now: Sequence[Line], currency: str, *, tax_change_minor: int = 0
) -> tuple[Reason, ...]:
    """Say why the lines of an invoice differ from the earlier one's, the weightiest first.

    The amounts add up to the difference of the lines and `tax_change_minor`, which is given where
    prices are without VAT.
    """
    earlier, later = _series(before), _paired(_series(before), _series(now))
    reasons = [*_apart(before, sign=-1), *_apart(now, sign=1)]
    for key in earlier | later:
        reasons += _changed(key.product_id, earlier.get(key, ()), later.get(key, ()), currency)
    reasons.append(Reason("tax", None, tax_change_minor))
    return _merged(reasons)


def at_most(rows: int, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Keep the first reasons; where there are more than rows, the last row rolls up the rest."""
    if len(reasons) <= rows:
        return tuple(reasons)
    kept = reasons[: rows - 1]
    rest_minor = sum(reason.amount_minor for reason in reasons[rows - 1 :])
    rest = (Reason("other", None, rest_minor),) if rest_minor else ()
    return (*kept, *rest)


def _is_series(rated: Rated) -> bool:
    return rated.revision == 1 and rated.kind not in {ONE_TIME, MINIMUM, DISCOUNT}


def _series(lines: Sequence[Line]) -> dict[_Series, tuple[Rated, ...]]:
    """The regular lines by what they are lines of, each series in the order of its periods."""
    found: dict[_Series, tuple[Rated, ...]] = {}
    for line in sorted(lines, key=lambda line: (line.rated.period_start, line.rated.part)):
        if _is_series(line.rated):
            key = _Series(line.item_id, line.rated.product_id)
            found[key] = (*found.get(key, ()), line.rated)
    return found


def _paired(
    earlier: dict[_Series, tuple[Rated, ...]], later: dict[_Series, tuple[Rated, ...]]
) -> dict[_Series, tuple[Rated, ...]]:
    """Give a later series the name of the earlier one of its product, where both are left over."""
    left = [key for key in earlier if key not in later]
    paired = {}
    for key, lines in later.items():
        match = next((one for one in left if one.product_id == key.product_id), None)
        if key in earlier or match is None:
            paired[key] = lines
        else:
            left.remove(match)
            paired[match] = lines
    return paired


def _apart(lines: Sequence[Line], *, sign: int) -> Iterator[Reason]:
    """What stands for itself: corrections, one-time prices, minimums and discounts."""
    for line in lines:
        rated, what = line.rated, _what_apart(line.rated, is_now=sign > 0)
        if what is not None:
            yield Reason(what, rated.product_id, sign * rated.amount_minor)


def _what_apart(rated: Rated, *, is_now: bool) -> What | None:
    if rated.revision > 1:
        return "correction" if is_now else "correction_before"
    if rated.kind == ONE_TIME:
        return "one_time" if is_now else "one_time_before"
    if rated.kind == MINIMUM:
        return "minimum"
    return "discount" if rated.kind == DISCOUNT else None


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


class _Cost(NamedTuple):
    """A line with what it would cost for the whole period."""

    rated: Rated
    full_minor: int
    unit: Decimal | None
    currency: str

    @classmethod
    def of(cls, rated: Rated, currency: str) -> "_Cost":
        explanation = read_explanation(rated.explanation) if rated.explanation else _UNEXPLAINED
        parts = [part for part in explanation.parts if part.what != "share"]
        full_minor = rated.amount_minor
        if len(parts) < len(explanation.parts):
            full_minor = round_minor(sum(Decimal(part.amount) for part in parts), currency)
        return cls(rated, full_minor, _unit(explanation), currency)

    @property
    def price(self) -> str:
        """The price by the unit where there is one, else of all."""
        return shown(self.unit if self.unit is not None else major(self.full_minor, self.currency))

    @property
    def days(self) -> str:
        return str((self.rated.period_end - self.rated.period_start).days)


def _unit(explanation: Explanation) -> Decimal | None:
    """The price of a unit, where units are all there is to an amount."""
    parts = [part for part in explanation.parts if part.what != "share"]
    is_by_unit = len(parts) == 1 and parts[0].what == "units"
    return Decimal(parts[0].unit_amount) if is_by_unit else None


def _steps(before: _Cost, now: _Cost) -> Iterator[Reason]:
    """From one line to the next: the share of the period, then what a whole period costs."""
    product_id = now.rated.product_id
    share_minor = now.rated.amount_minor - now.full_minor
    share_before_minor = before.rated.amount_minor - before.full_minor
    days = (before.days, now.days)
    yield Reason("days", product_id, share_minor - share_before_minor, *days)
    rest_minor = now.full_minor - before.full_minor
    quantities = (shown(before.rated.quantity), shown(now.rated.quantity))
    has_other_price = before.rated.price_id != now.rated.price_id
    if before.rated.quantity == now.rated.quantity:
        prices = (before.price, now.price) if has_other_price else ("", "")
        yield Reason("price" if has_other_price else "other", product_id, rest_minor, *prices)
    elif not has_other_price:
        yield Reason("quantity", product_id, rest_minor, *quantities)
    elif before.unit is None or now.unit is None:
        yield Reason("quantity_and_price", product_id, rest_minor)
    else:
        more = now.rated.quantity - before.rated.quantity
        more_minor = round_minor(more * before.unit, now.currency)
        yield Reason("quantity", product_id, more_minor, *quantities)
        yield Reason("price", product_id, rest_minor - more_minor, before.price, now.price)


def _merged(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Add up equal reasons, leave out what changed nothing, and put the weightiest first."""
    sums: dict[Reason, int] = {}
    for reason in reasons:
        key = Reason(reason.what, reason.product_id, 0, reason.before, reason.now)
        sums[key] = sums.get(key, 0) + reason.amount_minor
    found = [
        Reason(key.what, key.product_id, amount_minor, key.before, key.now)
        for key, amount_minor in sums.items()
        if amount_minor
    ]
    return tuple(sorted(found, key=lambda reason: -abs(reason.amount_minor)))
