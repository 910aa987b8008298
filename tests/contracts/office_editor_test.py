"""The plan editor: a meter is made in it, what is typed is kept, and prices say their VAT."""

import re

import pytest
from django.test import Client

from kesto.store import catalogue, meters
from kesto.store.session import reading
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town

NEW = "/office/catalogue/plans/new/"
POWER = {
    "name_en": "Power",
    "row-0-model": "per_unit",
    "row-0-unit_amount": "0.50",
    "row-0-meter": "+new",
    "row-0-meter_name": "Electricity",
    "row-0-meter_aggregation": "sum",
    "row-0-meter_property": "kwh",
    "row-0-meter_unit": "kWh",
    "row-0-product": "new",
}


@pytest.fixture
def owner(town: Town) -> Client:
    return member(town, "owner")


def hints(page: str) -> dict[str, str]:
    """What stands below the fields, by the field's name."""
    return dict(re.findall(r'<p class="hint" id="id_([^"]+)-hint">([^<]*)</p>', page))


def test_a_meter_is_made_with_the_price_that_it_counts_for(town: Town, owner: Client) -> None:
    first = text_of(owner.post(NEW, {"row-0-model": "per_unit", "do": "draw"}))
    assert '<option value="+new">a new meter …</option>' in first
    assert "Name of the new meter" not in first
    page = text_of(owner.post(NEW, {"row-0-model": "per_unit", "row-0-meter": "+new"}))
    assert "Name of the new meter: This is missing." in page
    review = text_of(owner.post(NEW, POWER | {"do": "review"}))
    assert "<dt>New meter</dt><dd>Electricity" in review
    shown = landed(owner, owner.post(NEW, POWER | {"do": "publish"}))
    assert "Power, version 1, is published." in shown
    with reading(town.merchant_id) as session:
        made = meters.meters(session)["electricity"]
        price = catalogue.plan_versions(session)["power", 1][0].prices[0]
    assert (made.meter.aggregation, made.meter.property_name, made.unit) == ("sum", "kwh", "kWh")
    assert (price.meter, price.charged) == ("electricity", "arrears")


def test_a_meter_may_compute_its_value(town: Town, owner: Client) -> None:
    wrong = POWER | {"row-0-meter_property": "= value / value", "do": "review"}
    assert "This can’t be computed." in text_of(owner.post(NEW, wrong))
    right = POWER | {"row-0-meter_property": "= value / 1000"}
    landed(owner, owner.post(NEW, right | {"do": "publish"}))
    with reading(town.merchant_id) as session:
        made = meters.meters(session)["electricity"].meter
    assert (made.expression, made.property_name) == ("value / 1000", None)
    assert "value / 1000" in text_of(owner.get("/office/catalogue/meters/electricity/"))


def test_two_prices_may_be_counted_by_the_same_new_meter(owner: Client) -> None:
    second = {name.replace("row-0", "row-1"): value for name, value in POWER.items()}
    both = second | POWER | {"row-1-product_name": "Grid"}
    review = text_of(owner.post(NEW, both | {"do": "review"}))
    assert review.count("<dt>New meter</dt>") == 1
    other = both | {"row-1-meter_property": "wh", "do": "review"}
    assert "Name of the new meter: This is there twice." in text_of(owner.post(NEW, other))
    known = POWER | {"row-0-meter_name": "Talk", "do": "review"}
    assert "Name of the new meter: This code is taken." in text_of(owner.post(NEW, known))


def test_a_draft_is_kept_until_it_is_published_or_thrown_away(owner: Client) -> None:
    owner.post(NEW, POWER | {"do": "compute"})
    assert f'<a href="{NEW}">Power</a>' in text_of(owner.get("/office/catalogue/"))
    page = text_of(owner.get(NEW))
    assert "You began this before." in page
    assert 'value="Electricity"' in page
    assert 'value="0.50"' in page
    gone = landed(owner, owner.post(NEW, {"do": "discard"}))
    assert "The draft is thrown away." in gone
    assert "Begun and not published yet" not in gone
    assert "You began this before." not in text_of(owner.get(NEW))
    owner.post(NEW, POWER | {"do": "compute"})
    owner.post(NEW, POWER | {"do": "publish"})
    assert "You began this before." not in text_of(owner.get(NEW))


def test_a_draft_of_a_version_that_another_published_is_not_brought_back(
    town: Town, owner: Client
) -> None:
    path = "/office/catalogue/plans/power/next/"
    owner.post(NEW, POWER | {"do": "publish"})
    known = POWER | {"row-0-meter": "electricity"}
    owner.post(path, known | {"row-0-unit_amount": "0.60", "do": "compute"})
    assert "You began this before." in text_of(owner.get(path))
    other = member(town, "owner")
    landed(other, other.post(path, known | {"row-0-unit_amount": "0.70", "do": "publish"}))
    page = text_of(owner.get(path))
    assert "You began this before." not in page
    assert 'value="0.70"' in page


@pytest.mark.parametrize(
    ("amount", "more", "hint"),
    [
        ("", {}, "VAT 25.5% included"),
        ("29.90", {}, "VAT 25.5% included = €23.82 without VAT"),
        ("29,90", {"row-0-tax_category": "reduced"}, "VAT 13.5% included = €26.34 without VAT"),
        ("100", {"row-0-tax": "net"}, "VAT 25.5% on top = €125.50 with VAT"),
        ("much", {}, "VAT 25.5% included"),
        ("NaN", {}, "VAT 25.5% included"),
        ("1e99", {}, "VAT 25.5% included"),
    ],
)
def test_a_price_says_its_vat_and_the_other_figure(
    owner: Client, amount: str, more: dict[str, str], hint: str
) -> None:
    typed = {"row-0-model": "flat", "row-0-amount": amount, "row-0-product": "new"}
    page = text_of(owner.post(NEW, typed | more))
    assert hints(page)["row-0-amount"] == hint
    assert "#id_row-0-amount-hint" in page.split('hx-select-oob="')[1].split('"')[0]


def test_only_rates_of_the_sellers_country_can_be_chosen(owner: Client) -> None:
    page = text_of(owner.get(NEW))
    chosen = page.split('name="row-0-tax_category"')[1].split("</select>")[0]
    assert re.findall(">([^<]+)</option>", chosen) == [
        "standard rate, 25.5%",
        "reduced rate, 13.5%",
        "newspapers and magazines, 10%",
    ]


def test_a_price_without_a_name_yet_is_computed_as_that_of_a_new_product(owner: Client) -> None:
    page = text_of(owner.post(NEW, {"row-0-model": "flat", "row-0-amount": "5"}))
    assert '<th scope="row"></th>' not in page
    assert "€5.00" in page


def test_a_units_price_says_its_other_figure_more_finely(owner: Client) -> None:
    page = text_of(owner.post(NEW, POWER))
    assert hints(page)["row-0-unit_amount"].endswith("= €0.3984 without VAT")


def test_what_may_be_left_empty_says_so(owner: Client) -> None:
    page = text_of(owner.get(NEW))
    assert 'Code <span class="optional">(optional)</span></label>' in page
    assert '<label for="id_row-0-amount">Price</label>' in page
    coupon = text_of(owner.get("/office/catalogue/coupons/new/"))
    assert '<label for="id_code">Code</label>' in coupon
    assert 'Uses at most <span class="optional">(optional)</span></label>' in coupon
    assert "Give a percentage or a sum, not both." in coupon


def test_the_review_says_how_long_phases_last_and_what_an_add_on_goes_with(
    town: Town, owner: Client
) -> None:
    plan = {
        "name_en": "Cloud",
        "row-0-model": "flat",
        "row-0-amount": "10",
        "row-0-interval": "month",
        "row-0-charged": "advance",
        "row-0-product": "new",
        "longest_pause_days": "30",
        "phase-0-interval": "month",
        "phase-0-count": "3",
        "phase-0-percent": "80",
    }
    page = text_of(owner.post(NEW, plan | {"do": "draw"}))
    assert "Percent charged of the fixed prices" in page
    assert hints(page)["phase-0-percent"] == "80: a fifth off. Empty: free."
    review = text_of(owner.post(NEW, plan | {"do": "review"}))
    assert "phase-1: 3 months, 80% of the fixed prices" in review
    assert "regular: after that, 100% of the fixed prices" in review
    assert "<dt>Longest pause</dt><dd>30 days" in review
    assert "30 days" in landed(owner, owner.post(NEW, plan | {"do": "publish"}))
    new = "/office/catalogue/add-ons/new/"
    add_on = {name: plan[name] for name in plan if "phase" not in name and "pause" not in name}
    add_on |= {"name_en": "Backup", "plans": "cloud"}
    assert "cloud" in hints(text_of(owner.post(new, add_on | {"do": "draw"})))["plans"]
    assert "<dt>Only with</dt><dd>Cloud" in text_of(owner.post(new, add_on | {"do": "review"}))
    shown = landed(owner, owner.post(new, add_on | {"do": "publish"}))
    assert "Only with" in shown
    assert "<p>Cloud</p>" in shown
    own = town.customer("Aino").subscribes("cloud", on="2026-10-01")
    costs = text_of(owner.get(f"/office/subscriptions/{own}/"))
    assert re.findall(r"<td[^>]*>(every month[^<]*)", costs) == [
        "every month, in advance, 80% of it until 31 December 2026"
    ]
