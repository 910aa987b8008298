"""Hard limits: what is used of a metered feature, and that a limit is an answer, never a lock."""

from uuid import UUID

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.exact import ZERO, shown
from kesto.flows.accept_usage import accept_usage
from kesto.flows.check_entitlement import Allowed, check_entitlement, check_entitlements
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from kesto.store.session import reading
from tests.town import Town

SOLD = """
currency = "EUR"
prices_include_tax = true

[[products]]
code = "calling"
name.en = "Calling"

[[meters]]
code = "calls"
name.en = "Calls"
aggregation = "count"

[[features]]
code = "calls"
name.en = "Calls"
kind = "metered"
meter = "calls"

[[plans]]
code = "flat-caller"
name.en = "Caller"
entitlements = [{ feature = "calls", limit = 3 }]
[[plans.prices]]
code = "monthly"
product = "calling"
interval = "month"
charged = "advance"
model = "flat"
amount = "5.00"

[[plans]]
code = "paying-caller"
name.en = "Paying caller"
entitlements = [{ feature = "calls", limit = 3 }]
[[plans.prices]]
code = "calls"
product = "calling"
meter = "calls"
interval = "month"
model = "package"
package_size = 10
package_amount = "1.00"
"""


def calls(town: Town, *moments: str) -> list[str]:
    sent = [
        {"id": f"{moment}-{place}", "customer": "aino", "meter": "calls", "time": moment}
        for place, moment in enumerate(moments)
    ]
    return [one.status for one in accept_usage(town.merchant_id, sent, town.now, town.now)]


def asked(town: Town) -> tuple[bool, str]:
    """Whether it is allowed, and what is used of what."""
    found = allowed(town)
    used, limit = (shown(number or ZERO) for number in (found.used, found.limit))
    return found.is_allowed, f"{used} of {limit}"


def allowed(town: Town) -> Allowed:
    with reading(town.merchant_id) as session:
        found = check_entitlement(session, "aino", "calls", town.now)
        listed = check_entitlements(session, "aino", town.now)
    assert found in listed
    return found


@pytest.fixture(params=["flat-caller", "paying-caller"])
def own(town: Town, request: pytest.FixtureRequest) -> UUID:
    publish_catalogue(
        town.merchant_id, read_catalogue(SOLD.encode(), "sold.toml", new_id), town.now
    )
    found = town.customer("Aino").subscribes(str(request.param), on="2026-10-01")
    town.clock("2026-10-31")
    return found


@pytest.mark.usefixtures("own")
def test_a_limit_that_is_reached_says_no_and_loses_nothing(town: Town) -> None:
    assert asked(town) == (True, "0 of 3")
    calls(town, "2026-10-05T10:00:00Z", "2026-10-06T10:00:00Z")
    assert asked(town) == (True, "2 of 3")
    calls(town, "2026-10-07T10:00:00Z")
    assert asked(town) == (False, "3 of 3")
    assert calls(town, "2026-10-08T10:00:00Z") == ["accepted"]
    assert asked(town) == (False, "4 of 3")


@pytest.mark.usefixtures("own")
def test_a_period_ends_at_midnight_where_the_subscription_is(town: Town) -> None:
    # In Helsinki clocks go back on 25 October: midnight is 22:00 UTC then, not 21:00.
    calls(town, "2026-10-31T21:59:59Z", "2026-10-31T22:00:00Z")
    assert asked(town) == (True, "1 of 3")
    town.clock("2026-11-01")
    assert asked(town) == (True, "1 of 3")
