"""What a process remembers of subscribers is never stale: each way in which it could be."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from kesto.flows.accept_usage import accept_together
from kesto.store.session import reading, writing
from kesto.store.usage import owners
from kesto.store.usage import placing as remembered
from kesto.store.usage.placing import LONGEST, Look, forget_changes, look, placing
from tests.town import Town

OF_HERS = " where s.id = i.subscription_id and s.user_id = %s"
ITEMS = (
    "update subscription_item i set end_on = '2026-10-02' from subscription s",
    "delete from subscription_item i using subscription s",
)


class Reader:
    """One who places events of a town's, and counts how often the subscribers are read."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town = town
        self.read: list[list[str]] = []
        found = owners.owners

        def counted(session: Any, customers: list[str], subscriptions: list[str]) -> Any:
            self.read.append([*customers, *subscriptions])
            return found(session, customers, subscriptions)

        monkeypatch.setattr(owners, "owners", counted)

    def of(self, *customers: str, subscription: str = "") -> dict[str, list[str]]:
        named = {subscription} if subscription else set()
        with reading(self.town.merchant_id) as session:
            found = placing(session, look(session), {*customers}, named)
        known = {**found.customers, **found.subscriptions}
        return {name: [one.external_id for one in own.owners] for name, own in known.items()}


@pytest.fixture
def reader(town: Town, monkeypatch: pytest.MonkeyPatch) -> Reader:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.customer("Eino").subscribes("metered", on="2026-10-01")
    return Reader(town, monkeypatch)


@pytest.fixture
def other(superuser: psycopg.Connection, reader: Reader) -> Iterator[psycopg.Connection]:
    """Another process that changes something, and has not committed it yet."""
    own = str(reader.town.merchant_id)
    superuser.execute("select set_config('app.merchant', %s, false)", [own])
    yield superuser
    superuser.rollback()


def own_of(reader: Reader, name: str) -> UUID:
    with reading(reader.town.merchant_id) as session:
        row = session.row("select id from customer where external_id = %s", name)
    assert row is not None
    found: UUID = row[0]
    return found


def test_what_can_be_no_name_is_not_looked_up(reader: Reader) -> None:
    assert reader.of("aino", "a\x00", "\ud800", "", "x" * 201).keys() == {"aino"}
    assert reader.read == [["aino"]]


def test_what_was_read_once_is_not_read_again(reader: Reader) -> None:
    first = reader.of("aino")
    assert len(first["aino"]) == 1
    assert reader.of("aino") == first
    assert reader.of("aino", "eino").keys() == {"aino", "eino"}
    assert reader.read == [["aino"], ["eino"]]


def test_a_name_that_means_nobody_is_asked_for_each_time(reader: Reader) -> None:
    assert reader.of("veikko") == {}
    veikko = reader.town.customer("Veikko")
    assert reader.of("veikko") == {"veikko": []}
    veikko.subscribes("metered", on="2026-10-01")
    assert len(reader.of("veikko")["veikko"]) == 1


def test_a_change_is_seen_by_the_next_transaction(reader: Reader) -> None:
    reader.of("aino", "eino")
    reader.read.clear()
    own = own_of(reader, "aino")
    with writing(reader.town.merchant_id) as session:
        session.execute("update customer set external_id = 'aina' where id = %s", own)
    assert reader.of("aino", "aina", "eino").keys() == {"aina", "eino"}
    assert reader.read == [["aina", "aino"]], "of who did not change nothing is read"


def test_a_change_that_was_on_its_way_when_it_was_read_is_seen(
    reader: Reader, other: psycopg.Connection
) -> None:
    own = own_of(reader, "aino")
    other.execute("update customer set external_id = 'aina' where id = %s", [own])
    assert reader.of("aino").keys() == {"aino"}, "it is not committed yet"
    # Younger transactions come and go meanwhile.
    with writing(reader.town.merchant_id) as session:
        session.execute("update customer set zone = zone where id = %s", own_of(reader, "eino"))
    assert reader.of("aino", "eino").keys() == {"aino", "eino"}
    other.commit()
    assert reader.of("aino", "aina", "eino").keys() == {"aina", "eino"}


def test_what_is_not_committed_in_the_end_is_never_remembered(reader: Reader) -> None:
    def changes_her_mind() -> None:
        with writing(reader.town.merchant_id) as session:
            session.execute("update customer set external_id = 'aina' where id = %s", own)
            assert placing(session, look(session), {"aina", "aino"}, set()).customers.keys() == {
                "aina"
            }
            raise ZeroDivisionError

    own = own_of(reader, "aino")
    with pytest.raises(ZeroDivisionError):
        changes_her_mind()
    assert reader.of("aino", "aina").keys() == {"aino"}


@pytest.mark.parametrize(
    "change",
    [
        "update subscription set end_on = '2026-10-02' where user_id = %s",
        "update subscription set zone = 'UTC' where user_id = %s",
        *(f"{change}{OF_HERS}" for change in ITEMS),
        "update meter set late = 'refuse' where %s::uuid is not null",
        "update billing_entity set zone = 'UTC' where %s::uuid is not null",
    ],
)
def test_each_thing_that_places_is_watched(
    reader: Reader, other: psycopg.Connection, change: str
) -> None:
    reader.of("aino")
    reader.read.clear()
    other.execute(change.encode(), [own_of(reader, "aino")])
    reader.of("aino")
    assert reader.read == []
    other.commit()
    reader.of("aino")
    assert reader.read == [["aino"]]


def test_many_changes_at_once_are_noted_as_one(reader: Reader, other: psycopg.Connection) -> None:
    reader.of("aino")
    other.execute(
        "insert into customer select (jsonb_populate_record(c, jsonb_build_object("
        " 'id', gen_random_uuid(), 'external_id', 'many-' || n))).*"
        " from customer c, generate_series(1, 101) n where c.external_id = 'eino'"
        " and c.merchant_id = current_setting('app.merchant')::uuid"
    )
    rows = other.execute(
        "select own from placing_change where xid = pg_current_xact_id()::text::bigint"
    ).fetchall()
    assert rows == [(None,)]
    other.commit()
    reader.read.clear()
    assert len(reader.of("aino", "many-7")["aino"]) == 1
    assert reader.read == [["aino", "many-7"]]


def test_changes_are_forgotten_an_hour_after_they_were_seen(
    reader: Reader, superuser: psycopg.Connection
) -> None:
    def forgotten() -> int:
        with writing(reader.town.merchant_id, "run") as session:
            return forget_changes(session, 1000)

    assert forgotten() == 0
    assert forgotten() == 0
    superuser.execute("update placing_change set seen_at = now() - %s", [2 * LONGEST])
    superuser.commit()
    assert forgotten() > 0


def test_what_was_not_asked_for_long_is_read_anew(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.of("aino")
    monkeypatch.setattr(remembered, "LONGEST", timedelta(0))
    reader.of("aino")
    assert reader.read == [["aino"], ["aino"]]


def test_events_follow_a_customer_who_changed(reader: Reader) -> None:
    town = reader.town
    town.clock("2026-10-20")
    event = {"customer": "aino", "meter": "talk", "time": "2026-10-09T12:00:00Z", "value": 1}

    def said(own: str) -> tuple[str, str]:
        ((one,),) = accept_together(town.merchant_id, [[{**event, "id": own}]], town.now)
        return one.status, one.code

    assert said("first") == ("accepted", "")
    own = own_of(reader, "aino")
    with writing(town.merchant_id) as session:
        session.execute("update subscription set start_on = '2026-10-15' where user_id = %s", own)
        session.execute(
            "update subscription_item set start_on = '2026-10-15' where subscription_id in"
            " (select id from subscription where user_id = %s)",
            own,
        )
    assert said("second") == ("rejected", "no_subscription")


def test_who_asked_before_all_was_forgotten_leaves_nothing_behind(reader: Reader) -> None:
    """Two begin at once in a process that remembers nothing; the slower one is answered later."""
    own, merchant_id = own_of(reader, "aino"), reader.town.merchant_id
    remembered._memories.clear()
    memory = remembered._memory_of(merchant_id)
    times_forgotten, nothing = memory.times_forgotten, memory.snapshot
    assert reader.of("aino").keys() == {"aino"}
    with writing(merchant_id) as session:
        session.execute("update customer set external_id = 'aina' where id = %s", own)
    with reading(merchant_id) as session:
        values = {"merchant": merchant_id, "first": remembered.NEVER, "snapshot": nothing}
        slow = Look(session.asked(remembered._LOOK, values), memory, times_forgotten)
        assert placing(session, slow, {"aino", "aina"}, set()).customers.keys() == {"aina"}
    assert reader.of("aino", "aina").keys() == {"aina"}
