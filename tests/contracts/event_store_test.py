"""What every event store must do, asked of each: the same events, the same answers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import msgspec
import pytest
from django.conf import settings
from django.db import transaction
from msgspec.structs import replace

from kesto.core.metering import Event, Meter, Span, meter_events
from kesto.core.metering.metered import Labels
from kesto.store.ids import new_id
from kesto.store.session import Session, writing
from kesto.store.usage import spool
from kesto.store.usage.chosen import event_store
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.port import ALL, Arrival, Arrivals, EventStore, Wanted, Window
from kesto.store.usage.taking_in import begin_batch, number_of, take_in
from tests.contracts.chdb_server import chdb_server
from tests.town import Town

STORES = ("postgres", "clickhouse, all waits", "clickhouse, all came", "clickhouse, some came")
START = datetime(2026, 10, 1, tzinfo=UTC)
METERS = [UUID(int=place) for place in (1, 2)]
DAYS = 70


class Shelf:
    """Events in a store, as they were sent, and the batch that each came with."""

    def __init__(self, store: EventStore, session: Session, way: str) -> None:
        self.store = store
        self.way = way
        self.session = session
        self.subscriptions = [new_id() for _ in range(3)]
        self.kept: dict[bytes, tuple[Arrival, int]] = {}
        self.batches: list[int] = []

    def take_in(self, arrivals: Sequence[Arrival]) -> None:
        """One batch: what is new is kept, the rest told apart."""
        batch = number_of(begin_batch(self.session))
        self.batches.append(batch)
        told = take_in(self.session, Arrivals.of(arrivals), batch, START)
        for one in arrivals:
            assert told[one.key] == ("duplicate" if one.key in self.kept else "accepted")
        for one in arrivals:
            self.kept.setdefault(one.key, (one, batch))
        self.ship()

    def ship(self) -> None:
        """Let what waits go on to where events are counted, as far as is tried here."""
        if not isinstance(self.store, ClickHouseEvents) or self.way.endswith("all waits"):
            return
        shipment = spool.claim(self.session)
        if shipment is not None:
            self.store.ship(shipment)
            # Some stay between the acknowledgement and the end of their shipment.
            if self.way.endswith("all came") or shipment.number % 3:
                spool.settle(self.session, shipment)

    def wanted(self, window: Window, batch: int) -> list[Arrival]:
        """The counted events of a window up to a batch."""
        return [
            one
            for one, came in self.kept.values()
            if one.subscription_id == window.subscription_id.bytes
            and one.meter_id == window.meter_id.bytes
            and window.start_at <= one.at < window.end_at
            and not one.problem
            and came <= batch
        ]


@pytest.fixture(params=STORES)
def shelf(
    request: pytest.FixtureRequest, town: Town, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shelf]:
    """Two months and more of events that came shuffled, in batches of any size, some twice."""
    random = Random(7)  # noqa: S311 - the same events each time
    with writing(town.merchant_id, "run") as session:
        if request.param != "postgres":
            monkeypatch.setattr(settings, "KESTO_USAGE", chdb_server())
        made = Shelf(event_store(), session, request.param)
        events = [arrival(random, random.choice(made.subscriptions)) for _ in range(900)]
        again = [*events, *random.sample(events, 200)]
        random.shuffle(again)
        while again:
            size = random.choice((1, 7, 60, 200))
            made.take_in(list({one.key: one for one in again[:size]}.values()))
            again = again[size:]
        yield made
        transaction.set_rollback(True, using="run")


def arrival(random: Random, subscription_id: UUID) -> Arrival:
    """Any event, some at the same moment as others, some that do not count."""
    key = random.randbytes(16)
    hours = random.choice((random.randrange(DAYS * 24), 24 * 31))
    return Arrival(
        subscription_id=subscription_id.bytes,
        meter_id=random.choice(METERS).bytes,
        at=START + timedelta(hours=hours, microseconds=random.choice((0, 1, 999_999))),
        key=key,
        content=key,
        happened_at=None,
        source="test",
        event_id=f"e{random.randrange(10**9)}-ä",
        number=random.choice(("1", "-2.5", "0.000000000001", "123456789.125")),
        name=random.choice((None, "who")),
        is_removal=random.choice((False, True)),
        labels=random.choice((None, (None,), ("a",), ("ä{},\"' ",), ("a", None))),
        problem=random.choice(("", "", "", "filtered")),
        sent="1",
        properties=random.choice((None, b'{"kind":"a","deep":[1,{"x":null}]}')),
    )


def windows(shelf: Shelf) -> list[Window]:
    """Windows of many lengths, empty ones among them."""
    return [
        Window(own, meter, START + timedelta(days=first), START + timedelta(days=first + days))
        for own in (*shelf.subscriptions, new_id())
        for meter in METERS
        for first, days in ((0, 31), (31, 30), (15, 1), (-400, 900), (60, 0))
    ]


def test_sums_are_those_of_the_core(shelf: Shelf) -> None:
    for batch in (ALL, shelf.batches[len(shelf.batches) // 2], 0):
        found = shelf.store.sums(shelf.session, windows(shelf), batch)
        for window, sums in zip(windows(shelf), found, strict=True):
            own = shelf.wanted(window, batch)
            by_group: dict[Labels, list[Arrival]] = {}
            for one in own:
                by_group.setdefault(tuple(one.labels or ()), []).append(one)
            assert sums.keys() == by_group.keys()
            for labels, events in by_group.items():
                assert sums[labels].events == len(events)
                assert sums[labels].added == core("sum", window, events)
                assert sums[labels].highest == max(Decimal(one.number) for one in events)
                assert sums[labels].newest == max(shelf.kept[one.key][1] for one in events)


def core(aggregation: str, window: Window, events: Sequence[Arrival]) -> Decimal:
    """What the core measures of events, without a bound at zero."""
    found = [
        Event(id=one.event_id, source=one.source, at=one.at, value=one.number, properties={})
        for one in events
    ]
    span = Span(window.start_at, window.end_at, "UTC", None, START.date(), START.date())
    level = meter_events(Meter(aggregation), span, found).level
    return Decimal(level.numerator) / Decimal(level.denominator)


def test_events_are_read_as_they_came_in_the_order_of_time(shelf: Shelf) -> None:
    own = shelf.subscriptions[0]
    expected = sorted(
        (one for one, _ in shelf.kept.values() if one.subscription_id == own.bytes),
        key=lambda one: (one.at, one.key),
    )
    read, after = [], None
    while page := shelf.store.events(shelf.session, Wanted(own), 37, after):
        read += page
        after = page[-1].key
    assert [one.key.bytes for one in read] == [one.key for one in expected]
    for one, sent in zip(read, expected, strict=True):
        assert (one.at, one.event_id, one.source) == (sent.at, sent.event_id, sent.source)
        assert (one.number, one.name, one.is_removal) == (
            *(Decimal(sent.number), sent.name),
            sent.is_removal,
        )
        assert (tuple(one.labels) if one.labels is not None else None) == sent.labels
        assert (one.problem, one.sent, one.properties) == (
            *(sent.problem, sent.sent),
            msgspec.json.decode(sent.properties) if sent.properties else None,
        )
        assert one.ingest_no == shelf.kept[one.key.bytes][1]


def test_what_is_wanted_is_all_that_is_read(shelf: Shelf) -> None:
    batch = shelf.batches[len(shelf.batches) // 2]
    for window in windows(shelf):
        wanted = Wanted(
            *(window.subscription_id, window.meter_id, window.start_at, window.end_at),
            seen=batch,
            is_counted=True,
        )
        expected = {one.key for one in shelf.wanted(window, batch)}
        read = shelf.store.events(shelf.session, wanted, 10_000)
        assert {one.key.bytes for one in read} == expected
        assert shelf.store.how_many(shelf.session, wanted) == len(expected)
        assert shelf.store.how_many(shelf.session, wanted, most=1) == min(len(expected), 1)


def test_days_are_those_of_the_zone(shelf: Shelf) -> None:
    own = shelf.subscriptions[0]
    zone = timedelta(hours=3)  # Riyadh has no summer time
    expected: dict[object, Decimal] = {}
    for one, _ in shelf.kept.values():
        if one.subscription_id == own.bytes and one.meter_id == METERS[0].bytes and not one.problem:
            local = (one.at + zone).date()
            expected[local] = expected.get(local, Decimal(0)) + Decimal(one.number)
    wanted = Wanted(own, METERS[0], is_counted=True)
    found = shelf.store.by_day(shelf.session, wanted, "Asia/Riyadh")
    assert dict(found) == expected
    assert [on for on, _ in found] == sorted(on for on, _ in found)


def test_another_event_with_the_same_key_is_a_conflict(shelf: Shelf) -> None:
    random = Random(8)  # noqa: S311 - any event
    one = arrival(random, shelf.subscriptions[0])
    other = arrival(random, shelf.subscriptions[0])
    changed = replace(other, key=one.key)
    shelf.take_in([one])
    batch = number_of(begin_batch(shelf.session))
    told = take_in(shelf.session, Arrivals.of([changed]), batch, START)
    assert told == {one.key: "conflict"}
    twice = replace(one, key=new_id().bytes)
    batch = number_of(begin_batch(shelf.session))
    told = take_in(shelf.session, Arrivals.of([twice, twice]), batch, START)
    assert told == {twice.key: "accepted"}


def test_batches_of_any_size_are_kept_whole(shelf: Shelf) -> None:
    random = Random(9)  # noqa: S311 - any events
    own = new_id()
    many = [arrival(random, own) for _ in range(6_000)]
    shelf.take_in(many[:5_500])
    shelf.take_in(many[5_500:])
    assert shelf.store.how_many(shelf.session, Wanted(own)) == len({one.key for one in many})
