"""For the contracts of the database: the superuser, and a town to look at."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from kesto.flows.accept_usage import accept_usage
from kesto.flows.credit import Lines
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.open_rollups import open_rollups
from kesto.flows.pay_out import pay_out
from kesto.ops import database
from kesto.ops.home import Home
from tests.contracts.delivery_office import Desk, PlainMaker, Server, serving
from tests.town import ACTOR, Citizen, Town


@pytest.fixture
def town(booted: Home) -> Town:
    assert booted
    return Town.founded()


@pytest.fixture
def superuser(booted: Home, database_name: str) -> Iterator[psycopg.Connection]:
    """A transaction of one whom row-level security does not stop; what it did is taken back."""
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def desk(town: Town, server: Server, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(town, tmp_path, PlainMaker(), server)
    yield made
    made.close()


@pytest.fixture
def vandal(booted: Home, database_name: str) -> Iterator[psycopg.Connection]:
    """One whom neither row-level security nor a trigger nor a foreign key stops."""
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection
        burn_down(connection)


def burn_down(connection: psycopg.Connection) -> None:
    """Leave no row of any town to the tests that come after."""
    tables = connection.execute(
        "select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'merchant_id'"
    ).fetchall()
    towns = "select id from merchant where code like 'town-%'"
    for (table,) in tables:
        query = "delete from {} where merchant_id in ({}) or merchant_id not in ({})"
        names = (sql.Identifier(table), sql.SQL(towns), sql.SQL("select id from merchant"))
        connection.execute(sql.SQL(query).format(*names))
    connection.execute("delete from merchant where code like 'town-%'")


def lived_in(town: Town) -> Town:
    """Two months of a small town: billed, paid, paid twice, in part, credited, closed, lost."""
    aino, eino, tyyne = (town.customer(name) for name in ("Aino", "Eino", "Tyyne"))
    aino.subscribes("basic", on="2026-10-01", add_ons=["safety", "magazine"])
    eino.subscribes("plus", on="2026-10-05")
    tyyne.subscribes("seats", on="2026-10-10", quantity="3", ends="2026-11-16")
    town.customer("Veikko").subscribes("free", on="2026-10-01")
    first, second = town.bill(on="2026-11-01")
    town.pays(first)
    town.pays(first)
    town.pays(second, 100)
    town.credits(second)
    town.pays(amount_minor=777, references=("999",))
    town.closes("2026-10")
    town.bill(on="2026-11-10")
    *_, last = town.bill(on="2026-12-01")
    town.writes_off(last)
    aino.is_invoiced(("Visit", "2", "10.005"), ("Cable", "1", "5"))
    town.pays(last, 50)
    package = NewCredit(kind="paid", amount_minor=10_000, reason="ten visits")
    give_credit(town.merchant_id, aino.customer.id, package, town.now, ACTOR)
    where = "FI21 1234 5600 0007 85"
    pay_out(town.merchant_id, aino.customer.id, 2_000, where, "moves away", town.now, ACTOR)
    _is_given_before_tax(town.customer("Rauha"))
    return town


def _is_given_before_tax(citizen: Citizen) -> None:
    """One whose invoices are less by credit before tax; a part of the first is credited again."""
    town = citizen.town
    citizen.subscribes("max", on="2026-12-01")
    for reason, minor in (("sorry", 500), ("welcome", 1_000), ("visit", 300)):
        gift = NewCredit(kind="given", amount_minor=minor, reason=reason, before_tax=True)
        give_credit(town.merchant_id, citizen.customer.id, gift, town.now, ACTOR)
        if reason == "welcome":
            town.bill(on="2026-12-01")
    citizen.is_invoiced(("Visit", "1", "20"))
    town.credits(citizen.invoices()[0], wanted=Lines({1: 1_000}))


def used_in(town: Town) -> Town:
    """A town whose Aino was billed for what she used, some of it late."""
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    for own, on, time in (
        ("one", "2026-10-31", "2026-10-15"),
        ("late", "2026-11-02", "2026-10-20"),
        ("two", "2026-11-03", "2026-11-02"),
    ):
        town.clock(on)
        open_rollups(town.merchant_id, town.now)
        if own == "late":
            town.bill(on=on)
        event = {"customer": "aino", "meter": "talk", "value": 150, "time": f"{time}T12:00:00Z"}
        (said,) = accept_usage(town.merchant_id, [{"id": own, **event}], town.now, town.now)
        assert said.status == "accepted"
    town.bill(on="2026-12-01")
    return town
