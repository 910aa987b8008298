"""Row c: what one customer has used in the period that runs, beside `select 1`."""

import time
from collections.abc import Callable
from random import Random
from statistics import median
from uuid import UUID

from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import Ground
from kesto.bench.metered import EVENTS, METER, MeteredTown
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.bench.subscribers import NOW
from kesto.flows.show_usage import used_now
from kesto.store.session import Session, reading

ROUNDS = 5
CALLS = 400
"""How often each is asked in a round; the first of them let the database prepare its plan."""
WARM_UP = 20
MICROSECONDS = 1_000_000


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Ask for random customers, and for the one who uses most, on one connection."""
    tell(f"making {size:,} customers with {EVENTS} events each")
    town = MeteredTown(ground, size)
    random = Random(1)  # noqa: S311 - the same customers each time
    with reading(town.merchant_id) as session:
        everyone = town.customers(session)
        heaviest = everyone[0]
        tell("asking for one customer after another between two runs of `select 1`")

        def customers() -> Worked:
            return _p50(lambda: _asked(session, random.choice(everyone)))

        def nothing() -> Worked:
            return _p50(lambda: session.prepared("select 1", {}))

        rounds = interleaved(customers, nothing, *_wanted())
        heavy = interleaved(lambda: _p50(lambda: _asked(session, heaviest)), customers, *_wanted())
    return [_measured("c", rounds), _measured("c_heaviest", heavy)]


def _wanted() -> tuple[int, float]:
    return ROUNDS, steady_spread()


def _asked(session: Session, customer_id: UUID) -> None:
    if not used_now(session, customer_id, METER, NOW):
        raise AssertionError(f"nothing is known of {customer_id}")


def _p50(call: Callable[[], object]) -> Worked:
    """The median time of a call."""
    taken = []
    for _ in range(WARM_UP + CALLS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return Worked(median(taken[WARM_UP:]), ())


def _measured(bar: str, rounds: list[Round]) -> Measured:
    value = median_of(rounds, lambda one: one.product.seconds * MICROSECONDS)
    baseline = median_of(rounds, lambda one: one.baseline_seconds * MICROSECONDS)
    ratio = median_of(rounds, lambda one: 1 / one.ratio)
    samples: list[dict[str, object]] = [
        {
            "ratio": short(1 / one.ratio),
            "p50_microseconds": short(one.product.seconds * MICROSECONDS),
            "baseline_spread": short(one.spread),
        }
        for one in rounds
    ]
    return Measured(bar, "microseconds", value, baseline, ratio, samples)
