"""Keep months: those to come are made ahead, and those that nobody needs any more are detached."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.session import crash_point, writing
from kesto.store.usage import clickhouse_months, months
from kesto.store.usage.chosen import clickhouse
from kesto.store.usage.clickhouse import ClickHouseEvents

BACK = 13
"""Events are taken in from so many months back."""
AHEAD = 3


class Kept(Struct, frozen=True):
    """How many months were made, and how many detached."""

    made: int
    detached: int


def keep_months(merchant_id: UUID, now: datetime) -> Kept:
    """Make the months around now, and detach old ones that no merchant needs; each by itself.

    Merchants share the months; the job is one of theirs. A month that somebody reads for long is
    not waited for: the next day's job takes it. `now` is the real time.
    """
    this = now.date().replace(day=1)
    made = detached = 0
    for place in range(-BACK, AHEAD + 1):
        with writing(merchant_id, "run") as session:
            made += months.make(session, months.later(this, place))
    store = clickhouse()
    if store is not None:
        return Kept(made, _detach_elsewhere(merchant_id, store, now))
    with writing(merchant_id, "run") as session:
        found = months.standing(session)
    for month in found:
        if month < months.later(this, -BACK - 1):
            with writing(merchant_id, "run") as session:
                if not months.is_needed(session, month, now):
                    detached += months.detach(session, month)
    return Kept(made, detached)


def _detach_elsewhere(merchant_id: UUID, store: ClickHouseEvents, now: datetime) -> int:
    """The same where events are in ClickHouse: first their keys go, then they; again ends it."""
    detached, this = 0, now.date().replace(day=1)
    for month in clickhouse_months.standing(store):
        if month < months.later(this, -BACK - 1):
            with writing(merchant_id, "run") as session:
                if clickhouse_months.is_needed(session, store, month, now):
                    continue
                months.make(session, month)
                months.detach(session, month)
                crash_point("keep_months.before_commit")
            crash_point("keep_months.keys_gone")
            clickhouse_months.detach(store, month)
            detached += 1
    return detached
