"""Which window of events an ask is about."""

from collections.abc import Sequence
from datetime import UTC, datetime

from kesto.core.counting import Ask
from kesto.store.usage.port import Window

EVER = datetime(1, 1, 1, tzinfo=UTC)


def window_of(ask: Ask) -> Window:
    """The window of an ask; from the very first event on where its meter carries on."""
    carries = ask.sold.meter.carry == "since_start"
    start_at = EVER if carries else ask.span.start_at
    return Window(ask.subscription_id, ask.sold.id, start_at, ask.span.end_at)


def windows_of(asks: Sequence[Ask]) -> list[Window]:
    """The windows of many asks."""
    return [window_of(ask) for ask in asks]
