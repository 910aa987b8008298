"""Spot prices: a series that grows day by day, usage that waits for it, and nothing guessed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.calendar import midnight
from kesto.core.changes import ChangePlan
from kesto.core.price_series import PriceSeries, SeriesValue
from kesto.core.refusals import Conflict, Invalid, NotFound, RefusedTogether
from kesto.flows.accept_usage import accept_usage
from kesto.flows.give_prices import Given, give_prices
from kesto.flows.issue_now import issue_now
from kesto.flows.make_price_series import make_price_series
from kesto.flows.preview_next import preview_next
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.show_usage import used_so_far
from kesto.store.billing import parked_groups
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.store.shop import party
from kesto.verify.proof import verify
from tests.town import ACTOR, Citizen, Town, day

NUMBERS = count(1)
HOUR = timedelta(hours=1)
HELSINKI = "Europe/Helsinki"
SPOT = """
currency = "EUR"
prices_include_tax = true

[[products]]
code = "power"
name.en = "Electricity"

[[meters]]
code = "energy"
name.en = "Energy"
unit = "kWh"
aggregation = "sum"

[[plans]]
code = "spot"
version = VERSION
name.en = "Spot"

[[plans.prices]]
code = "energy"
product = "power"
interval = "month"
meter = "energy"
model = "time_series"
series = "fi"
margin = "MARGIN"
MORE
"""


@pytest.fixture
def aino(town: Town) -> Iterator[Citizen]:
    makes_series(town)
    publishes(town)
    yield town.customer("Aino")
    assert verify(town.merchant_id) == []


def makes_series(town: Town, **other: Any) -> None:
    usual = {"code": "fi", "name": "Spot", "currency": "EUR", "unit": "kWh", "resolution": "hour"}
    make_price_series(town.merchant_id, PriceSeries(new_id(), **usual | other), town.now, ACTOR)


def publishes(town: Town, margin: str = "0.01", version: int = 1, more: str = "") -> None:
    text = SPOT.replace("VERSION", str(version)).replace("MARGIN", margin).replace("MORE", more)
    catalogue = read_catalogue(text.encode(), "spot.toml", new_id)
    publish_catalogue(town.merchant_id, catalogue, town.now)


def at(text: str) -> datetime:
    """A moment of Helsinki's winter."""
    return datetime.fromisoformat(f"{text}:00+02:00")


def gives(town: Town, *values: tuple[datetime, str]) -> Given:
    found = [SeriesValue(start, Decimal(amount)) for start, amount in values]
    return give_prices(town.merchant_id, "fi", found, town.now, ACTOR)


def hours(first: str, before: str) -> list[datetime]:
    """The beginnings of all hours of days in Helsinki."""
    start, end = (midnight(day(text), HELSINKI) for text in (first, before))
    return [start + HOUR * n for n in range(int((end - start) / HOUR))]


def uses(town: Town, *used: tuple[datetime, str]) -> None:
    sent = [
        {
            "id": f"h{next(NUMBERS)}",
            "customer": "aino",
            "meter": "energy",
            "time": start.isoformat(),
            "value": quantity,
        }
        for start, quantity in used
    ]
    said = accept_usage(town.merchant_id, sent, town.now, town.now)
    assert {one.status for one in said} == {"accepted"}


def usage_of(stored: Stored) -> list[tuple[Decimal, int]]:
    lines = [line.rated for line in stored.lines if line.rated.kind == "usage"]
    return [(one.quantity, one.amount_minor) for one in lines if one.quantity]


def parked(town: Town) -> list[str]:
    with reading(town.merchant_id) as session:
        return [reason for _, _, reason, _ in parked_groups(session)]


def so_far(town: Town, own: UUID) -> Any:
    with reading(town.merchant_id) as session:
        (found,) = used_so_far(session, party(session, str(own)), town.now)
    return found


def test_a_month_with_a_night_of_25_hours_and_prices_below_zero(town: Town, aino: Citizen) -> None:
    aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-31")
    month = hours("2026-10-01", "2026-11-01")
    assert len(month) == 31 * 24 + 1
    prices = {start: Decimal(n % 40 - 10) / 1000 for n, start in enumerate(month)}
    given = gives(town, *[(start, str(amount)) for start, amount in prices.items()])
    assert given == Given(745, 0, 0)
    # Each hour of the night that has 3 o'clock twice counts by itself.
    night = hours("2026-10-25", "2026-10-26")
    assert len(night) == 25
    used = {start: Decimal(n % 7) / 2 for n, start in enumerate(month)}
    uses(town, *[(start + HOUR / 4, str(quantity)) for start, quantity in used.items()])
    exact = sum(used[one] * (prices[one] + Decimal("0.01")) for one in month)
    (invoice,) = town.bill(on="2026-11-01")
    assert usage_of(invoice) == [(sum(used.values()), int(exact * 100 + Decimal("0.5")))]


def test_a_month_below_zero_is_taken_off_the_next_invoice(town: Town, aino: Citizen) -> None:
    aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    gives(town, (at("2026-10-05T03:00"), "-0.51"), (at("2026-10-05T04:00"), "0.99"))
    uses(town, (at("2026-10-05T03:59"), "10"), (at("2026-10-05T04:00"), "2"))
    assert town.bill(on="2026-11-01") == []
    assert parked(town) == []
    assert verify(town.merchant_id) == []
    gives(town, (at("2026-11-05T03:00"), "0.99"))
    town.clock("2026-11-20")
    uses(town, (at("2026-11-05T03:00"), "10"))
    (invoice,) = town.bill(on="2026-12-01")
    assert usage_of(invoice) == [(Decimal(12), -300), (Decimal(10), 1000)]
    assert invoice.invoice.total_minor == 700


def test_what_has_no_price_yet_waits_and_is_billed_when_prices_come(
    town: Town, aino: Citizen
) -> None:
    own = aino.subscribes("spot", on="2026-11-01")
    known = [(one, "0.10") for one in hours("2026-11-01", "2026-11-05")]
    town.clock("2026-11-06")
    gives(town, *known)
    uses(town, (at("2026-11-04T12:00"), "5"))
    uses(town, *[(at(f"2026-11-05T0{n}:30"), "1") for n in (2, 3, 5)])
    found = so_far(town, own)
    assert (found.quantity, found.amount_minor) == (Decimal(8), 55)
    assert (found.unpriced.quantity, found.unpriced.intervals) == (Decimal(3), 3)
    assert found.unpriced.first_at == at("2026-11-05T02:00")
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, aino.customer.id, day("2026-11-06"), "en")
    assert coming.waits == "prices of 3 hours from 2026-11-05 02:00 are missing in 'fi'"
    assert coming.view.total_minor == 55

    assert town.bill(on="2026-12-01") == []
    assert parked(town) == [coming.waits]
    assert verify(town.merchant_id) == []
    # An hour of the three is not enough; the next run looks again, and says what is left.
    assert gives(town, (at("2026-11-05T02:00"), "0.20")) == Given(1, 0, 1)
    assert parked(town) == []
    assert town.bill(on="2026-12-02") == []
    assert parked(town) == ["prices of 2 hours from 2026-11-05 03:00 are missing in 'fi'"]
    gives(town, (at("2026-11-05T03:00"), "0.30"), (at("2026-11-05T05:00"), "-0.40"))
    (invoice,) = town.bill(on="2026-12-03")
    assert usage_of(invoice) == [(Decimal(8), 68)]


def test_an_hour_without_usage_needs_no_price(town: Town, aino: Citizen) -> None:
    aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    gives(town, (at("2026-10-05T03:00"), "0.5"))
    uses(town, (at("2026-10-05T03:00"), "2"), (at("2026-10-06T03:00"), "0"))
    (invoice,) = town.bill(on="2026-11-01")
    assert usage_of(invoice) == [(Decimal(2), 102)]


def test_a_price_that_was_given_never_changes(town: Town) -> None:
    makes_series(town)
    start = at("2026-10-05T03:00")
    assert gives(town, (start, "0.50")) == Given(1, 0, 0)
    assert gives(town, (start, "0.5"), (start + HOUR, "0.6")) == Given(1, 1, 0)
    with pytest.raises(Conflict, match="2026-10-05T01:00Z costs") as refused:
        gives(town, (start + HOUR * 2, "0.7"), (start, "0.51"))
    assert (refused.value.code, refused.value.field) == ("other_price", "values[1].starts_at")
    assert gives(town, (start + HOUR * 2, "0.8")) == Given(1, 0, 0)
    with pytest.raises(Invalid, match="start of an hour"):
        gives(town, (start + HOUR / 4, "0.7"))
    with pytest.raises(NotFound):
        give_prices(town.merchant_id, "se", [], town.now, ACTOR)
    with pytest.raises(Conflict, match="already"):
        makes_series(town)


def test_only_the_margin_of_a_plan_changes(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-10")
    publishes(town, margin="0.02", version=2)
    aino.changes(own, ChangePlan("spot", when="now"))
    gives(town, (at("2026-10-05T03:00"), "0.10"), (at("2026-10-15T03:00"), "0.10"))
    uses(town, (at("2026-10-05T03:00"), "100"))
    town.clock("2026-10-31")
    uses(town, (at("2026-10-15T03:00"), "100"))
    invoices = town.bill(on="2026-11-01")
    told = sorted(one for stored in invoices for one in usage_of(stored))
    assert told == [(Decimal(100), 1100), (Decimal(100), 1200)]


def test_late_usage_waits_for_its_price_too(town: Town, aino: Citizen) -> None:
    aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    gives(town, (at("2026-10-05T03:00"), "0.5"))
    uses(town, (at("2026-10-05T03:00"), "2"))
    town.bill(on="2026-11-01")
    uses(town, (at("2026-10-06T03:00"), "4"))
    assert town.bill(on="2026-12-01") == []
    assert parked(town) == ["prices of 1 hours from 2026-10-06 04:00 are missing in 'fi'"]
    assert verify(town.merchant_id) == []
    gives(town, (at("2026-10-06T03:00"), "0.25"))
    (invoice,) = town.bill(on="2026-12-02")
    assert [line.rated.amount_minor for line in invoice.lines if line.rated.amount_minor] == [104]


def test_included_units_go_by_the_hour(town: Town, aino: Citizen) -> None:
    publishes(town, version=2, more='included_units = "3"')
    own = aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    gives(town, (at("2026-10-05T03:00"), "0.5"))
    uses(town, (at("2026-10-05T03:00"), "2"), (at("2026-10-05T04:00"), "4"))
    assert so_far(town, own).unpriced.quantity == 4
    gives(town, (at("2026-10-05T04:00"), "0.09"))
    (invoice,) = town.bill(on="2026-11-01")
    assert usage_of(invoice) == [(Decimal(6), 30)]


def test_a_draft_that_waits_is_not_issued_by_hand(town: Town, aino: Citizen) -> None:
    aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    uses(town, (at("2026-10-05T03:00"), "2"))
    town.clock("2026-11-01")
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, aino.customer.id, day("2026-11-01"), "en")
    with pytest.raises(Conflict, match="prices of 1 hours") as refused:
        issue_now(town.merchant_id, coming.group_id, town.now, ACTOR)
    assert refused.value.code == "unpriced"


def test_a_plan_names_a_series_that_there_is(town: Town) -> None:
    with pytest.raises(RefusedTogether, match="no price series that is known"):
        publishes(town)
    makes_series(town, currency="SEK")
    with pytest.raises(RefusedTogether, match="is in SEK"):
        publishes(town)


def test_quarter_hours(town: Town) -> None:
    makes_series(town, resolution="quarter_hour")
    publishes(town)
    town.customer("Aino").subscribes("spot", on="2026-10-01")
    town.clock("2026-10-20")
    start = datetime(2026, 10, 5, 1, tzinfo=UTC)
    quarters = [start + HOUR / 4 * n for n in range(4)]
    gives(town, *[(one, f"0.{n}") for n, one in enumerate(quarters)])
    uses(town, *[(one + HOUR / 4 - timedelta(microseconds=1), "1") for one in quarters])
    (invoice,) = town.bill(on="2026-11-01")
    assert usage_of(invoice) == [(Decimal(4), 64)]
    assert verify(town.merchant_id) == []
