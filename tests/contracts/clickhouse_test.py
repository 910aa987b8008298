"""Usage in ClickHouse: each event arrives once, whatever breaks, and nothing wrong is ever read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.conf import settings
from msgspec.structs import replace

from kesto.api.errors import problem_of
from kesto.core.refusals import Conflict, EventsAway, Invalid
from kesto.flows.accept_usage import accept_usage
from kesto.flows.keep_months import keep_months
from kesto.flows.move_usage import move_usage
from kesto.flows.open_rollups import open_rollups
from kesto.flows.set_alert import NewAlert, set_alert
from kesto.flows.ship_usage import ship_usage
from kesto.flows.watch_usage import watch_usage
from kesto.jobs import timetable
from kesto.ops import checks
from kesto.ops.home import Home
from kesto.store import usage_alerts
from kesto.store.session import reading, writing
from kesto.store.usage import moves, spool
from kesto.store.usage.chosen import event_store
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_rows import rows_of
from kesto.store.usage.clickhouse_schema import statements
from kesto.store.usage.clickhouse_sql import zone_name
from kesto.store.usage.port import Wanted
from kesto.verify.proof import verify
from tests.contracts.chdb_server import ChdbServer, chdb_server
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import ACTOR, Town

TALK = {"customer": "aino", "meter": "talk", "time": "2026-10-15T12:00:00Z"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, booted: object) -> ChdbServer:
    """ClickHouse, chosen; it ships only where a test says so."""
    assert booted
    found = chdb_server()
    monkeypatch.setattr(found, "is_restless", False)
    monkeypatch.setattr(settings, "KESTO_USAGE", found)
    monkeypatch.setattr(settings, "KESTO_USAGE_WAITING", 10_000)
    return found


@pytest.fixture
def store(server: ChdbServer, town: Town) -> Iterator[ClickHouseEvents]:
    """The store, with nothing of other tests in the spool."""
    made = ClickHouseEvents(server)
    ship_usage(town.merchant_id, made)
    yield made
    server.is_away = False
    ship_usage(town.merchant_id, made)


@pytest.fixture
def aino(town: Town) -> UUID:
    own = town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-31")
    return own


def sends(town: Town, *names: str, value: object = "1.5") -> None:
    """Send an event under each name."""
    events = [{**TALK, "id": name, "value": value} for name in names]
    for said in accept_usage(town.merchant_id, events, town.now, town.now):
        assert said.status == "accepted"


def counted(town: Town, own: UUID) -> int:
    with reading(town.merchant_id) as session:
        return event_store().how_many(session, Wanted(own))


def in_clickhouse(server: ChdbServer, own: UUID) -> int:
    query = f"select count() from usage_event where subscription_id = '{own}'"  # noqa: S608 - an id of ours
    return int(server.ask(query).decode().strip().strip("[]"))


def test_what_arrived_without_an_answer_is_sent_again_and_counts_once(
    town: Town, store: ClickHouseEvents, server: ChdbServer, aino: UUID
) -> None:
    sends(town, "a", "b")
    with writing(town.merchant_id, "run") as session:
        shipment = spool.claim(session)
    assert shipment is not None
    assert not shipment.is_again
    store.ship(shipment)  # the answer is lost: nothing is settled
    assert counted(town, aino) == 2
    store.ship(shipment)  # the server knows it by its token
    assert in_clickhouse(server, aino) == 2
    with writing(town.merchant_id, "run") as session:
        again = spool.claim(session)
    assert again == replace(shipment, is_again=True)
    asked = server.questions
    store.ship(replace(shipment, is_again=True))  # or has forgotten it, and is asked first
    assert server.questions == asked + 1
    assert in_clickhouse(server, aino) == 2
    assert ship_usage(town.merchant_id, store) == 2
    assert counted(town, aino) == in_clickhouse(server, aino) == 2
    assert spool.waiting().events == 0


def test_what_comes_after_a_shipment_was_named_goes_with_the_next(
    town: Town, store: ClickHouseEvents, server: ChdbServer, aino: UUID
) -> None:
    sends(town, "a")
    with writing(town.merchant_id, "run") as session:
        first = spool.claim(session)
    sends(town, "b")
    with writing(town.merchant_id, "run") as session:
        again = spool.claim(session)
    assert first is not None
    assert again == replace(first, is_again=True)
    assert ship_usage(town.merchant_id, store) == 2
    assert in_clickhouse(server, aino) == 2


def test_while_it_is_away_events_are_taken_in_and_nothing_is_read(
    town: Town, store: ClickHouseEvents, server: ChdbServer, aino: UUID
) -> None:
    sends(town, "a")
    server.is_away = True
    sends(town, "b")
    with pytest.raises(EventsAway):
        ship_usage(town.merchant_id, store)
    with pytest.raises(EventsAway):
        counted(town, aino)
    with pytest.raises(EventsAway):
        town.bill(on="2026-11-01")
    server.is_away = False
    assert ship_usage(town.merchant_id, store) == 2
    assert counted(town, aino) == in_clickhouse(server, aino) == 2


def test_pages_and_programs_are_told_that_usage_is_away(
    town: Town, store: ClickHouseEvents, server: ChdbServer
) -> None:
    eino = town.customer("Eino")
    own = eino.subscribes("metered", on="2026-10-01")
    visit = visit_of(eino)
    assert store
    assert visit.get(f"/portal/subscriptions/{own}/").status_code == 200
    server.is_away = True
    page = visit.get(f"/portal/subscriptions/{own}/")
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "Nothing is lost" in text_of(page)
    problem = problem_of(EventsAway("click.example.com is away"))
    assert problem is not None
    assert (problem.status, problem.code) == (503, "usage_away")
    assert "example" not in problem.detail


def test_the_doctor_says_what_waits_and_what_is_wrong(
    town: Town,
    store: ClickHouseEvents,
    server: ChdbServer,
    aino: UUID,
    booted: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert store
    assert aino
    sends(town, "a", "b")
    server.is_away = True
    with pytest.raises(checks.Problem, match="2 events wait in the spool, the oldest for"):
        checks._usage_store(booted)
    monkeypatch.setattr(settings, "KESTO_USAGE", None)
    with pytest.raises(checks.Problem, match="kept in ClickHouse, which is not named"):
        checks._usage_store(booted)


def test_too_much_that_waits_is_refused_and_lost_by_nobody(
    town: Town, store: ClickHouseEvents, aino: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "KESTO_USAGE_WAITING", 3)
    sends(town, "a", "b")
    with pytest.raises(EventsAway, match="wait for ClickHouse"):
        sends(town, "c", "d")
    assert counted(town, aino) == 2
    ship_usage(town.merchant_id, store)
    sends(town, "c", "d")
    assert counted(town, aino) == 4


def test_the_timetable_ships_while_anything_waits(
    town: Town, store: ClickHouseEvents, aino: UUID
) -> None:
    assert store
    assert timetable.plan_shipping(town.now) == 0
    sends(town, "a")
    assert aino
    assert timetable.plan_shipping(town.now + timedelta(days=4_000)) == 1
    assert timetable.plan_shipping(town.now + timedelta(days=4_001)) == 0, "one is waiting"


def test_alerts_see_what_went_on_before_they_were_set_and_after(
    town: Town, store: ClickHouseEvents, aino: UUID
) -> None:
    sends(town, "a", value=60)
    ship_usage(town.merchant_id, store)
    wish = NewAlert("talk", "quantity", Decimal(100))
    set_alert(town.merchant_id, aino, wish, town.now, ACTOR)
    assert town.merchant_id in usage_alerts.merchants_to_watch(town.now), "what came before"
    assert watch_usage(town.merchant_id, town.now) == 0
    assert town.merchant_id not in usage_alerts.merchants_to_watch(town.now)
    sends(town, "b", value=60)
    ship_usage(town.merchant_id, store)
    assert town.merchant_id in usage_alerts.merchants_to_watch(town.now), "what came after"
    assert watch_usage(town.merchant_id, town.now) == 1


def test_verify_finds_what_is_missing_and_what_is_there_twice(
    town: Town, store: ClickHouseEvents, server: ChdbServer, aino: UUID
) -> None:
    open_rollups(town.merchant_id, town.now)
    sends(town, "a", "b")
    with writing(town.merchant_id, "run") as session:
        shipment = spool.claim(session)
    assert shipment is not None
    ship_usage(town.merchant_id, store)
    sends(town, "c")
    assert verify(town.merchant_id) == []
    store.insert([*rows_of(shipment.batches[0])], "again")  # as another block: a fault
    assert {one.invariant for one in verify(town.merchant_id)} >= {"U1", "U7"}
    server.tell(
        f"alter table usage_event delete where subscription_id = '{aino}'"
        " settings mutations_sync = 2"
    )
    assert {one.invariant for one in verify(town.merchant_id)} >= {"U1", "U7"}


def test_what_postgresql_has_is_moved_compared_and_only_then_read(
    town: Town,
    server: ChdbServer,
    store: ClickHouseEvents,
    aino: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "KESTO_USAGE", None)
    sends(town, *(f"old-{n}" for n in range(7)), value="0.000000000000000000000000000001")
    town.bill(on="2026-11-01")
    monkeypatch.setattr(settings, "KESTO_USAGE", server)
    sends(town, "new")
    with pytest.raises(EventsAway, match="kesto usage move"):
        counted(town, aino)
    assert town.code in moves.merchants_unmoved()
    told: list[int] = []

    def breaks(events: int) -> None:
        told.append(events)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_usage(town.merchant_id, store, town.now, breaks, 2)
    done = move_usage(town.merchant_id, store, town.now, chunk=2)
    assert done.moved == 7
    assert counted(town, aino) == 8
    assert in_clickhouse(server, aino) == 7
    assert town.code not in moves.merchants_unmoved()
    assert verify(town.merchant_id) == []
    assert move_usage(town.merchant_id, store, town.now).moved == 7, "again changes nothing"
    monkeypatch.setattr(settings, "KESTO_USAGE", None)
    moves.forget()
    with pytest.raises(EventsAway, match="KESTO_USAGE_URL"):
        counted(town, aino)
    with pytest.raises(EventsAway, match="KESTO_USAGE_URL"):
        sends(town, "lost")


def test_a_move_that_does_not_add_up_is_not_done(
    town: Town,
    server: ChdbServer,
    store: ClickHouseEvents,
    aino: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "KESTO_USAGE", None)
    sends(town, "a", "b", "c")
    monkeypatch.setattr(settings, "KESTO_USAGE", server)
    tell = server.tell
    monkeypatch.setattr(server, "tell", lambda _statement, _rows=b"": None)  # a server that forgets
    with pytest.raises(Conflict, match="nothing is read from there"):
        move_usage(town.merchant_id, store, town.now)
    monkeypatch.setattr(server, "tell", tell)
    with pytest.raises(EventsAway):
        counted(town, aino)
    assert move_usage(town.merchant_id, store, town.now, from_start=True).moved == 3
    assert counted(town, aino) == 3
    with pytest.raises(Conflict, match="delete them there first"):
        move_usage(town.merchant_id, store, town.now, from_start=True)


def test_numbers_are_exact_to_the_last_digit(
    town: Town, store: ClickHouseEvents, aino: UUID
) -> None:
    largest = "999999999999999.999999999999999999999999999999"
    sends(town, "large", value=largest)
    sends(town, "small", value="0.000000000000000000000000000001")
    sends(town, "below", value="-" + largest)
    ship_usage(town.merchant_id, store)
    with reading(town.merchant_id) as session:
        found = {one.event_id: one.number for one in store.events(session, Wanted(aino), 10)}
        ((_, added),) = store.by_day(session, Wanted(aino, is_counted=True), "Europe/Helsinki")
    assert found["large"] == Decimal(largest)
    assert found["below"] == Decimal("-" + largest)
    assert added == found["small"] == Decimal("1e-30")


def test_a_cluster_has_the_same_columns() -> None:
    (single,) = statements()
    shard, whole = statements("main-1")
    columns = single.split("(", 1)[1].split("\nengine")[0]
    assert columns in shard
    assert "engine = ReplicatedMergeTree('/clickhouse/tables/{shard}/" in shard
    assert "Distributed('main-1', currentDatabase(), usage_event_shard," in whole
    with pytest.raises(Invalid):
        statements("main' drop")


def test_only_names_of_zones_come_into_queries() -> None:
    assert zone_name("America/Port-au-Prince") == "'America/Port-au-Prince'"
    with pytest.raises(ValueError, match="drop"):
        zone_name("UTC') drop")


def test_a_month_that_nobody_needs_leaves_with_its_keys(
    server: ChdbServer, booted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert booted
    town = Town.founded("2022-05-01")
    own = town.customer("Aino").subscribes("metered", on="2022-05-01")
    town.clock("2022-05-20")
    event = {**TALK, "id": "old", "time": "2022-05-15T12:00:00Z", "value": 1}
    (said,) = accept_usage(town.merchant_id, [event], town.now, town.now)
    assert said.status == "accepted"
    store = ClickHouseEvents(server)
    ship_usage(town.merchant_id, store)
    now = datetime(2026, 10, 31, tzinfo=UTC)
    assert keep_months(town.merchant_id, now).detached == 0, "kept for good"
    with writing(town.merchant_id) as session:
        session.execute("update merchant set usage_months = 24 where id = %s", town.merchant_id)
    assert keep_months(town.merchant_id, now).detached == 0, "not billed yet"
    with writing(town.merchant_id, "run") as session:
        session.execute(
            "update billing_group set billed_through = '2026-10-31' where merchant_id = %s",
            town.merchant_id,
        )
    told: list[str] = []
    tell = server.tell

    def tells(statement: str, rows: bytes = b"") -> None:
        told.append(statement)
        tell(statement, rows)

    monkeypatch.setattr(server, "tell", tells)
    assert keep_months(town.merchant_id, now).detached == 1
    assert told == ["alter table usage_event detach partition 202205"]
    assert in_clickhouse(server, own) == 0
    with reading(town.merchant_id) as session:
        assert session.rows("select from event_key where merchant_id = %s", town.merchant_id) == []
    assert keep_months(town.merchant_id, now).detached == 0
