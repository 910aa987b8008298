"""Price series in the office: made, filled from a file, looked at, and named by a plan."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kesto.flows.accept_usage import accept_usage
from kesto.store import catalogue
from kesto.store.session import reading
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town

SERIES = "/office/catalogue/prices/spot-fi/"
MADE = {
    "name": "Spot",
    "code": "spot-fi",
    "resolution": "hour",
    "currency": "eur",
    "unit": "kWh",
}
CSV = b"""starts_at;amount
2026-10-25T00:00+03:00;0,0412
2026-10-25T01:00+03:00;-0,0010
2026-10-25T03:00+03:00;0.05
"""
PLAN = {
    "name_en": "Spot",
    "row-0-model": "time_series",
    "row-0-meter": "talk",
    "row-0-series_code": "spot-fi",
    "row-0-margin": "0,004",
    "row-0-interval": "month",
    "row-0-product": "line",
    "do": "publish",
}


@pytest.fixture
def owner(town: Town) -> Client:
    client = member(town, "owner")
    answer = client.post("/office/catalogue/prices/new/", MADE)
    page = landed(client, answer)
    assert "Spot is there. Now give it its prices." in page
    assert "No price is known yet." in page
    return client


def gives(client: Client, data: bytes) -> str:
    sent = SimpleUploadedFile("prices.csv", data)
    answer = client.post(f"{SERIES}give/", {"file": sent})
    return landed(client, answer) if answer.status_code == 302 else text_of(answer)


def test_a_file_of_prices_is_taken_in_once(owner: Client) -> None:
    page = gives(owner, CSV)
    assert "3 new prices." in page
    assert "Prices are known until 25 October 2026" in page
    assert "−€0.001" in page
    assert "Prices are missing" in page
    assert "0 new prices." in gives(owner, CSV)
    assert "Spot" in text_of(owner.get("/office/catalogue/"))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (CSV.replace(b"0,0412", b"0,0413"), "Line 2: This time has another price already"),
        (CSV.replace(b"T01:00", b"T01:30"), "Line 3: No interval of the series begins"),
        (CSV.replace(b"0.05", b"x"), "Line 4: This can’t be read"),
        (CSV.replace(b"0.05", b""), "Line 4: This can’t be read"),
        (b"starts_at,amount\n", "Line 2: This can’t be read"),
        (b"a,b\n1,2\n", "Line 1: This can’t be read"),
        (b"\xff\xfe\x00", "Line 1: This can’t be read"),
        (b"x" * 5_000_001, "This file is too large"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(owner: Client, data: bytes, told: str) -> None:
    gives(owner, CSV)
    before = text_of(owner.get(SERIES)).partition("<form")[0]
    assert told in gives(owner, data)
    assert text_of(owner.get(SERIES)).partition("<form")[0] == before


def test_a_plan_is_built_on_a_series(town: Town, owner: Client) -> None:
    answer = owner.post("/office/catalogue/plans/new/", PLAN)
    page = landed(owner, answer)
    assert "prices of the series spot-fi" in page
    with reading(town.merchant_id) as session:
        ((version, _),) = [
            one for one in catalogue.plan_versions(session).values() if one[0].plan == "spot"
        ]
    assert version.prices[0].spec.model.code == "spot-fi"  # type: ignore[attr-defined]  # it is
    page = text_of(owner.get("/office/catalogue/plans/spot/next/"))
    assert '<option value="spot-fi" selected' in page
    assert "Start and price, one a line" not in page
    other = owner.post("/office/catalogue/plans/new/", {**PLAN, "row-0-currency": "SEK"})
    assert "This does not go together with this kind of price." in text_of(other)


def test_who_waits_is_shown_with_what_is_missing(town: Town, owner: Client) -> None:
    owner.post("/office/catalogue/plans/new/", PLAN)
    town.customer("Aino").subscribes("spot", on="2026-10-01")
    town.clock("2026-10-26")
    event = {"id": "e", "customer": "aino", "meter": "talk", "time": "2026-10-25T00:10+03:00"}
    accept_usage(town.merchant_id, [{**event, "value": 2}], town.now, town.now)
    assert town.bill(on="2026-11-01") == []
    page = text_of(owner.get("/office/runs/"))
    assert "The price of 1 interval from 25 October 2026 0:00 on is missing: spot-fi." in page
    assert "the next run bills it by itself" in page
    assert "1 invoice had waited for them; the next run makes it." in gives(owner, CSV)
    assert len(town.bill(on="2026-11-02")) == 1


def test_who_may_not_publish_only_looks(town: Town, owner: Client) -> None:
    gives(owner, CSV)
    service = member(town, "service")
    page = text_of(service.get(SERIES))
    assert "Read the file" not in page
    assert (
        service.post(f"{SERIES}give/", {"file": SimpleUploadedFile("a.csv", CSV)}).status_code
        == 403
    )
    assert service.get("/office/catalogue/prices/none/").status_code == 404
    again = owner.post("/office/catalogue/prices/new/", MADE)
    assert "This code is taken. Choose another." in text_of(again)
