"""Row c2: what all customers have used, as a run asks for it, beside adding up the events."""

import time
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import Ground
from kesto.bench.metered import EVENTS, MeteredTown
from kesto.bench.rounds import interleaved, median_of
from kesto.core.counting import Ask
from kesto.store.session import Session, reading
from kesto.store.usage.counted import UsageBook

ROUNDS = 3
CHUNK = 10_000
"""How many subscriptions are asked about at once: as many as a chunk of a run holds."""


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Ask for everybody in chunks, between two sums over all events by customer."""
    tell(f"making {size:,} customers with {EVENTS} events each")
    town = MeteredTown(ground, size)
    with reading(town.merchant_id, "run") as session:
        asks = town.asks(session)
        tell("comparing each customer's usage with their events")
        compare(session, asks)
        tell("asking for everybody between two sums over all events")
        rounds = interleaved(
            lambda: _timed(lambda: _counted(session, asks)),
            lambda: _timed(lambda: _added_up(session)),
            ROUNDS,
            steady_spread(),
        )
    samples: list[dict[str, object]] = [
        {
            "ratio": short(one.ratio),
            "customers_per_second": short(size / one.product.seconds),
            "baseline_spread": short(one.spread),
        }
        for one in rounds
    ]
    value = median_of(rounds, lambda one: size / one.product.seconds)
    baseline = median_of(rounds, lambda one: size / one.baseline_seconds)
    ratio = median_of(rounds, lambda one: one.ratio)
    return [Measured("c2", "customers/s", value, baseline, ratio, samples)]


def compare(session: Session, asks: list[Ask]) -> None:
    """Look whether each customer's usage is the sum of their events. Raises AssertionError."""
    book, sums = _counted(session, asks), _added_up(session)
    if len(sums) != len(asks):
        raise AssertionError(f"{len(sums)} customers used something, {len(asks)} are asked about")
    for ask in asks:
        counted = book.answer(ask).quantity
        if counted != sums[ask.subscription_id]:
            raise AssertionError(f"{ask.subscription_id}: {counted}, not what its events come to")


def _counted(session: Session, asks: list[Ask]) -> UsageBook:
    book = UsageBook(session)
    for start in range(0, len(asks), CHUNK):
        book.fetch(asks[start : start + CHUNK])
    return book


def _added_up(session: Session) -> dict[UUID, Decimal]:
    """The sum of each customer over the raw events, which are all of the period that runs."""
    rows = session.rows(
        "select subscription_id, sum(number) from usage_event"
        " where merchant_id = %s and problem = '' group by subscription_id, meter_id",
        session.merchant_id,
    )
    return dict(rows)


def _timed(call: Callable[[], object]) -> Worked:
    start = time.perf_counter()
    call()
    return Worked(time.perf_counter() - start, ())
