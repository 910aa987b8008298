"""What the demo's stories have in common: a merchant that is opened once, whose clock moves on."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from kesto.core.invoice import Seller
from kesto.flows.move_clock import move_clock
from kesto.flows.open_merchant import open_merchant
from kesto.store import merchants
from kesto.store.session import reading

MORNING = timedelta(hours=6)

Bill = Callable[[UUID, date, datetime], object]
"""Make a billing run: of a merchant, through a day, now."""

Tell = Callable[[str], None]
"""Say in a line what happens."""


def morning(day: date) -> datetime:
    """The moment of a day at which the demo does its work."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + MORNING


def opened(code: str, seller: Seller, now: datetime) -> UUID:
    """The merchant of a code; opened as a test merchant where it is not there yet."""
    known = merchants.merchant_called(code)
    return known.id if known else open_merchant(code, seller.name, "test", seller, now)


def move_on(merchant_id: UUID, now: datetime) -> None:
    """Let a merchant's clock stand at a moment, unless it is past it already."""
    with reading(merchant_id) as session:
        clock_at = merchants.merchant(session).clock_at
    if clock_at is not None and clock_at < now:
        move_clock(merchant_id, now)
