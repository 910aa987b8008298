"""Usage at hours that have no price yet: pages stay open, and staff read what to do."""

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from tests.contracts.office_visits import member, text_of
from tests.contracts.portal_visits import visit_of
from tests.contracts.usage_visits import sends
from tests.town import Citizen, Town

SPOT = """
currency = "EUR"
prices_include_tax = true

[[products]]
code = "line"
name = { fi = "Liittymä", sv = "Abonnemang", en = "Line" }

[[meters]]
code = "energy"
name.en = "Energy"
unit = "kWh"
aggregation = "sum"

[[plans]]
code = "spot"
name.en = "Spot"

[[plans.prices]]
code = "energy"
product = "line"
interval = "month"
meter = "energy"
model = "time_series"
margin = "0.01"
[plans.prices.series]
"2026-10-01T10:00:00+03:00" = "0.10"
"2026-10-01T11:00:00+03:00" = "0.20"
"""


@pytest.fixture
def aino(town: Town) -> Citizen:
    catalogue = read_catalogue(SPOT.encode(), "spot.toml", new_id)
    publish_catalogue(town.merchant_id, catalogue, town.now)
    return town.customer("Aino")


def test_hours_tell_their_average(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-31")
    energy = {"meter": "energy", "time": "2026-10-01T10:15:00+03:00", "value": 3}
    sends(town, energy, {**energy, "time": "2026-10-01T11:30:00+03:00", "value": 1})
    page = text_of(visit_of(aino).get(f"/portal/subscriptions/{own}/"))
    assert "comes to €0.54 so far" in page
    (invoice,) = town.bill(on="2026-11-01")
    page = text_of(visit_of(aino).get(f"/portal/invoices/{invoice.number}/"))
    assert "on average: 4 kWh × €0.125 = €0.50." in page


def test_pages_stay_open_while_a_price_is_missing(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("spot", on="2026-10-01")
    town.clock("2026-10-10")
    sends(town, {"meter": "energy", "time": "2026-10-09T10:15:00+03:00", "value": 3})
    visit = visit_of(aino)
    assert visit.get("/portal/").status_code == 200
    assert visit.get(f"/portal/subscriptions/{own}/").status_code == 200
    answer = member(town, "service").get(f"/office/subscriptions/{own}/")
    assert answer.status_code == 200
    for page in (text_of(answer), text_of(visit.get(f"/portal/subscriptions/{own}/"))):
        assert "comes to €0.00 so far" in page
        assert "3 kWh from 9 October 2026 10:00 on has no price yet and is not in the sum." in page
