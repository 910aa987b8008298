"""Rollups hold what the events come to, whatever happens beside them; else they are not read."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from kesto.core.changes.command import (
    Cancel,
    ChangeBillingDay,
    ChangePlan,
    ChangeZone,
    Command,
    Pause,
    Transfer,
)
from kesto.core.counting import ADDS_UP, Ask, asked
from kesto.flows.accept_usage import accept_usage
from kesto.flows.open_rollups import AHEAD, open_rollups
from kesto.store import arrays, billing, proof, running
from kesto.store.catalogue import PriceList
from kesto.store.session import Session, forget_connections, reading, writing
from kesto.store.usage import rollups
from kesto.store.usage.chosen import event_store
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.port import ALL, Window
from kesto.store.usage.rollups import Opened
from kesto.store.usage.taking_in import usage_so_far
from kesto.verify.proof import verify
from tests.contracts.usage_book_test import METERS, events_of, publishes
from tests.town import Town, day, morning


@pytest.fixture
def town(town: Town) -> Iterator[Town]:
    yield town
    assert verify(town.merchant_id) == []


def sends(town: Town, *events: dict[str, Any]) -> None:
    said = accept_usage(town.merchant_id, list(events), town.now, town.now)
    assert {one.status for one in said} <= {"accepted", "duplicate"}, said


def talk(own: str, time: str, value: int = 10, **more: Any) -> dict[str, Any]:
    whose = {} if "subscription" in more else {"customer": "aino"}
    return {"id": own, "meter": "talk", "time": time, "value": value, **whose, **more}


def windows(town: Town, meter: str = "") -> list[Window]:
    """The windows that are kept up, of all meters or one."""
    with reading(town.merchant_id) as session:
        rows = session.rows(
            "select r.subscription_id, r.meter_id, r.start_at, r.end_at from usage_rollup r"
            " join meter m on m.merchant_id = r.merchant_id and m.id = r.meter_id"
            " where r.merchant_id = %s and r.labels = '{}' and %s in ('', m.code)"
            " order by r.meter_id, r.start_at, r.end_at",
            *(town.merchant_id, meter),
        )
    return [Window(*row) for row in rows]


def same_as_events(town: Town, batch: int = ALL) -> list[bool]:
    """Whether each window that is kept up says what its events do; of those that answer."""
    with reading(town.merchant_id) as session:
        found = windows(town)
        counted = event_store().sums(session, found, batch)
        whole = rollups.read(session, found, batch)
        by_group = rollups.read(session, found, batch, is_grouped=True)
    return [
        own == sums if sums.keys() - {()} else one == sums
        for one, own, sums in zip(whole, by_group, counted, strict=True)
        if one is not None
    ]


@pytest.mark.parametrize("seed", range(4))
def test_rollups_say_what_the_events_do(town: Town, seed: int) -> None:
    """Opened between any two batches; events in any order, some twice."""
    random = Random(seed)  # noqa: S311 - the same events each time
    publishes(town)
    town.customer("Aino").subscribes("all", on="2026-10-01")
    town.clock("2026-10-31")
    sent = list(events_of(random))
    again = [*sent, *random.sample(sent, len(sent) // 3)]
    random.shuffle(again)
    opens = random.randrange(5)
    for start in range(0, len(again), 97):
        if start // 97 == opens:
            assert open_rollups(town.merchant_id, town.now - timedelta(days=9)) > 0
        sends(town, *again[start : start + 97])
    assert open_rollups(town.merchant_id, town.now - timedelta(days=9)) == 0
    kept = same_as_events(town)
    assert len(kept) == sum(
        meter["aggregation"] in ADDS_UP and not {"prorate", "carry"} & meter.keys()
        for meter in METERS.values()
    )
    assert all(kept)
    assert_all_answers_are_those_of_the_events(town, "2026-12-01")


MOVES: list[tuple[str, Command]] = [
    ("plan", ChangePlan("basic", on=day("2026-10-12"))),
    ("billing day", ChangeBillingDay(billing_day=15)),
    ("zone", ChangeZone("America/New_York")),
    ("payer", Transfer("veikko")),
    ("pause", Pause(on=day("2026-10-22"), until=day("2026-10-25"))),
    ("end", Cancel(last_day=day("2026-10-24"), waives_notice=True)),
    ("end dated back", Cancel(last_day=day("2026-10-12"), waives_notice=True)),
]


@pytest.mark.parametrize("command", [one for _, one in MOVES], ids=[name for name, _ in MOVES])
def test_what_moves_is_never_answered_wrong(town: Town, command: Command) -> None:
    """Whatever flow moves a period: rollups are right before, in between, and when opened anew."""
    aino = town.customer("Aino")
    town.customer("Veikko")
    own = aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    open_rollups(town.merchant_id, town.now)
    sends(town, *(talk(f"a{n}", f"2026-10-{n:02}T21:30:00Z", n) for n in range(1, 20)))
    aino.changes(own, command)
    assert_all_answers_are_those_of_the_events(town, "2026-12-01")
    sends(town, talk("b", "2026-10-11T21:30:00Z", 100, subscription=own.hex))
    open_rollups(town.merchant_id, town.now)
    sends(town, talk("c", "2026-10-12T01:30:00Z", 1000, subscription=own.hex))
    assert_all_answers_are_those_of_the_events(town, "2026-12-01")
    assert all(same_as_events(town))
    assert open_rollups(town.merchant_id, town.now) == 0


def assert_all_answers_are_those_of_the_events(town: Town, through: str) -> None:
    """Ask everything that a bill up to a day could ask, from the rollups and from the events."""
    with reading(town.merchant_id, "audit") as session:
        wanted = asks_of(session, through)
        book, again = UsageBook(session), UsageBook(session, from_events=True)
        assert wanted
        for one in (book, again):
            one.fetch(wanted)
        # Written out: a number is the very same, in its digits too.
        answers = [repr(book.answer(ask)) for ask in wanted]
        assert answers == [repr(again.answer(ask)) for ask in wanted]


def test_a_run_that_began_before_a_batch_does_not_see_it(town: Town) -> None:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    open_rollups(town.merchant_id, town.now)
    sends(town, talk("a", "2026-10-05T10:00:00Z"))
    with writing(town.merchant_id) as session:
        seen = usage_so_far(session)
    sends(town, talk("b", "2026-10-06T10:00:00Z"))
    with reading(town.merchant_id) as session:
        assert rollups.read(session, windows(town, "talk"), seen) == [None]
        (now,) = rollups.read(session, windows(town, "talk"))
        assert now is not None
        assert [(one.events, one.added) for one in now.values()] == [(2, Decimal(20))]


def asks_of(session: Session, through: str = "2026-11-01") -> list[Ask]:
    """What a bill of everybody up to a day asks for."""
    groups = billing.groups_by_id(session, proof.group_ids(session))
    items = running.items(session, groups, {one.id.int for one in groups}, PriceList())
    meters = UsageBook(session).meters
    return [
        ask
        for group in groups
        for ask in asked(items.get(group.id.int, ()), None, day(through), meters)
    ]


def test_what_is_read_at_once_holds_for_no_earlier_batch(town: Town) -> None:
    """A later look at an earlier batch counts again, and so does one that came after."""
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.customer("Veikko").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    open_rollups(town.merchant_id, town.now)
    sends(
        town,
        talk("a", "2026-10-05T10:00:00Z"),
        talk("v", "2026-10-05T10:00:00Z", customer="veikko"),
    )
    with writing(town.merchant_id) as session:
        seen = usage_so_far(session)
    sends(town, talk("b", "2026-10-06T10:00:00Z", 5))
    with reading(town.merchant_id) as session:
        asks = [one for one in asks_of(session) if one.sold.code == "talk"]
        book = UsageBook(session)
        book.fetch(asks, seen)
        assert [book.answer(one).quantity for one in asks] == [10, 10]
        book.forget()
        book.fetch(asks)
        assert sorted(book.answer(one).quantity for one in asks) == [10, 15]
        groups = billing.groups_by_id(session, proof.group_ids(session))
        items = running.items(session, groups, {one.id.int for one in groups}, PriceList())
        own = {item.subscription_id: item for found in items.values() for item in found}
        for batch, expected in ((seen, [10, 10]), (ALL, [10, 15])):
            used = [
                book.seen(batch)(own[one.subscription_id], one.price, one.stretch).quantity
                for one in asks
            ]
            assert sorted(used) == expected


def test_what_comes_below_zero_bills_nothing(town: Town) -> None:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    open_rollups(town.merchant_id, town.now)
    sends(town, talk("a", "2026-10-05T10:00:00Z", -3))
    with reading(town.merchant_id) as session:
        asks = [one for one in asks_of(session) if one.sold.code == "talk"]
        book = UsageBook(session)
        book.fetch(asks)
        assert [str(book.answer(one).quantity) for one in asks] == ["0"]


def test_usage_of_everybody_is_read_by_one_query_a_meter(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Aino", "Eino", "Tyyne", "Veikko"):
        town.customer(name).subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    sends(town, talk("a", "2026-10-05T10:00:00Z"))
    open_rollups(town.merchant_id, town.now)
    with reading(town.merchant_id) as session:
        asks = [one for one in asks_of(session) if one.is_plain]
        queries: list[str] = []

        def rows(session: Session, query: str, values: Any) -> list[tuple[Any, ...]]:
            queries.append(query)
            return read(session, query, values)

        read = arrays.rows
        monkeypatch.setattr(arrays, "rows", rows)
        book = UsageBook(session)
        book.fetch(asks)
        assert len(queries) == len({one.sold.id for one in asks})
        assert [book.answer(one).quantity for one in asks].count(Decimal(10)) == 1


def test_the_next_period_is_opened_before_it_begins(town: Town) -> None:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-31")
    assert open_rollups(town.merchant_id, town.now) == len(windows(town))
    first, second = windows(town, "talk")
    assert first.end_at == second.start_at < town.now + AHEAD
    assert open_rollups(town.merchant_id, town.now) == 0


def test_what_was_opened_and_never_filled_is_not_read_and_is_filled_later(town: Town) -> None:
    own = town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    sends(town, talk("a", "2026-10-05T10:00:00Z"))
    with reading(town.merchant_id) as session:
        (meter,) = session.rows(
            "select id from meter where merchant_id = %s and code = 'talk'", town.merchant_id
        )
    month = Window(own, meter[0], morning("2026-10-01") - timedelta(hours=3), morning("2026-11-01"))
    with writing(town.merchant_id, "run") as session:
        rollups.open_windows(session, [Opened(month, 0)])
    sends(town, talk("b", "2026-10-06T10:00:00Z"))
    with reading(town.merchant_id) as session:
        assert rollups.read(session, [month]) == [None]
    with writing(town.merchant_id, "run") as session:
        assert rollups.fill(session, [month], event_store()) == 1
    with reading(town.merchant_id) as session:
        (found,) = rollups.read(session, [month])
        assert found is not None
        assert [one.added for one in found.values()] == [20]


def test_batches_and_openings_at_once_lose_nothing(town: Town) -> None:
    """Writers with the same customers in other orders, while rollups are opened again and again."""
    for name in ("Aino", "Eino", "Tyyne"):
        town.customer(name).subscribes("metered", on="2026-10-01")
    town.clock("2026-10-31")
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - the same events each time
        try:
            for number in range(12):
                events = [
                    talk(
                        f"{number}-{place}",
                        f"2026-10-{1 + place:02}T10:00:00Z",
                        customer=("aino", "eino", "tyyne")[place % 3],
                    )
                    for place in range(20)
                ]
                random.shuffle(events)
                sends(town, *events)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            forget_connections()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        open_rollups(town.merchant_id, town.now)
    for writer in writers:
        writer.join()
    open_rollups(town.merchant_id, town.now)
    assert failures == []
    with reading(town.merchant_id) as session:
        found = rollups.read(session, windows(town))
    counted = [one.events for sums in found if sums for one in sums.values()]
    assert sum(counted) == 12 * 20
    assert all(same_as_events(town))


def test_batches_around_a_midnight_never_wait_for_each_other_in_a_ring(town: Town) -> None:
    """Each has events of the same customer to either side of where a period ends."""
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-11-01")
    open_rollups(town.merchant_id, town.now)
    failures: list[BaseException] = []

    def write(own: int) -> None:
        random = Random(own)  # noqa: S311 - the same events each time
        try:
            for number in range(25):
                days = ("2026-10-31", "2026-11-01")
                events = [
                    talk(f"{own}-{number}-{place}", f"{days[place % 2]}T12:00:00Z")
                    for place in range(10)
                ]
                random.shuffle(events)
                told = accept_usage(town.merchant_id, events, town.now, town.now)
                assert {one.status for one in told} == {"accepted"}
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            forget_connections()

    writers = [threading.Thread(target=write, args=(own,)) for own in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert all(same_as_events(town))
