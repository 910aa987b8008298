"""An instant may stand wherever a date may, and means its local date in the zone."""

from typing import Any

import pytest

from kesto.calculate import calculate

HELSINKI = {"zone": "Europe/Helsinki"}
TERM = {"start": "2026-01-01", "country": "FI", "consumer": False}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}
BARCODE: dict[str, Any] = {
    "op": "barcode",
    "iban": "FI79 4405 2020 0360 82",
    "amount": "4883.15",
    "reference": "868516259619897",
}


def same(instant: dict[str, Any], day: dict[str, Any]) -> None:
    found, wanted = calculate(instant), calculate(day)
    assert "error" not in wanted, wanted
    assert found == wanted


def test_the_due_date_of_a_barcode() -> None:
    same(BARCODE | {"due": "2010-06-11T22:00:00Z"} | HELSINKI, BARCODE | {"due": "2010-06-12"})


@pytest.mark.parametrize("name", ["term", "minimum"])
def test_the_last_day_of_a_contract(name: str) -> None:
    asked = {"op": "cancel", "notice_on": "2026-02-01"} | HELSINKI
    same(
        asked | {"contract": TERM | {name: {"last_day": "2026-06-29T21:30:00Z"}}},
        asked | {"contract": TERM | {name: {"last_day": "2026-06-30"}}},
    )


def test_the_last_day_of_periods() -> None:
    asked = {"op": "periods", "start": "2025-12-31T22:00:00Z", "interval": "month"} | HELSINKI
    same(
        asked | {"count": 3, "last_day": "2026-02-09T22:00:00Z"},
        asked | {"count": 3, "last_day": "2026-02-10", "start": "2026-01-01"},
    )


def test_the_bounds_of_a_share() -> None:
    asked = {"op": "prorate", "currency": "EUR", "amount": "10", "period": MARCH} | HELSINKI
    same(
        asked | {"used": {"start": "2026-03-09T22:00:00Z", "end": "2026-03-31T21:00:00Z"}},
        asked | {"used": {"start": "2026-03-10", "end": "2026-04-01"}},
    )


def test_a_range_leaves_out_what_the_last_day_cut_off_before_it() -> None:
    asked = {"op": "periods", "start": "2026-01-01", "interval": "month", "last_day": "2026-01-10"}
    between = {"from": "2026-01-20", "until": "2026-03-01"}
    assert calculate(asked | between) == {"periods": []}
