"""The catalogue in the office: a plan is built, looked at once more and published."""

import re
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.catalog import Catalogue, PlanVersion, Price, Product
from kesto.core.pricing import MODELS, parse_price
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import catalogue, coupons, meters
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.office.draft_price import row_of, spec_of
from kesto.web.office.editor_words import LABELS
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town
from tests.worked import offered

NEW = "/office/catalogue/plans/new/"
PHONE = {
    "name_en": "Phone",
    "row-0-model": "flat",
    "row-0-amount": "19,90",
    "row-0-interval": "month",
    "row-0-charged": "advance",
    "row-0-product": "new",
    "row-0-tax_category": "standard",
    "row-1-model": "graduated",
    "row-1-meter": "data",
    "row-1-included_units": "20",
    "row-1-tier-0-up_to": "30",
    "row-1-tier-0-unit_amount": "0,50",
    "row-1-tier-1-unit_amount": "0.30",
    "row-1-product": "new",
    "row-1-product_name": "Data",
    "quantity_1": "50",
}
SPECS: dict[str, dict[str, Any]] = {
    "flat": {"amount": "9.90", "minimum": "1", "maximum": "20"},
    "per_unit": {"unit_amount": "2", "per": "10", "included_units": "5"},
    "package": {"package_size": "10", "package_amount": "3", "free_units": "2", "round": "down"},
    "graduated": {
        "tiers": [
            {"up_to": "5", "unit_amount": "2", "flat_amount": "1", "maximum": "8"},
            {"unit_amount": "1", "package_size": "10"},
        ],
        "flat_at_zero": True,
        "transform_quantity": {"divide_by": "1000", "round": "up"},
    },
    "volume": {"tiers": [{"up_to": "5", "unit_amount": "2"}, {"unit_amount": "1"}]},
    "stairstep": {"tiers": [{"up_to": "5", "flat_amount": "2"}, {"flat_amount": "9"}]},
    "percentage": {"rate": "2.5", "fixed_amount": "0.1", "free_events": 3, "max_per_event": "9"},
    "graduated_percentage": {"tiers": [{"up_to": "100", "rate": "2"}, {"rate": "1"}]},
    "dynamic": {"commitment": {"amount": "50", "overage_factor": "1.5", "true_up": False}},
    "dimensional": {
        "dimensions": ["zone", "kind"],
        "rows": [
            {"zone": "eu", "kind": "call", "unit_amount": "1"},
            {"zone": "us", "price": {"model": "package", "package_size": "5",
                                     "package_amount": "2"}},
        ],
        "default": {"unit_amount": "3"},
    },
    "capacity": {
        "tiers": [{"limits": {"users": "10", "projects": "5"}, "amount": "9"}, {"amount": "99"}]
    },
    "time_series": {
        "series": {"2027-01-01T00:00:00+00:00": "0.1", "2027-01-01T01:00:00+00:00": "-0.2"},
        "margin": "0.01",
        "bucketed": False,
    },
}  # fmt: skip


@pytest.fixture
def owner(town: Town) -> Client:
    publish_catalogue(town.merchant_id, offered(), town.now)
    return member(town, "owner")


def newest(town: Town, plan: str) -> PlanVersion:
    with reading(town.merchant_id) as session:
        found = [one for one, _ in catalogue.plan_versions(session).values() if one.plan == plan]
    return max(found, key=lambda one: one.version)


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the editor as it stands."""
    found = dict(
        re.findall(r'<input class="input[^"]*" id="id_[^"]+" name="([^"]+)" value="([^"]*)"', page)
    )
    for name in re.findall(r'<input type="checkbox" id="id_[^"]+" name="([^"]+)" checked', page):
        found[name] = "on"
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)".*?>(.*?)</select>', page):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = (chosen or first)[1]  # type: ignore[index]  # a select has options
    areas = r'<textarea[^>]*? name="([^"]+)"[^>]*>(.*?)</textarea>'
    found |= dict(re.findall(areas, page, re.DOTALL))
    found |= dict(re.findall(r'type="hidden" name="(quantity_[0-9]+)" value="([^"]*)"', page))
    return {name: unescape(value) for name, value in found.items() if name != "q"}


def test_a_plan_is_built_computed_reviewed_and_published(town: Town, owner: Client) -> None:
    page = text_of(owner.post(NEW, PHONE | {"do": "compute"}))
    assert "€19.90" in page
    assert "€15.00" in page
    assert "€34.90" in page
    assert page.count("<svg") > 3
    review = text_of(owner.post(NEW, PHONE | {"do": "review"}))
    assert "Publish Phone, version 1?" in review
    assert "€0.50 up to 30" in review
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', review))
    del hidden["csrfmiddlewaretoken"]
    shown = landed(owner, owner.post(NEW, hidden | {"do": "publish"}))
    assert "Phone, version 1, is published." in shown
    plan = newest(town, "phone")
    flat, data = plan.prices
    assert (flat.charged, flat.product.code) == ("advance", "phone")  # it was there already
    assert (data.product.names, data.product.tax_category) == ({"en": "Data"}, "standard")
    assert (data.meter, data.charged, data.product.code) == ("data", "arrears", "data")
    assert data.spec.included_units == Decimal(20)


def test_a_new_product_is_never_one_with_another_vat_rate(town: Town, owner: Client) -> None:
    wanted = PHONE | {"row-0-tax_category": "reduced", "do": "publish"}
    landed(owner, owner.post(NEW, wanted))
    product = newest(town, "phone").prices[0].product
    assert (product.code, product.tax_category) == ("phone-2", "reduced")


def test_a_code_that_is_taken_is_said_before_anything_is_published(owner: Client) -> None:
    page = text_of(owner.post(NEW, PHONE | {"code": "mobile", "do": "review"}))
    assert "This code is taken" in page


def test_the_price_before_is_drawn_beside_the_new_one(owner: Client) -> None:
    page = text_of(owner.get("/office/catalogue/plans/mobile/next/"))
    assert "The version before" in page


def test_nothing_typed_is_lost_when_something_is_wrong(owner: Client) -> None:
    wrong = PHONE | {
        "row-1-tier-0-unit_amount": "many",
        "row-0-minimum": "x",
        "name_sv": "Tele",
        "notice_days": "soon",
        "do": "review",
    }
    page = text_of(owner.post(NEW, wrong))
    assert "Not published yet" in page
    kept = fields_of(page)
    typed = {name: value for name, value in wrong.items() if name != "do"}
    assert {name: kept.get(name) for name in typed} == typed
    assert 'href="#id_row-1-tier-0-unit_amount"' in page
    assert 'href="#id_row-0-minimum"' in page
    assert 'href="#id_notice_days"' in page


def test_rows_tiers_and_phases_come_and_go(owner: Client) -> None:
    typed: dict[str, str] = {**PHONE}
    for do in ("tier-1", "usage", "fixed", "trial", "phase", "remove-0", "untier-1-0"):
        typed = fields_of(text_of(owner.post(NEW, typed | {"do": do})))
    assert sorted({name.split("-")[1] for name in typed if name.startswith("row-")}) == [
        "1",
        "2",
        "3",
    ]
    tiers = {name for name in typed if name.startswith("row-1-tier") and name.endswith("up_to")}
    assert tiers == {"row-1-tier-1-up_to", "row-1-tier-2-up_to"}
    assert typed["row-1-tier-2-unit_amount"] == "0.30"
    assert (typed["phase-0-trial"], typed["phase-1-percent"]) == ("on", "50")


def test_a_phase_is_added_before_the_one_that_goes_on(owner: Client) -> None:
    path = "/office/catalogue/plans/gym/next/"
    begun = fields_of(text_of(owner.get(path)))
    typed = fields_of(text_of(owner.post(path, begun | {"do": "phase"})))
    intervals = [typed[f"phase-{number}-interval"] for number in range(4)]
    assert intervals == ["day", "month", "month", "open"]
    assert "Publish Gym, version 2?" in text_of(owner.post(path, typed | {"do": "review"}))


def test_the_next_version_begins_as_the_newest_is_and_leaves_subscribers_alone(
    town: Town, owner: Client
) -> None:
    town.customer("Aino").subscribes("gym", on="2026-10-01")
    before = newest(town, "gym")
    path = "/office/catalogue/plans/gym/next/"
    typed = fields_of(text_of(owner.get(path)))
    review = text_of(owner.post(path, typed | {"row-0-amount": "45", "do": "review"}))
    assert "they keep their version" in review
    assert "1 subscription" in review
    landed(owner, owner.post(path, typed | {"row-0-amount": "45", "do": "publish"}))
    after = newest(town, "gym")
    assert (after.version, after.phases, after.terms) == (2, before.phases, before.terms)
    assert [price.phases for price in after.prices] == [(), (1,)]
    shown = text_of(owner.get("/office/catalogue/plans/gym/"))
    assert "€45.00" in shown
    assert "€39.00" in shown


@pytest.mark.parametrize("model", MODELS)
def test_every_pricing_model_survives_the_editor(model: str) -> None:
    charged = {"charged": "arrears"} if model == "flat" else {}
    spec = parse_price({"model": model, **SPECS[model], **charged})
    product = Product(UUID(int=1), "p", {"en": "P"})
    price = Price(UUID(int=2), "c", product, spec, "EUR", True, Interval("month"), meter="m")
    assert spec_of(row_of(price), "arrears") == spec


def test_a_plan_with_everything_is_edited_without_loss(town: Town, owner: Client) -> None:
    for code in ("mobile", "spot", "news"):
        path = f"/office/catalogue/plans/{code}/next/"
        before = newest(town, code)
        landed(owner, owner.post(path, fields_of(text_of(owner.get(path))) | {"do": "publish"}))
        after = newest(town, code)
        assert [price.spec for price in after.prices] == [price.spec for price in before.prices]
        assert [(one.currency, one.includes_tax, one.meter) for one in after.prices] == [
            (one.currency, one.includes_tax, one.meter) for one in before.prices
        ]
        assert (after.entitlements, after.names) == (before.entitlements, before.names)


def test_an_add_on_a_coupon_a_meter_and_a_feature_are_published(town: Town, owner: Client) -> None:
    add_on = {"name_en": "Extra", "plans": "mobile", "row-0-model": "flat", "row-0-amount": "2.90",
              "row-0-interval": "month", "row-0-product": "phone"}  # fmt: skip
    shown = owner.post("/office/catalogue/add-ons/new/", add_on | {"do": "publish"})
    assert "Extra, version 1, is published." in landed(owner, shown)
    coupon = {"name_en": "Autumn", "code": "autumn", "percent": "25", "duration": "periods",
              "periods": "3", "codes": "AUTUMN", "plans": "mobile"}  # fmt: skip
    shown = owner.post("/office/catalogue/coupons/new/", coupon)
    assert "Autumn is published." in landed(owner, shown)
    meter = {"name_en": "Calls", "code": "calls", "aggregation": "count", "late": "correct"}
    landed(owner, owner.post("/office/catalogue/meters/new/", meter))
    feature = {"name_en": "Minutes", "code": "minutes", "kind": "metered", "meter": "calls"}
    landed(owner, owner.post("/office/catalogue/features/new/", feature))
    with reading(town.merchant_id) as session:
        assert coupons.coupons(session)["autumn"].periods == 3
        assert meters.features(session)["minutes"].meter == "calls"
    again = text_of(owner.post("/office/catalogue/meters/new/", meter))
    assert "This code is taken" in again


def test_a_coupon_is_ended_and_gets_codes(town: Town, owner: Client) -> None:
    path = "/office/catalogue/coupons/spring/"
    taken = text_of(owner.post(path, {"codes": "bad code!", "do": "save"}))
    assert "Codes have letters" in taken
    landed(owner, owner.post(path, {"codes": "MAY", "valid_until": "2027-01-31", "do": "save"}))
    landed(owner, owner.post(path, {"codes": "", "do": "end"}))
    with reading(town.merchant_id) as session:
        spring = coupons.coupons(session)["spring"]
    assert (spring.codes, str(spring.valid_until)) == (("MAY", "SPRING27"), "2026-09-30")


@pytest.mark.parametrize("noun", ["plans", "add-ons"])
def test_what_is_not_there_is_not_found(owner: Client, noun: str) -> None:
    for path in (f"{noun}/none/", f"{noun}/none/next/", "coupons/none/"):
        assert owner.get(f"/office/catalogue/{path}").status_code == 404


def test_a_plan_that_no_page_can_send_back_is_left_to_files(town: Town, owner: Client) -> None:
    mobile = newest(town, "mobile")
    fields = {"model": "flat", "amount": "1", "charged": "advance"}
    prices = tuple(
        structs.replace(mobile.prices[0], id=new_id(), code=f"p-{number}", spec=parse_price(fields))
        for number in range(45)
    )
    many = structs.replace(mobile, id=new_id(), version=2, prices=prices)
    wanted = Catalogue("EUR", includes_tax=True, products=(), plans=(many,), add_ons=())
    publish_catalogue(town.merchant_id, wanted, town.now)
    page = text_of(owner.get("/office/catalogue/plans/mobile/next/"))
    assert "too many prices for the editor" in page


def test_junk_is_no_error_of_ours(owner: Client) -> None:
    for junk in (
        {"row-0-model": "nonsense", "row-7-tier-3-up_to": "\0", "do": "untier-9-9"},
        {"row-0-model": "time_series", "row-0-series": "a b c\n", "do": "review"},
        {"row-0-model": "dimensional", "row-0-tier-0-price": "{", "do": "review"},
        {"row-0-model": "capacity", "row-0-tier-0-limits": "x,,", "do": "compute"},
        {"phase-0-count": "-1", "quantity_0": "1e999", "do": "publish"},
        {"do": "remove-x"},
    ):
        assert owner.post(NEW, junk).status_code == 200, junk


def test_every_field_has_a_label() -> None:
    assert all(str(label) for label in LABELS.values())
