"""Many subscribers to bill, and a thousand more whose usage is counted, at one merchant."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import psycopg
from msgspec.structs import replace

from kesto.adapters.files.catalogue import read_catalogue
from kesto.bench import subscribers, usage_town
from kesto.core.customers import Customer, Person
from kesto.core.subscription import NewSubscription
from kesto.flows.add_customers import add_customers
from kesto.flows.mailroom import GROUP
from kesto.flows.subscribe import subscribe
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store.ids import new_id
from tests.faults.senders import CUSTOMERS

CODE = "bench"
ZONE = "Europe/Helsinki"
BILLED_ON = ("2026-10-10", "2026-10-20", "2026-10-31")
"""Days up to which the many are billed, about a third of them each time."""

USAGE_FROM = date(2026, 10, 2)
USAGE_BILLED_ON = "2026-11-02"
AFTER = datetime(2026, 11, 2, 9, tzinfo=UTC)
AT_ONCE = 250
PORTAL = """
    insert into channel_preference (merchant_id, id, customer_id, message_group, channel)
    select merchant_id, uuidv7(), id, %s, 'portal' from customer where right(external_id, 1) <> '7'
"""
"""The many read their invoices in the portal: no letters are laid out beside what is tried."""


class Stored(NamedTuple):
    """What is stored of the events of a sender."""

    events: int
    different: int
    lowest: int
    highest: int


def open_metered_town(place: Home, size: int, keys: int) -> tuple[UUID, list[str]]:
    """So many subscribers, the thousand whose usage is counted, and keys to send by."""
    offered = subscribers.catalogue(new_id)
    metered = read_catalogue(usage_town.CATALOGUE, "usage_town.toml", new_id)
    offered = replace(
        offered,
        products=(*offered.products, *metered.products),
        plans=(*offered.plans, *metered.plans),
        meters=metered.meters,
        features=metered.features,
    )
    with database.as_superuser(place, database.address(place), database.DATABASE) as connection:
        merchant_id = subscribers.open_town(connection, size, offered)
        connection.execute(PORTAL, [GROUP])
    names = iter(range(CUSTOMERS))
    while part := [*islice(names, AT_ONCE)]:
        people = [
            Customer(new_id(), f"u-{n}", kind="consumer", person=Person(f"User {n}")) for n in part
        ]
        add_customers(merchant_id, people, subscribers.NOW)
        orders = [NewSubscription(new_id(), f"us-{n}", f"u-{n}", "cloud", USAGE_FROM) for n in part]
        subscribe(merchant_id, orders, subscribers.NOW)
    return merchant_id, usage_town.keys_of(merchant_id, keys)


def stored(connection: psycopg.Connection) -> Mapping[int, Stored]:
    """What is stored of each sender's events, whose ids are `SENDER-NUMBER`."""
    rows = connection.execute(
        "select split_part(event_id, '-', 1)::int, count(*), count(distinct event_id),"
        " min(split_part(event_id, '-', 2)::int), max(split_part(event_id, '-', 2)::int)"
        " from usage_event group by 1"
    ).fetchall()
    return {row[0]: Stored(*row[1:]) for row in rows}


def used_in_store(connection: psycopg.Connection) -> dict[int, int]:
    """What the stored events of each customer come to, in hundredths."""
    return _by_customer(
        connection,
        "select c.external_id, sum(e.number) from usage_event e"
        " join subscription s on s.merchant_id = e.merchant_id and s.id = e.subscription_id"
        " join customer c on c.merchant_id = s.merchant_id and c.id = s.user_id group by 1",
    )


def used_on_invoices(connection: psycopg.Connection) -> dict[int, int]:
    """What each customer's usage was billed as, in hundredths."""
    return _by_customer(
        connection,
        "select c.external_id, sum(l.quantity) from invoice_line l"
        " join product p on p.merchant_id = l.merchant_id and p.id = l.product_id"
        " join invoice n on n.merchant_id = l.merchant_id and n.id = l.invoice_id"
        " join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id"
        " where p.code = 'cloud' group by 1",
    )


def _by_customer(connection: psycopg.Connection, query: str) -> dict[int, int]:
    rows = connection.execute(query.encode()).fetchall()
    return {int(name.removeprefix("u-")): int(100 * amount) for name, amount in rows}
