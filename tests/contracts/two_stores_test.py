"""The same events, shuffled and doubled, give the same invoices from PostgreSQL and ClickHouse.

Run by `make clickhouse`, which says how many: KESTO_EVENTS, ten million unless it says otherwise. A
fifth of a million are enough to see it work (`make clickhouse EVENTS=200000`).
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.conf import settings

from kesto.core.customers import Customer, Person
from kesto.core.subscription import NewSubscription
from kesto.flows.accept_usage import accept_usage
from kesto.flows.add_customers import add_customers
from kesto.flows.open_rollups import open_rollups
from kesto.flows.ship_usage import ship_usage
from kesto.flows.subscribe import subscribe
from kesto.store.billing import parked_groups
from kesto.store.ids import new_id
from kesto.store.session import across_merchants, reading, writing
from kesto.store.usage import spool
from kesto.store.usage.chosen import clickhouse
from kesto.verify.proof import verify
from tests.contracts.chdb_server import ChdbServer, chdb_server
from tests.contracts.usage_book_test import publishes
from tests.town import Town, day, morning

EVENTS = int(os.environ.get("KESTO_EVENTS", "10000000"))
AGAIN = 20
"""Each twentieth event is sent twice."""
LATE = 100
"""Each hundredth comes after its month was billed."""
AT_ONCE = 1_000
STRIDES = {"PostgreSQL": 7_368_787, "ClickHouse": 2_750_159}
"""Primes: by steps of one, all events are come by in an order of its own."""
SHARES = (
    *("rounded",) * 30,
    *("filtered",) * 24,
    *("highest",) * 20,
    *("by_kind",) * 14,
    *("peaks",) * 6,
    *("added", "last", "different", "weighed", "prorated", "kept"),
)
LINES = """
    select c.external_id, n.invoice_on, n.total_minor, n.net_minor, n.tax_minor, p.code, l.kind,
        l.period_start, l.period_end, l.part, l.revision, l.quantity::text, l.amount_minor
    from invoice n join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id
        join invoice_line l on l.merchant_id = n.merchant_id and l.invoice_id = n.id
        join price p on p.merchant_id = l.merchant_id and p.id = l.price_id
    where n.merchant_id = %s
    order by c.external_id, n.invoice_on, p.code, l.period_start, l.part, l.revision
"""


@pytest.mark.soak
def test_both_stores_give_the_same_invoices(booted: object, monkeypatch: Any) -> None:
    assert booted
    server = chdb_server()
    found = {}
    for name in STRIDES:
        monkeypatch.setattr(settings, "KESTO_USAGE", server if name == "ClickHouse" else None)
        monkeypatch.setattr(settings, "KESTO_USAGE_WAITING", 2_000_000)
        town = metered_town(customers=max(20, min(EVENTS // 5_000, 500)))
        in_time, late = taken_in(town, name, is_late=False), Counter[str]()
        bills(town, "2026-11-01")
        late = taken_in(town, name, is_late=True)
        bills(town, "2026-12-01")
        told = in_time + late
        assert told == Counter(accepted=EVENTS, duplicate=-(-EVENTS // AGAIN)), name
        with reading(town.merchant_id, "run") as session:
            assert parked_groups(session) == []
            found[name] = session.rows(LINES, town.merchant_id)
        assert verify(town.merchant_id) == [], name
        say(name, f"{len(found[name]):,} lines of invoices, proved")
    sizes(server)
    one, other = found.values()
    assert len(one) > 20
    assert any(row[10] > 1 for row in one), "what came late is corrected"
    assert one == other


def metered_town(customers: int) -> Town:
    """A merchant with a price of each kind, and so many subscribers."""
    town = Town.founded()
    publishes(town)
    with writing(town.merchant_id) as session:  # each uses very much
        session.execute(
            "update merchant set invoice_limit_minor = 1000000000000 where id = %s",
            town.merchant_id,
        )
    names = iter(range(customers))
    while part := [*islice(names, 250)]:
        people = [
            Customer(new_id(), f"c{n}", kind="consumer", person=Person(f"Customer {n}"))
            for n in part
        ]
        add_customers(town.merchant_id, people, town.now)
        orders = [
            NewSubscription(new_id(), f"s{n}", f"c{n}", "all", day("2026-10-01")) for n in part
        ]
        subscribe(town.merchant_id, orders, town.now)
    town.clock("2026-10-15")
    open_rollups(town.merchant_id, town.now)  # half of the rest would find none
    town.customers = customers  # type: ignore[attr-defined]  # how many events are shared by
    return town


def taken_in(town: Town, name: str, *, is_late: bool) -> Counter[str]:
    """Send all that comes in time, or all that is late, in the order of one of the stores."""
    town.clock("2026-10-31" if not is_late else "2026-11-02")
    begun, told, sent = time.monotonic(), Counter[str](), 0
    customers: int = town.customers  # type: ignore[attr-defined]  # as said above
    events = (
        event(number, customers)
        for number in in_order(STRIDES[name])
        if (number % LATE == 7) == is_late
    )
    while batch := list(islice(events, AT_ONCE)):
        told.update(one.status for one in accept_usage(town.merchant_id, batch, town.now, town.now))
        sent += len(batch)
        store = clickhouse()
        if store is not None and sent % (50 * AT_ONCE) == 0:
            ship_usage(town.merchant_id, store, most=1)
        if sent % (1_000 * AT_ONCE) == 0:
            say(name, f"{sent:,} sent in {time.monotonic() - begun:.0f} s")
    # The rest stays where it is: what waits is counted too.
    if clickhouse() is not None:
        say(name, f"{spool.waiting().events:,} wait while it is billed")
    say(name, f"{sent:,} sent in {time.monotonic() - begun:.0f} s")
    return told


def in_order(stride: int) -> Iterator[int]:
    """The numbers of all events, in an order that looks like none; some come twice."""
    count = EVENTS + -(-EVENTS // AGAIN)
    place = 0
    for _ in range(count):
        place = (place + stride) % count
        yield place if place < EVENTS else (place - EVENTS) * AGAIN


def event(number: int, customers: int) -> dict[str, Any]:
    """An event of October; each number has its own, always the same."""
    mixed = number * 2_654_435_761 % 2**32
    at = morning("2026-10-01") - timedelta(hours=9) + timedelta(seconds=mixed % 2_678_400)
    return {
        "id": f"e{number}",
        "customer": f"c{mixed // 7 % customers}",
        "meter": SHARES[mixed // 11 % len(SHARES)],
        "time": at.isoformat(),
        "value": f"{mixed % 977}.{mixed % 89:02}" if number % 50 else "x",
        "properties": {"kind": "abc"[mixed % 3], "who": f"w{mixed % 40}"},
    }


def sizes(server: ChdbServer) -> None:
    """Tell how many bytes an event takes in each store, and its key in PostgreSQL."""
    table = (
        "select sum(pg_total_relation_size(c.oid)) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'partitions' and c.relkind = 'r' and c.relname like %s"
    )
    with across_merchants() as connection:
        for name, many in (("usage_event_%", EVENTS), ("event_key_%", 2 * EVENTS)):
            (size,) = connection.execute(table, [name]).fetchone() or (0,)
            say("PostgreSQL", f"{name[:-2]} has {size / many:.0f} bytes an event")
    server.tell("optimize table usage_event final")
    rows = server.ask(
        "select sum(bytes_on_disk) / sum(rows) from system.parts"
        " where active and database = 'kesto' and table = 'usage_event'"
    )
    say("ClickHouse", f"usage_event has {float(rows.decode().strip()[1:-1]):.0f} bytes an event")


def bills(town: Town, on: str) -> None:
    begun = time.monotonic()
    made = town.bill(on=on)
    say("billed", f"{len(made):,} invoices on {on} in {time.monotonic() - begun:.0f} s")


def say(name: str, what: str) -> None:
    print(f"{name}: {what}", flush=True)  # noqa: T201 - a soak tells how far it is
