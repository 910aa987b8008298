"""Row c2: what all customers have used, as a run asks for it, beside adding up the events."""

import gc
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from uuid import UUID

from msgspec import Struct

from kesto.bench import crew
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.metered import EVENTS, MeteredTown
from kesto.bench.rounds import interleaved, median_of
from kesto.core.counting import Ask
from kesto.core.exact import Exact
from kesto.flows.bill import CHUNK_GROUPS
from kesto.store import proof
from kesto.store.session import Session, reading
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.taking_in import usage_so_far
from kesto.verify.usage import U7

ROUNDS = 3


class Share(Struct, frozen=True):
    """What one process asks for: some of the asks, and what their answers come to together."""

    merchant_id: UUID
    batch: int
    start: int
    end: int
    total: Exact


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Ask for everybody in two processes, between two sums over all events by customer."""
    tell(f"making {size:,} customers with {EVENTS} events each")
    town = MeteredTown(ground, size)
    with reading(town.merchant_id, "run") as session:
        asks, batch = town.asks(session), usage_so_far(session)
        tell("comparing each customer's usage with their events")
        quantities = compare(session, asks, batch)
        shares = _shares(town.merchant_id, batch, quantities)
        ready = partial(_prepare, ground.boot, town.merchant_id, asks)
        tell("asking for everybody between two sums over all events")
        rounds = interleaved(
            lambda: crew.work(ready, _ask, lambda: shares),
            lambda: _timed(lambda: _added_up(session)),
            ROUNDS,
            steady_spread(),
        )
    samples: list[dict[str, object]] = [
        {
            "ratio": short(one.ratio),
            "customers_per_second": short(size / one.product.seconds),
            "cpu_microseconds": short(
                sum(effort.cpu_seconds for effort in one.product.efforts) / size * 1_000_000
            ),
            "baseline_spread": short(one.spread),
        }
        for one in rounds
    ]
    value = median_of(rounds, lambda one: size / one.product.seconds)
    baseline = median_of(rounds, lambda one: size / one.baseline_seconds)
    ratio = median_of(rounds, lambda one: one.ratio)
    return [Measured("c2", "customers/s", value, baseline, ratio, samples)]


def compare(session: Session, asks: Sequence[Ask], batch: int) -> list[Exact]:
    """What each ask comes to: the sum of that customer's events. Raises AssertionError."""
    sums = _added_up(session)
    if len(sums) != len(asks):
        raise AssertionError(f"{len(sums)} customers used something, {len(asks)} are asked about")
    book = UsageBook(session)
    book.fetch(asks, batch)
    for ask in asks:
        counted = book.answer(ask).quantity
        if counted != sums[ask.subscription_id]:
            raise AssertionError(f"{ask.subscription_id}: {counted}, not what its events come to")
    wrong = list(proof.evidence(session, U7.query))
    if wrong:
        raise AssertionError(f"{len(wrong)} rollups are wrong, such as {wrong[0]}")
    return [book.answer(ask).quantity for ask in asks]


def _shares(merchant_id: UUID, batch: int, quantities: Sequence[Exact]) -> list[Share]:
    size = len(quantities)
    ends = [size * place // crew.PROCESSES for place in range(crew.PROCESSES + 1)]
    return [
        Share(merchant_id, batch, start, end, sum(quantities[start:end], Decimal(0)))
        for start, end in pairwise(ends)
    ]


_asks: list[Ask] = []


def _prepare(boot: Callable[[str], None], merchant_id: UUID, asks: Sequence[Ask]) -> None:
    """Connect, and ask for the first few, as a worker has long done."""
    boot(FIRST)
    _asks[:] = asks
    with reading(merchant_id, "run") as session:
        UsageBook(session).fetch(_asks[:10])
    gc.collect()
    gc.disable()  # as a run does while it works on a chunk


def _ask(share: Share) -> None:
    """Read usage chunk by chunk as a run does, and take each answer. Raises AssertionError."""
    total: Exact = Decimal(0)
    for start in range(share.start, share.end, CHUNK_GROUPS):
        chunk = _asks[start : min(start + CHUNK_GROUPS, share.end)]
        with reading(share.merchant_id, "run") as session:
            book = UsageBook(session)
            book.fetch(chunk, share.batch)
            total = sum((book.answer(ask).quantity for ask in chunk), total)
    if total != share.total:
        raise AssertionError(f"{total}, not {share.total}")


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
