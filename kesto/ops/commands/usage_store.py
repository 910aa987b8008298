"""`kesto usage ddl`, `move` and `ship`: usage events in ClickHouse."""

from contextlib import closing
from typing import Annotated

import typer

from kesto.core.refusals import NotFound
from kesto.flows.move_usage import move_usage
from kesto.flows.ship_usage import ship_usage
from kesto.ops import config, console
from kesto.ops.clock import now
from kesto.ops.desk import desk
from kesto.store.usage import spool
from kesto.store.usage.chosen import clickhouse
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_http import HttpServer
from kesto.store.usage.clickhouse_schema import statements

Merchant = Annotated[str, typer.Option(help="The merchant's code.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def ddl(
    *,
    cluster: Annotated[
        str, typer.Option(metavar="NAME", help="Replicated and sharded over this cluster.")
    ] = "",
    apply: Annotated[
        bool, typer.Option("--apply", help="Run it at KESTO_USAGE_URL instead of printing it.")
    ] = False,
) -> None:
    """Print what makes the tables in ClickHouse, or run it; again changes nothing."""
    made = statements(cluster)
    if not apply:
        console.show_text("".join(f"{one};\n" for one in made))
        return
    address = config.usage_address()
    if address is None:
        raise _unnamed()
    with closing(HttpServer(address)) as server:
        for one in made:
            server.tell(one)
    console.say(f"made: {len(made)} {'table' if len(made) == 1 else 'tables'}")


def move(
    *,
    from_start: Annotated[
        bool,
        typer.Option("--from-start", help="Begin anew; ClickHouse must have none of them."),
    ] = False,
    merchant: Merchant = "",
    as_json: Json = False,
) -> None:
    """Bring the events that PostgreSQL has to ClickHouse, and compare; cut off, it goes on."""
    with desk(merchant) as at:
        store = _store()
        with console.progress("Moving usage") as advance:
            done = move_usage(at.merchant.id, store, now(), advance, from_start=from_start)
    if as_json:
        console.show_json(done)
        return
    console.say(f"moved: {done.moved:,} events; PostgreSQL and ClickHouse have the same")


def ship(*, merchant: Merchant = "", as_json: Json = False) -> None:
    """Bring the events that wait to ClickHouse now, as the workers do every ten seconds."""
    with desk(merchant) as at:
        store, shipped = _store(), 0
        with console.progress("Shipping usage", spool.waiting().events) as advance:
            while count := ship_usage(at.merchant.id, store, most=1):
                shipped += count
                advance(count)
    if as_json:
        console.show_json({"shipped": shipped})
        return
    console.say(f"shipped: {shipped:,} events; none waits")


def _store() -> ClickHouseEvents:
    store = clickhouse()
    if store is None:
        raise _unnamed()
    return store


def _unnamed() -> NotFound:
    detail = "no ClickHouse is named: set KESTO_USAGE_URL, then run this again"
    return NotFound(detail, code="no_clickhouse", field="KESTO_USAGE_URL")
