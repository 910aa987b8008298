"""What a subscriber is told of the bills to come before a change: sums, usage, discounts."""

import re

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import GiveCoupon
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from tests.contracts.portal_changes_test import confirms, rows_of, seen
from tests.contracts.portal_visits import visit_of
from tests.contracts.usage_visits import calls, sends
from tests.town import PRICES, Citizen, Town

COUPON = """
[[coupons]]
code = "SPRING-27"
name.en = "Spring"
percent = 10
duration = "periods"
periods = 6
"""


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


def test_how_usage_counts_around_a_change_of_plan_is_said(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    sends(town, calls("2026-10-05T09:30:00", 34))
    client = visit_of(aino)
    page = seen(client, own, "plan", plan="plus")
    assert (
        "Talk before the change is billed at the prices of Metered: 34 min so far,"
        " 100 min included."
    ) in page
    assert "Usage to come is not in these sums." in page
    confirms(client, own, page)
    back = seen(client, own, "plan", plan="metered")
    assert (
        "Talk from 1 November 2026 on counts from zero at the prices of Metered,"
        " with all of its 100 min included."
    ) in back


def test_a_discount_that_ends_later_is_named(town: Town, aino: Citizen) -> None:
    plus = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    client = visit_of(aino)
    offered = read_catalogue((PRICES + COUPON).encode(), "coupons.toml", new_id)
    publish_catalogue(town.merchant_id, offered, town.now)
    aino.changes(plus, GiveCoupon("SPRING-27"))
    page = seen(client, plus, "plan", plan="max")
    assert rows_of(page)[-1] == ("From 1 November 2026 on, every month", "+€18.00")
    named = re.search(r"The discount Spring is in these sums; its last day is [^.]*\.", page)
    assert named is not None
    assert "SPRING-27" not in page
