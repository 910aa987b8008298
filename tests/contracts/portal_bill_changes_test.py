"""What a subscriber is told of the bills to come before a change: sums, usage, discounts."""

import re

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import Cancel, GiveCoupon
from kesto.flows.offer_in_portal import offer_in_portal
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from tests.contracts.portal_changes_test import confirms, rows_of, seen
from tests.contracts.portal_visits import text_of, visit_of
from tests.contracts.usage_visits import calls, sends
from tests.town import ACTOR, PRICES, Citizen, Town

COUPON = """
[[coupons]]
code = "SPRING-27"
name.en = "Spring"
percent = 10
duration = "periods"
periods = 6
"""
PHASED = """
[[plans]]
code = "cloud"
name.en = "Cloud"

[[plans.phases]]
code = "start"
interval = "month"
interval_count = 3
percent = 80

[[plans.phases]]
code = "regular"

[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
model = "flat"
amount = "30.00"
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


def test_a_phase_that_ends_later_is_named(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-10-01")
    offered = read_catalogue((PRICES + PHASED).encode(), "cloud.toml", new_id)
    publish_catalogue(town.merchant_id, offered, town.now)
    offer_in_portal(town.merchant_id, "plan", "cloud", town.now, ACTOR, is_offered=True)
    client = visit_of(aino)
    page = seen(client, own, "plan", plan="cloud")
    note = "In these sums Cloud costs 80% of its fixed prices, until 31 December 2026."
    assert rows_of(page)[-1] == ("From 1 November 2026 on, every month", "+€14.00")
    assert note in page
    confirms(client, own, page)
    assert note not in seen(client, own, "plan", plan="basic")


def test_why_a_plan_can_not_be_taken_is_said_where_the_subscription_ends(
    town: Town, aino: Citizen
) -> None:
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    aino.changes(own, Cancel())
    page = text_of(visit_of(aino).get(f"/portal/subscriptions/{own}/plan/"))
    assert "Take the cancellation back first." in page
