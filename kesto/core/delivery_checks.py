"""Whether a delivery schedule makes sense, with the prices of what is delivered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kesto.core.calendar import DAYS, LAST_BILLING_DAY
from kesto.core.catalog import DeliverySchedule, Price
from kesto.core.refusals import Invalid

MOST_CUT_OFF_DAYS = 60
MOST_SKIPS = 366
LAST_DAYS: Mapping[str, int] = {"day": 0, "week": 7, "month": LAST_BILLING_DAY}
"""The highest `day` by the unit of the interval."""

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def delivery_problems(
    delivery: DeliverySchedule | None, prices: Sequence[Price]
) -> Iterator[Invalid]:
    """Everything wrong with a schedule; None is fine."""
    if delivery is None:
        return
    unit = delivery.interval.unit
    if unit not in LAST_DAYS:
        yield _bad("interval", "is day, week or month; write a year as 12 months")
    elif not 0 <= delivery.day <= LAST_DAYS[unit]:
        yield _bad("day", _day_words(unit))
    if delivery.counted_from and not EARLIEST <= delivery.counted_from <= LATEST:
        yield _bad("counted_from", f"lies from {EARLIEST} to {LATEST}")
    if not 0 <= delivery.cut_off_days <= MOST_CUT_OFF_DAYS:
        yield _bad("cut_off_days", f"must be from 0 to {MOST_CUT_OFF_DAYS}")
    if not 0 <= delivery.most_skips <= MOST_SKIPS:
        yield _bad("most_skips", f"must be from 0 to {MOST_SKIPS}")
    if delivery.skipping == "not_allowed" and delivery.most_skips:
        yield _bad("most_skips", "must be left out where skipping is not allowed")
    if delivery.skipping == "credited":
        yield from _credit_problems(delivery, prices)


def _credit_problems(delivery: DeliverySchedule, prices: Sequence[Price]) -> Iterator[Invalid]:
    """A credit is a part of a period's price, so each period must hold a delivery."""
    recurring = [one for one in prices if one.interval is not None and not one.meter]
    if prices and not recurring:
        yield _bad("skipping", "can't be credited without a recurring price")
    for one in recurring:
        if one.interval is not None and one.interval.months < delivery.interval.months:
            yield _bad(
                "skipping",
                f"can't be credited: price {one.code!r} is charged more often than is delivered",
            )


def _day_words(unit: str) -> str:
    if unit == "week":
        return "is a weekday from 1 (Monday) to 7, or 0: that of the first day"
    if unit in DAYS:
        return "must be left out where the interval counts days"
    return f"is a day of the month from 1 to {LAST_BILLING_DAY}, or 0: that of the first day"


def _bad(field: str, detail: str) -> Invalid:
    return Invalid(detail, code="bad_delivery", field=f"delivery.{field}")
