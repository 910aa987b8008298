"""The story of the cloud provider: four months of measurements taken in, billed and proved."""

import time
from collections import Counter
from datetime import date, timedelta
from importlib import resources
from uuid import UUID

from kesto.adapters.files.catalogue import read_catalogue
from kesto.demo import cloud
from kesto.demo.cloud_summary import CloudInvoice, CloudSummary, Metered
from kesto.demo.steps import Bill, Tell, morning, move_on, opened
from kesto.flows.accept_usage import MOST_EVENTS, accept_usage
from kesto.flows.import_customers import import_customers
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import demo
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.verify import verify


def tell_cloud(bill: Bill, tell: Tell) -> CloudSummary:
    """Run the story; what was done by an earlier run is found done and adds nothing."""
    began = time.perf_counter()
    table = cloud.cloud_table()
    months = cloud.months()
    merchant_id = opened(cloud.CODE, cloud.SELLER, morning(months[0]))
    _import(merchant_id, months[0])
    told: Counter[str] = Counter()
    for month in months:
        day = cloud.billing_day(month)
        move_on(merchant_id, morning(day))
        if not _is_taken_in(merchant_id, month):
            events = cloud.events_of(month, table)
            tell(f"{len(events):,} events of {month:%B %Y}, in no order and one in twenty twice")
            told += _send(merchant_id, events, day)
        bill(merchant_id, day, morning(day))
    findings = len(verify(merchant_id))
    return _summary(merchant_id, told, findings, time.perf_counter() - began)


def _import(merchant_id: UUID, first_day: date) -> None:
    prices = resources.files("kesto.demo").joinpath("cloud_catalogue.toml").read_bytes()
    offered = read_catalogue(prices, "cloud_catalogue.toml", new_id)
    publish_catalogue(merchant_id, offered, morning(first_day))
    customers, orders = cloud.companies(new_id)
    import_customers(merchant_id, customers, orders, morning(first_day))


def _is_taken_in(merchant_id: UUID, month: date) -> bool:
    """Whether all of a month is there; of one that was cut off all is sent again."""
    with reading(merchant_id) as session:
        kept = demo.usage_totals(session)
    known = cloud.known_totals()
    return all(
        one.name in kept and cloud.Totals(*kept[one.name]) == known[one.name]
        for one in cloud.series_of(month)
    )


def _send(merchant_id: UUID, events: list[dict[str, object]], day: date) -> Counter[str]:
    """Send events through the door that the real ones come through; counts the verdicts."""
    told: Counter[str] = Counter()
    for start in range(0, len(events), MOST_EVENTS):
        batch = events[start : start + MOST_EVENTS]
        verdicts = accept_usage(merchant_id, batch, morning(day), morning(day))
        told.update(verdict.status for verdict in verdicts)
    return told


def _summary(merchant_id: UUID, told: Counter[str], findings: int, seconds: float) -> CloudSummary:
    with reading(merchant_id, "audit") as session:
        kept = demo.usage_totals(session)
        invoices = demo.billed_invoices(session)
    names = {one.external_id: one.name for one in cloud.COMPANIES}
    known = cloud.known_totals()
    metered = [
        Metered(one, cloud.Totals(*kept[one.name]), known[one.name])
        for one in cloud.SERIES
        if one.name in kept
    ]
    billed = [
        CloudInvoice(
            f"{one.invoice_on - timedelta(days=1):%Y-%m}",
            names[one.customer],
            one.net_minor,
            one.total_minor,
        )
        for one in sorted(invoices, key=lambda one: (one.invoice_on, one.customer))
    ]
    return CloudSummary(metered, billed, dict(told), findings, seconds)
