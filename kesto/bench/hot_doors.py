"""Rows d and d2: hot calls over HTTP beside a bare function with the same query; reads by Django.

Sixteen connections ask one thing after another.
"""

from collections.abc import Callable
from http import HTTPStatus
from statistics import median
from uuid import UUID

from django.test import Client

from kesto.bench.callers import Called, call, request
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.bench.statements import statements
from kesto.bench.usage_town import CUSTOMERS, keys_of, open_usage_town
from kesto.store.session import forget_connections, owning

ROUNDS = 3
CONNECTIONS = 16
KEYS = 8
MILLISECONDS = 1_000


class Asking:
    """A town on a ground, served by the product and by a bare function, and who asks them."""

    def __init__(self, ground: Ground, size: int) -> None:
        self.ground = ground
        self.size = size
        self.calls: dict[float, Called] = {}
        ground.boot(FIRST)
        self.merchant_id: UUID = open_usage_town()
        self.keys = keys_of(self.merchant_id, KEYS)
        with owning() as connection:
            # As any database has done by itself a minute after it was filled.
            connection.execute("analyze")
        forget_connections()

    def asks(self, front: str, path: str) -> Worked:
        """Ask for all in turn; the process is warm when the clock begins."""
        own = self.merchant_id
        requests = [
            request(
                "GET", path.format(n=n % CUSTOMERS, merchant=own), self.keys[n % len(self.keys)]
            )
            for n in range(self.size)
        ]
        with self.ground.serve(FIRST, front) as port:
            call(port, requests[: 10 * CONNECTIONS], CONNECTIONS)
            called = call(port, requests, CONNECTIONS)
        if set(called.statuses) != {200}:
            raise AssertionError(f"all were to be answered 200: {called.statuses}")
        self.calls[called.seconds] = called
        return Worked(called.seconds, ())

    def p99(self, worked: Worked) -> float:
        """The milliseconds in which 99 of 100 answers of a run came."""
        return self.calls[worked.seconds].percentile(0.99) * MILLISECONDS


CHECK = "/v1/entitlements/check?customer=c-{n}&feature=support"
SAME_QUERY = "/?merchant={merchant}&customer=c-{n}&feature=support"
READ = "/v1/customers/c-{n}?expand=subscriptions"


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row d: the entitlement check."""
    asking = Asking(ground, size)
    tell("asking between two runs of a bare function")
    rounds = interleaved(
        lambda: asking.asks("front", CHECK),
        lambda: asking.asks("bare", SAME_QUERY),
        ROUNDS,
        steady_spread(),
    )

    def sample(one: Round) -> dict[str, object]:
        baseline = _before_and_after(asking, one)
        return {
            "ratio": short(one.ratio),
            "p99_milliseconds": short(asking.p99(one.product)),
            "baseline_p99_milliseconds": short(baseline),
            "p99_ratio": short(asking.p99(one.product) / baseline),
            "baseline_spread": short(one.spread),
        }

    samples = [sample(one) for one in rounds]
    p99s = [(asking.p99(one.product), _before_and_after(asking, one)) for one in rounds]
    return [
        Measured(
            *("d", "requests/s", median_of(rounds, lambda one: size / one.product.seconds)),
            median_of(rounds, lambda one: size / one.baseline_seconds),
            median_of(rounds, lambda one: one.ratio),
            samples,
        ),
        Measured(
            *("d_p99", "ms", median(own for own, _ in p99s), median(bare for _, bare in p99s)),
            median(own / bare for own, bare in p99s),
            samples,
        ),
    ]


def measure_django(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row d2: a customer read with its subscriptions through Django, and the queries of it."""
    asking = Asking(ground, size)
    queries = _queries(asking)
    tell("reading customers with their subscriptions through Django")
    runs = [asking.asks("front", READ) for _ in range(ROUNDS)]
    found = sorted(asking.p99(one) for one in runs)
    samples: list[dict[str, object]] = [
        {
            "p99_milliseconds": short(asking.p99(one)),
            "requests_per_second": short(size / one.seconds),
        }
        for one in runs
    ]
    middle = found[len(found) // 2]
    return [
        Measured("d2", "ms p99", middle, middle, 1.0, samples),
        Measured("d2_queries", "queries", queries, queries, 1.0, [{"queries": queries}]),
    ]


def _queries(asking: Asking) -> int:
    """What one read asks the database, counted in this process by a second call."""
    client = Client(headers={"host": "localhost", "authorization": f"Bearer {asking.keys[0]}"})

    def read() -> None:
        answer = client.get(READ.format(n=1))
        if answer.status_code != HTTPStatus.OK:
            raise AssertionError(f"it was to be answered 200: {answer.status_code}")
        if not answer.json()["subscriptions"]["items"]:
            raise AssertionError("its subscriptions were to be shown")

    read()
    found = statements(read)
    forget_connections()
    return found


def _before_and_after(asking: Asking, one: Round) -> float:
    return (asking.p99(one.before) + asking.p99(one.after)) / 2
