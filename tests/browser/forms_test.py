"""Half-filled forms: kept by the plan editor, asked about elsewhere; prices say their VAT."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.browsing import Browse, Served
from tests.browser.checks import assert_sound, called, text_of

EDITOR = "/office/catalogue/plans/new/"


@pytest.fixture
def owner(browse: Browse, served: Served) -> Browse:
    visit = served.facts["office"]["visit"]
    browse.cookies = [{"name": "kesto_office", "value": visit, "url": browse.address}]
    return browse


@pytest.fixture
def customer(served: Served) -> str:
    found: dict[str, Any] = served.facts["office"]
    return f"/office/customers/{found['customer']}/"


def hint(page: Page, text: str) -> None:
    """Wait until a hint says so."""
    page.locator("#id_row-0-amount-hint", has_text=text).wait_for()


def test_a_price_says_its_other_figure_while_it_is_typed(owner: Browse) -> None:
    page = owner(EDITOR)
    price = page.get_by_label("Price", exact=True)
    price.fill("29.90")
    hint(page, "VAT 25.5% included = €23.82 without VAT")
    assert price.input_value() == "29.90"
    page.get_by_text("More: A new product").first.press("Enter")
    page.locator("#id_row-0-tax").select_option("net")
    hint(page, "VAT 25.5% on top = €37.52 with VAT")
    page.get_by_label(called("Name in English")).fill("Left alone")
    page.locator("#id_row-0-tax_category").select_option("reduced")
    hint(page, "VAT 13.5% on top = €33.94 with VAT")
    assert_sound(page, owner)
    page.get_by_role("button", name="New feature").press("Enter")
    page.wait_for_load_state()
    page.goto(f"{owner.address}/office/catalogue/")
    page.get_by_role("link", name="Left alone").press("Enter")
    page.wait_for_load_state()
    assert "You began this before." in text_of(page, "main")
    assert page.get_by_label("Price", exact=True).input_value() == "29.90"
    assert_sound(page, owner)
    page.get_by_role("button", name="Throw it away").first.press("Enter")
    page.wait_for_load_state()
    assert "Left alone" not in text_of(page, "main")


def test_a_meter_is_made_in_the_editor(owner: Browse) -> None:
    page = owner(EDITOR)
    page.get_by_role("button", name="Add a price by quantity").press("Enter")
    page.wait_for_load_state()
    page.get_by_label("Counted by", exact=True).select_option("+new")
    page.get_by_label("Name of the new meter").fill("Letters")
    page.get_by_label("Price of a unit", exact=True).first.fill("0.50")
    page.locator("p.hint", has_text="€0.3984 without VAT").wait_for()
    assert_sound(page, owner)
    page.get_by_role("button", name="Throw it away").press("Enter")


def test_leaving_a_half_filled_form_asks_first(owner: Browse, customer: str) -> None:
    page = owner(f"{customer}change/")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    page.get_by_label("Phone").press_sequentially("040 123")
    leaves(page, page.get_by_role("link", name="Today").click)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/change/")
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url(f"**{customer}")
    page.get_by_role("link", name="Today").click()
    page.wait_for_url("**/office/")
    assert asked == ["beforeunload"]


def leaves(page: Page, deed: Callable[[], None]) -> None:
    """Try to leave a page, and wait until the browser has asked."""
    with page.expect_event("dialog"):
        deed()
