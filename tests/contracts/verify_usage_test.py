"""The proof of usage: invoices are computed from the events again, and each wrong is named."""

import psycopg
import pytest

from kesto.flows.accept_usage import accept_usage
from kesto.verify import verify
from tests.contracts.planted import Wrong
from tests.contracts.planted_usage import USAGE
from tests.contracts.verify_test import ids, plant, told, vandal
from tests.town import Town

__all__ = ["vandal"]


@pytest.fixture
def metered(town: Town) -> Town:
    """A town whose Aino was billed for what she used, some of it late."""
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    for number, (on, time) in enumerate(
        (("2026-10-31", "2026-10-15"), ("2026-11-02", "2026-10-20"), ("2026-11-03", "2026-11-02"))
    ):
        town.clock(on)
        if number == 1:
            town.bill(on="2026-11-02")
        event = {"customer": "aino", "meter": "talk", "value": 150, "time": f"{time}T12:00:00Z"}
        own = "one" if number == 0 else f"e{number}"
        (said,) = accept_usage(town.merchant_id, [{"id": own, **event}], town.now, town.now)
        assert said.status == "accepted"
    town.bill(on="2026-12-01")
    return town


def test_nothing_is_found_where_usage_is_billed(metered: Town) -> None:
    findings = verify(metered.merchant_id)
    assert findings == [], told(findings)


@pytest.mark.parametrize("wrong", USAGE, ids=lambda wrong: wrong.what)
def test_each_wrong_in_usage_is_named(
    metered: Town, vandal: psycopg.Connection, wrong: Wrong
) -> None:
    plant(vandal, wrong, metered, Town.founded())
    findings = verify(metered.merchant_id)
    assert ids(findings) >= set(wrong.found), told(findings)
