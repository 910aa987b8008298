"""A merchant whose customers' usage is counted, and the events that their systems send."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from kesto.adapters.files.catalogue import read_catalogue
from kesto.bench.subscribers import SELLER
from kesto.core.customers import Customer, Person
from kesto.core.subscription import NewSubscription
from kesto.flows.add_customers import add_customers
from kesto.flows.make_key import make_key
from kesto.flows.open_merchant import open_merchant
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.subscribe import subscribe
from kesto.store.ids import new_id

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
START = date(2026, 10, 1)
CUSTOMERS = 1_000
AT_ONCE = 250
ACTOR = "bench"
CATALOGUE = b"""
currency = "EUR"
prices_include_tax = true

[[products]]
code = "cloud"
name.en = "Cloud"
revenue_account = "3000"

[[meters]]
code = "data"
name.en = "Data"
aggregation = "sum"
unit = "GB"

[[features]]
code = "support"
name.en = "Support"

[[plans]]
code = "cloud"
name.en = "Cloud"
entitlements = [{ feature = "support" }]

[[plans.prices]]
code = "data"
product = "cloud"
interval = "month"
meter = "data"
model = "per_unit"
unit_amount = "0.10"
"""


def open_usage_town() -> UUID:
    """Open a merchant in test mode with a thousand customers whose data is counted."""
    merchant_id = open_merchant("bench-usage", "Bench", "test", SELLER, NOW)
    publish_catalogue(merchant_id, read_catalogue(CATALOGUE, "usage_town.toml", new_id), NOW)
    names = iter(range(CUSTOMERS))
    while part := [*islice(names, AT_ONCE)]:
        people = [
            Customer(new_id(), f"c-{n}", kind="consumer", person=Person(f"Customer {n}"))
            for n in part
        ]
        add_customers(merchant_id, people, NOW)
        orders = [NewSubscription(new_id(), f"s-{n}", f"c-{n}", "cloud", START) for n in part]
        subscribe(merchant_id, orders, NOW)
    return merchant_id


def keys_of(merchant_id: UUID, count: int) -> list[str]:
    """So many keys: each system of a merchant's has its own, and its own limit."""
    return [
        make_key(merchant_id, f"bench-{n}", ("read", "usage"), NOW, ACTOR).key for n in range(count)
    ]


def sent_events(count: int, name: str) -> Iterator[dict[str, Any]]:
    """So many events of the last four hours, all different; `name` sets them apart from others."""
    for number in range(count):
        at = NOW - timedelta(seconds=number * 7919 % 14_400)
        yield {
            "id": f"{name}-{number}",
            "customer": f"c-{number * 104_729 % CUSTOMERS}",
            "meter": "data",
            "time": at.isoformat(),
            "value": f"{number % 97}.{number % 89:02}",
            "properties": {"zone": ("EU", "US", "AS")[number % 3]},
        }
