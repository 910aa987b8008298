"""The demo's second merchant: a small cloud provider that meters servers every five minutes.

Sixteen series that were really measured become the usage of five companies. Where the table comes
from, and what was changed, stands in cloud.md beside it.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from math import gcd
from uuid import UUID

from msgspec import Struct

from kesto.core.customers import Customer, Person
from kesto.core.exact import EXACT
from kesto.core.invoice import Seller
from kesto.core.subscription import NewSubscription
from kesto.demo.bank import invented_iban

CODE = "cloud"
SELLER = Seller(
    name="Kesto Pilvi Oy",
    business_id="2915050-4",
    vat_id="FI29150504",
    street="Esimerkkikatu 2",
    postal_code="00100",
    city="Helsinki",
    country="FI",
    email="pilvi@example.com",
    iban=invented_iban(786),
    bic="",
)
PLAN = "cloud"
ZONE = "UTC"
"""The table's time stamps have no zone; they are taken as UTC, and so are months."""

DUPLICATED = 20
"""One event in so many is sent again."""


class Series(Struct, frozen=True):
    """What was measured on one machine: whose it is, and which meter counts it."""

    name: str
    customer: str
    meter: str
    server: str


class Measurement(Struct, frozen=True, gc=False):
    """One row of a series; its number in the series tells it from others of the same time."""

    number: int
    at: datetime
    value: str


class Totals(Struct, frozen=True):
    """What a series comes to; every row counts, and every digit."""

    rows: int
    sum: Decimal
    max: Decimal


class Company(Struct, frozen=True):
    """A company that rents servers for one month, from the first to the last day of it."""

    external_id: str
    name: str
    language: str
    street: str
    postal_code: str
    city: str
    month: date


COMPANIES = (
    Company("C-1", "Havu Oy", "fi", "Satamakatu 4", "33100", "Tampere", date(2013, 10, 1)),
    Company("C-2", "Gran Ab", "sv", "Storgatan 8", "65100", "Vasa", date(2014, 2, 1)),
    Company("C-3", "Pine Ltd", "en", "Asemakatu 3", "20100", "Turku", date(2014, 3, 1)),
    Company("C-4", "Honka Oy", "fi", "Torikatu 11", "90100", "Oulu", date(2014, 4, 1)),
    Company("C-5", "Kataja Oy", "fi", "Koulukatu 6", "40100", "Jyväskylä", date(2014, 4, 1)),
)

SERIES = (
    Series("iio_us-east-1_i-a2eb1cd9_NetworkIn", "C-1", "network-in", "a2eb1cd9"),
    Series("ec2_cpu_utilization_24ae8d", "C-2", "processor-peak", "24ae8d"),
    Series("ec2_cpu_utilization_53ea38", "C-2", "processor-peak", "53ea38"),
    Series("ec2_cpu_utilization_5f5533", "C-2", "processor-peak", "5f5533"),
    Series("ec2_cpu_utilization_fe7f93", "C-2", "processor-peak", "fe7f93"),
    Series("rds_cpu_utilization_cc0c53", "C-2", "database-load", "cc0c53"),
    Series("ec2_disk_write_bytes_1ef3de", "C-3", "disk-write", "1ef3de"),
    Series("ec2_network_in_5abac7", "C-3", "network-in", "5abac7"),
    Series("ec2_cpu_utilization_825cc2", "C-4", "processor-peak", "825cc2"),
    Series("ec2_network_in_257a54", "C-4", "network-in", "257a54"),
    Series("elb_request_count_8c0756", "C-4", "requests", "8c0756"),
    Series("rds_cpu_utilization_e47b3b", "C-4", "database-load", "e47b3b"),
    Series("ec2_cpu_utilization_77c1ca", "C-5", "processor-peak", "77c1ca"),
    Series("ec2_cpu_utilization_ac20cd", "C-5", "processor-peak", "ac20cd"),
    Series("ec2_cpu_utilization_c6585a", "C-5", "processor-peak", "c6585a"),
    Series("ec2_disk_write_bytes_c0d644", "C-5", "disk-write", "c0d644"),
)


def cloud_table() -> dict[str, list[Measurement]]:
    """The demo's table as it comes with the product: the rows of each series, in its order."""
    found: dict[str, list[Measurement]] = {one.name: [] for one in SERIES}
    text = files("kesto.demo").joinpath("cloud.csv").read_text(encoding="utf-8")
    for cells in csv.DictReader(text.splitlines()):
        rows = found[cells["series"]]
        rows.extend(_stretch(cells, len(rows) + 1))
    return found


def known_totals() -> dict[str, Totals]:
    """What each series has to come to, worked out elsewhere."""
    text = files("kesto.demo").joinpath("cloud_totals.csv").read_text(encoding="utf-8")
    return {
        cells["series"]: Totals(int(cells["rows"]), Decimal(cells["sum"]), Decimal(cells["max"]))
        for cells in csv.DictReader(text.splitlines())
    }


def totals_of(rows: Sequence[Measurement]) -> Totals:
    """What rows come to, exactly."""
    values = [Decimal(row.value) for row in rows]
    added = Decimal(0)
    for value in values:
        added = EXACT.add(added, value)
    return Totals(len(values), added, max(values))


def companies(new_id: Callable[[], UUID]) -> tuple[list[Customer], list[NewSubscription]]:
    """The companies and what they take: each its month, counted in UTC."""
    customers = [_customer(one, new_id()) for one in COMPANIES]
    orders = [
        NewSubscription(
            id=new_id(),
            external_id=f"sub-{one.external_id}",
            holder=one.external_id,
            plan=PLAN,
            start_on=one.month,
            alignment="calendar",
            zone=ZONE,
            end_on=billing_day(one.month),
        )
        for one in COMPANIES
    ]
    return customers, orders


def months() -> list[date]:
    """The months in which anything was measured, in their order."""
    return sorted({one.month for one in COMPANIES})


def billing_day(month: date) -> date:
    """The first day of the month after one."""
    return (month + timedelta(days=31)).replace(day=1)


def series_of(month: date) -> list[Series]:
    """The series that were measured in a month."""
    own = {one.external_id for one in COMPANIES if one.month == month}
    return [series for series in SERIES if series.customer in own]


def events_of(month: date, table: dict[str, list[Measurement]]) -> list[dict[str, object]]:
    """A month's events as the servers send them: in no order, and one in twenty twice."""
    in_order = [_event(series, row) for series in series_of(month) for row in table[series.name]]
    return list(_shuffled(in_order + in_order[::DUPLICATED]))


def _event(series: Series, row: Measurement) -> dict[str, object]:
    """The name and number of the row are its id: time alone would lose an hour that was twice."""
    return {
        "id": str(row.number),
        "source": series.name,
        "customer": series.customer,
        "meter": series.meter,
        "time": row.at.isoformat(),
        "value": row.value,
        "properties": {"server": series.server},
    }


def _shuffled(events: Sequence[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Out of order, and always alike: by steps of about the golden section."""
    step = max(len(events) * 618 // 1000, 1)
    while gcd(step, len(events)) > 1:
        step += 1
    return (events[turn * step % len(events)] for turn in range(len(events)))


def _stretch(cells: dict[str, str], first: int) -> Iterator[Measurement]:
    """The rows of a line of the table: values at equal steps, from a moment on."""
    at = datetime.fromisoformat(cells["starts_at"]).replace(tzinfo=UTC)
    step = timedelta(minutes=int(cells["step_minutes"]))
    for number, value in enumerate(cells["values"].split(), start=first):
        yield Measurement(number, at, value)
        at += step


def _customer(one: Company, customer_id: UUID) -> Customer:
    return Customer(
        id=customer_id,
        external_id=one.external_id,
        kind="company",
        person=Person(
            name=one.name,
            email=f"{one.external_id.lower()}@example.com",
            street=one.street,
            postal_code=one.postal_code,
            city=one.city,
            country="FI",
        ),
        language=one.language,
        zone=ZONE,
    )
