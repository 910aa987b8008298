"""Who brings usage to ClickHouse dies on the way: nothing is lost, nothing is counted twice.

The server is played by `warehouse`: ClickHouse itself would need a machine of its own here, and
what matters is what we send it, in which order, and what we ask before we send again.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from msgspec.structs import replace

from kesto.core.refusals import Conflict, EventsAway
from kesto.flows.accept_usage import accept_usage
from kesto.flows.change_settings import LEAST_USAGE_MONTHS, change_merchant
from kesto.ops.home import Home
from kesto.store import merchants
from kesto.store.session import reading
from kesto.store.usage import moves
from kesto.store.usage.chosen import event_store
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.port import Wanted
from tests.faults import shipper
from tests.faults.actor import DIED
from tests.faults.warehouse import Warehouse
from tests.town import ACTOR, Town

EVENTS = 7


class Round:
    """A town that meters, and the server that its usage goes to."""

    def __init__(self, place: Home, database: str, file: Path) -> None:
        self.town = Town.founded(on="2026-09-01")
        self.own: UUID = self.town.customer("Aino").subscribes("metered", on="2026-09-01")
        self.town.clock("2026-11-11")
        self.where = (place, database, self.town.merchant_id, file)
        self.server = Warehouse(file)
        self.sent = 0

    def sends(self, count: int, on: str = "2026-11-05") -> None:
        """So many events, each a batch of its own."""
        for _ in range(count):
            self.sent += 1
            event = {
                "id": f"e{self.sent}",
                "subscription": self.own.hex,
                "meter": "talk",
                "time": f"{on}T10:00:00Z",
                "value": "1.5",
            }
            (said,) = accept_usage(self.town.merchant_id, [event], self.town.now, self.town.now)
            assert said.status == "accepted"

    def dies(self, deed: str, crash_at: str) -> None:
        """Do a deed in a process of its own, which dies at a point of it."""
        forgets = self.server.forgets
        assert shipper.act(self.where, deed, crash_at=crash_at, forgets=forgets) == DIED

    def goes(self, deed: str) -> None:
        """Do a deed to its end."""
        shipper.DEEDS[deed](self.town.merchant_id, ClickHouseEvents(self.server))

    def counted(self) -> int:
        """How many events are counted: of what has arrived and of what waits."""
        with reading(self.town.merchant_id) as session:
            return event_store().how_many(session, Wanted(self.own))

    def keys(self) -> list[str]:
        """The keys of all that was ever taken in."""
        with reading(self.town.merchant_id) as session:
            rows = session.rows(
                "select key::text from event_key where merchant_id = %s order by 1",
                self.town.merchant_id,
            )
        return [row[0] for row in rows]

    def waiting(self) -> int:
        """How many batches wait in the spool."""
        with reading(self.town.merchant_id) as session:
            return len(
                session.rows(
                    "select from usage_spool where merchant_id = %s", self.town.merchant_id
                )
            )


@pytest.fixture
def way(
    booted: Home, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Round]:
    made = Round(booted, database_name, tmp_path / "warehouse")
    monkeypatch.setattr(settings, "KESTO_USAGE", made.server)
    moves.forget()
    with closing(made.server):
        yield made
    moves.forget()


@pytest.mark.parametrize("forgets", [False, True], ids=["tokens are known", "tokens are forgotten"])
@pytest.mark.parametrize("point", shipper.SHIP_POINTS)
def test_what_was_shipped_by_who_died_arrives_once(
    way: Round, point: str, *, forgets: bool
) -> None:
    way.sends(EVENTS)
    way.server.forgets = forgets
    way.dies("ship", point)
    assert way.counted() == EVENTS, "what has arrived and waits still counts once"
    way.sends(1)
    assert way.counted() == EVENTS + 1
    way.goes("ship")
    assert way.server.keys() == way.keys()
    assert (way.waiting(), way.counted()) == (0, EVENTS + 1)
    way.goes("ship")
    assert way.server.keys() == way.keys()


def in_postgresql(way: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events were taken in before there was such a server."""
    with monkeypatch.context() as patch:
        patch.setattr(settings, "KESTO_USAGE", None)
        way.sends(EVENTS)


@pytest.mark.parametrize("point", shipper.MOVE_POINTS)
def test_what_was_moved_by_who_died_is_there_once(
    way: Round, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    in_postgresql(way, monkeypatch)
    way.dies("move", point)
    way.sends(1)
    with pytest.raises(EventsAway, match="kesto usage move"):
        way.counted()
    way.goes("move")
    assert (len(way.server.keys()), way.counted()) == (EVENTS, EVENTS + 1)
    way.goes("ship")
    assert way.server.keys() == way.keys()
    way.goes("move")
    assert way.server.keys() == way.keys(), "again changes nothing"


def test_a_part_that_came_twice_is_found_out_and_nothing_is_read(
    way: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has forgotten the token by the time that the move goes on."""
    in_postgresql(way, monkeypatch)
    way.server.forgets = True
    way.dies("move", "move_usage.arrived:2")
    with pytest.raises(Conflict, match="nothing is read from there"):
        way.goes("move")
    with pytest.raises(EventsAway):
        way.counted()


@pytest.mark.parametrize("point", shipper.MONTH_POINTS)
def test_a_month_that_was_half_taken_away_is_taken_away_by_the_next(way: Round, point: str) -> None:
    """Its keys go first: what is there without them can't be sent again, it is too old."""
    way.sends(2)
    way.goes("ship")
    recent = way.keys()
    old = "2024-03-10 10:00:00.000000"
    way.server.table.execute(
        "insert into usage_event select merchant_id, ?, meter_id, ?, 'old', number, problem, 1"
        " from usage_event limit 1",
        [str(UUID(int=1)), old],
    )
    keeps_a_year(way)
    way.dies("keep", point)
    assert way.server.keys() == sorted([*recent, "old"])
    way.goes("keep")
    assert way.server.keys() == way.keys() == recent
    assert way.counted() == len(recent)
    way.goes("keep")
    assert way.server.keys() == recent


def keeps_a_year(way: Round) -> None:
    """The merchant keeps usage that nobody was billed for no longer than it has to."""
    own = way.town.merchant_id
    with reading(own) as session:
        limits = replace(merchants.limits(session), usage_months=LEAST_USAGE_MONTHS)
    change_merchant(own, "Town", limits, way.town.now, ACTOR)


def test_who_sends_again_without_asking_is_found_out(
    way: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So these tests can fail: where the token is forgotten, only asking first helps."""
    way.server.forgets = True
    way.sends(EVENTS)
    way.dies("ship", "ship_usage.arrived")
    monkeypatch.setattr(ClickHouseEvents, "_has_arrived", lambda *_: False)
    way.goes("ship")
    assert len(way.server.keys()) == EVENTS + shipper.BATCHES
    assert sorted({*way.server.keys()}) == way.keys()
