"""Price series that grow, such as spot prices of electricity: what is given stays as it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from kesto.core.exact import shown
from kesto.core.refusals import Conflict, Invalid

Resolution = Literal["hour", "quarter_hour"]
RESOLUTIONS: tuple[Resolution, ...] = get_args(Resolution)
MINUTES: Mapping[str, int] = {"hour": 60, "quarter_hour": 15}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LARGEST = Decimal(10) ** 9
MOST_PLACES = 12


class PriceSeries(Struct, frozen=True):
    """A merchant's prices by the hour or quarter-hour, in one currency; `unit` is what of."""

    id: UUID
    code: str
    name: str
    currency: str
    unit: str
    resolution: Resolution

    @property
    def step(self) -> timedelta:
        """How long each of its prices holds."""
        return timedelta(minutes=MINUTES[self.resolution])


class SeriesValue(Struct, frozen=True, gc=False):
    """What a unit costs in the interval that begins at an instant; it may be below zero."""

    starts_at: datetime
    amount: Decimal


class Gap(Struct, frozen=True):
    """Intervals without a price between others: from an instant to before another."""

    starts_at: datetime
    ends_at: datetime


def check_values(series: PriceSeries, values: Sequence[SeriesValue]) -> None:
    """Refuse what can't be a price of a series, naming its place. Raises Invalid."""
    for place, one in enumerate(values):
        _check(series, one, f"values[{place}]")


def new_values(
    series: PriceSeries, values: Sequence[SeriesValue], known: Mapping[datetime, Decimal]
) -> list[SeriesValue]:
    """The values that are not there yet, in the order of time; `known` are those that are.

    Raises Conflict for an interval that has another price, in the series or among the values.
    """
    found = dict(known)
    added = []
    for place, one in enumerate(values):
        before = found.setdefault(one.starts_at, one.amount)
        if before != one.amount:
            raise Conflict(
                f"the interval from {one.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ} costs"
                f" {shown(before)} in {series.code!r} already, and can't cost {shown(one.amount)};"
                " a price that was given never changes",
                code="other_price",
                field=f"values[{place}].starts_at",
                subject=series.code,
            )
        if one.starts_at not in known:
            added.append(one)
    return sorted(dict.fromkeys(added), key=lambda one: one.starts_at)


def _check(series: PriceSeries, value: SeriesValue, at: str) -> None:
    if not EARLIEST <= value.starts_at < LATEST:
        detail = f"must lie between {EARLIEST.year} and {LATEST.year}"
        raise Invalid(detail, code="bad_time", field=f"{at}.starts_at")
    if (value.starts_at - EPOCH) % series.step:
        length = "an hour" if series.resolution == "hour" else "a quarter of an hour"
        detail = f"must be the start of {length}, such as 2026-11-05T02:00+02:00"
        raise Invalid(detail, code="off_grid", field=f"{at}.starts_at")
    digits = -int(value.amount.normalize().as_tuple().exponent)
    if abs(value.amount) >= LARGEST or digits > MOST_PLACES:
        detail = f"must be below {LARGEST:,.0f}, with at most {MOST_PLACES} places"
        raise Invalid(detail, code="bad_decimal", field=f"{at}.amount")
