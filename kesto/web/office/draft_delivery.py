"""The delivery schedule in the plan editor: read from what was typed, and written back."""

from collections.abc import Callable
from datetime import date
from typing import get_args

from kesto.core.calendar import LONGEST_INTERVAL, Interval, Unit
from kesto.core.catalog import DeliverySchedule, Skipping
from kesto.core.refusals import Invalid
from kesto.web.office.draft import Values

PREFIX = "delivery_"
USUAL = DeliverySchedule(Interval("week"))
FIELDS = (
    *("delivery_interval", "delivery_interval_count", "delivery_day", "delivery_counted_from"),
    *("delivery_cut_off_days", "delivery_skipping", "delivery_most_skips"),
)


def delivery_written(delivery: DeliverySchedule | None) -> Values:
    """A published schedule, to make the next one of it."""
    if delivery is None:
        return {}
    return {
        "delivery_interval": delivery.interval.unit,
        "delivery_interval_count": str(delivery.interval.count),
        "delivery_day": str(delivery.day or ""),
        "delivery_counted_from": str(delivery.counted_from or ""),
        "delivery_cut_off_days": str(delivery.cut_off_days),
        "delivery_skipping": delivery.skipping,
        "delivery_most_skips": str(delivery.most_skips or ""),
    }


def delivery_of(
    values: Values, count: Callable[[str, int], int], errors: dict[str, Invalid]
) -> DeliverySchedule | None:
    """The schedule that was typed, None for none; `count` reads a whole number by its name."""
    unit: Unit | None = next(
        (one for one in get_args(Unit) if one == values.get("delivery_interval")), None
    )
    if unit is None:
        return None
    skipping: Skipping = next(
        (one for one in get_args(Skipping) if one == values.get("delivery_skipping")),
        USUAL.skipping,
    )
    every = count("delivery_interval_count", 1)
    if not 1 <= every <= LONGEST_INTERVAL:
        name = "delivery_interval_count"
        errors[name] = Invalid("must be a whole number", code="bad_count", field=name)
        every = 1
    return DeliverySchedule(
        interval=Interval(unit, every),
        day=count("delivery_day", 0),
        counted_from=_day(values.get("delivery_counted_from", ""), errors),
        cut_off_days=count("delivery_cut_off_days", USUAL.cut_off_days),
        skipping=skipping,
        most_skips=count("delivery_most_skips", 0),
    )


def _day(written: str, errors: dict[str, Invalid]) -> date | None:
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        name = "delivery_counted_from"
        errors[name] = Invalid("must be a day", code="bad_day", field=name)
        return None
