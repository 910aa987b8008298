"""The demo's cloud provider: its table true to its source, totals known, bills right."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from kesto.core.metering.sent import Sent
from kesto.core.metering.sent_together import read_events
from kesto.demo import cloud
from kesto.demo.cloud_story import tell_cloud
from kesto.demo.cloud_summary import CloudSummary
from kesto.demo.steps import morning
from kesto.flows import accept_usage, bill
from kesto.ops.home import Home
from kesto.store import merchants

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "usage"
needs_source = pytest.mark.skipif(not SOURCE.is_dir(), reason="needs ../shared/data/usage")

TABLE = cloud.cloud_table()

MARCH = ["ec2_disk_write_bytes_1ef3de", "ec2_network_in_5abac7"]
"""The two series with an hour that a clock had not, and twelve rows of one time."""

BILLED = [
    ("2013-10", "Havu Oy", 404),
    ("2014-02", "Gran Ab", 1220),
    ("2014-03", "Pine Ltd", 680),
    ("2014-04", "Honka Oy", 1426),
    ("2014-04", "Kataja Oy", 2046),
]


# --- the table and its source


def test_the_table_has_sixteen_series_that_come_to_their_totals() -> None:
    assert {name: cloud.totals_of(rows) for name, rows in TABLE.items()} == cloud.known_totals()
    assert sum(len(rows) for rows in TABLE.values()) == 63_119


@pytest.mark.shared
@needs_source
@pytest.mark.parametrize("series", [one.name for one in cloud.SERIES])
def test_each_row_is_that_of_the_source(series: str) -> None:
    with (SOURCE / f"{series}.csv").open(encoding="utf-8", newline="") as source:
        rows = [
            (number, datetime.fromisoformat(row["timestamp"]), Decimal(row["value"]))
            for number, row in enumerate(csv.DictReader(source), start=1)
        ]
    own = [(one.number, one.at.replace(tzinfo=None), Decimal(one.value)) for one in TABLE[series]]
    assert own == rows


@pytest.mark.shared
@needs_source
def test_the_known_totals_are_those_of_the_check_table() -> None:
    with (SOURCE / "monthly_totals.csv").open(encoding="utf-8", newline="") as source:
        wanted = [
            [row["file"].removesuffix(".csv"), row["month"], row["rows"], row["sum"], row["max"]]
            for row in csv.DictReader(source)
        ]
    text = files("kesto.demo").joinpath("cloud_totals.csv").read_text(encoding="utf-8")
    assert list(csv.reader(text.splitlines()))[1:] == wanted


# --- what is sent


def test_rows_of_one_time_are_events_of_their_own() -> None:
    for name in MARCH:
        rows = TABLE[name]
        assert len(rows) - len({row.at for row in rows}) == 11
    by_time = {row.at: Decimal(row.value) for row in reversed(TABLE[MARCH[1]])}
    assert sum(by_time.values()) == Decimal("561519507.9")


def test_a_month_is_sent_in_no_order_and_one_in_twenty_twice() -> None:
    for month in cloud.months():
        events = cloud.events_of(month, TABLE)
        found = read_events(events, morning(cloud.billing_day(month))).each()
        sent = [one for one in found if isinstance(one, Sent)]
        assert len(sent) == len(events)
        keys = {one.key for one in sent}
        assert len(sent) - len(keys) == -(-len(keys) // cloud.DUPLICATED)
        times = [one.event.at for one in sent]
        assert times != sorted(times)
        assert {(at.year, at.month) for at in times} == {(month.year, month.month)}
        assert events == cloud.events_of(month, TABLE)


# --- the story


@pytest.fixture(scope="module")
def told(booted: Home) -> CloudSummary:
    assert booted
    return tell_cloud(bill.bill, lambda _: None)


def test_every_month_comes_to_its_total_and_nothing_is_found(told: CloudSummary) -> None:
    assert told.told == {"accepted": 63_119, "duplicate": 3_157}
    assert [one.series.name for one in told.metered if not one.is_known] == []
    assert told.is_known
    assert told.verify_findings == 0
    assert [(one.month, one.customer, one.net_minor) for one in told.invoices] == BILLED
    assert "63,119 events counted once, 16 of 16 series" in told.sentence


def test_told_again_it_adds_nothing(told: CloudSummary) -> None:
    merchant = merchants.merchant_called(cloud.CODE)
    assert merchant is not None
    assert merchant.clock_at == datetime(2014, 5, 1, 6, tzinfo=UTC)
    october = cloud.events_of(cloud.months()[0], TABLE)[: accept_usage.MOST_EVENTS]
    verdicts = accept_usage.accept_usage(merchant.id, october, merchant.clock_at, merchant.clock_at)
    assert {one.status for one in verdicts} == {"duplicate"}
    again = tell_cloud(bill.bill, lambda _: None)
    assert again.told == {}
    assert (again.metered, again.invoices) == (told.metered, told.invoices)
