"""A test merchant's clock on its way: where it goes, and the next day with something to do."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, convert

from kesto.store.session import Session


class Journey(Struct, frozen=True):
    """The last move of a clock that was asked for: `waiting` goes on, `dead` gave up at `error`."""

    to: datetime
    state: Literal["waiting", "done", "dead"]
    error: str


def journey(session: Session, kind: str) -> Journey | None:
    """The last move that was asked for, by the kind of its job; None when there was none."""
    row = session.row(
        "select payload ->> 'to', state, error from job where merchant_id = %s and kind = %s"
        " order by id desc limit 1",
        *(session.merchant_id, kind),
    )
    return Journey(convert(row[0], datetime), *row[1:]) if row else None


def next_due_on(session: Session, today: date) -> date | None:
    """The first day from today on with something to bill; None when nothing lies ahead."""
    row = session.row(
        "select min(case when dirty_from is not null then %s"
        "  else greatest(next_due_on + grace_days, %s) end)"
        " from billing_group join merchant on merchant.id = merchant_id"
        " where merchant_id = %s and parked_at is null",
        *(today, today, session.merchant_id),
    )
    return row[0] if row else None
