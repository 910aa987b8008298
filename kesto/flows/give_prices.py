"""Give prices: values of a price series as they become known; what waited goes back to work."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.price_series import SeriesValue, check_values, new_values
from kesto.store import audit, billing, price_series
from kesto.store.session import writing

MOST_VALUES = 10_000


class Given(Struct, frozen=True):
    """How many values were new, how many there already, and how many billing groups they woke."""

    accepted: int
    duplicate: int
    released: int


def give_prices(
    merchant_id: UUID, code: str, values: Sequence[SeriesValue], now: datetime, actor: str
) -> Given:
    """Add values to a series, all or none; one that is there already is left alone.

    Raises NotFound for an unknown series, Invalid for a time that is not the start of an interval,
    Conflict for an interval that has another price.
    """
    with writing(merchant_id) as session:
        series = price_series.one_series(session, code)
        check_values(series, values)
        price_series.lock(session, series)
        known = price_series.known_at(session, series, [one.starts_at for one in values])
        added = new_values(series, values, known)
        price_series.add_values(session, series, added, now)
        released = billing.wake(session, series.id) if added else 0
        given = Given(len(added), len(values) - len(added), released)
        if added:
            counts = {"series": code, "accepted": given.accepted, "released": released}
            audit.record(session, "give_prices", counts, now, actor)
    return given
