"""The life of a subscription in a real browser: begun, upgraded, cancelled; in the portal too."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import WIDTHS, Browse, Served
from tests.browser.checks import assert_sound_by_day_and_night, text_of


@pytest.fixture
def owner(browse: Browse, served: Served) -> Browse:
    visit = served.facts["office"]["visit"]
    browse.cookies = [{"name": "kesto_office", "value": visit, "url": browse.address}]
    return browse


@pytest.fixture
def lumi(browse: Browse, served: Served) -> Browse:
    visit = served.facts["portal"]["visit"]
    browse.cookies = [{"name": "kesto_portal", "value": visit, "url": browse.address}]
    return browse


def main_of(page: Page) -> str:
    return (text_of(page, "main") or "").replace("\N{NO-BREAK SPACE}", " ")


def goes_to(page: Page, name: str) -> None:
    page.locator("#actions").get_by_role("link", name=name, exact=True).press("Enter")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_life_in_the_office_by_keyboard_without_scripts(owner: Browse, width: int) -> None:
    page = owner("/office/customers/", width=width, script=False)
    page.get_by_role("link", name="New customer").press("Enter")
    page.get_by_label("Name", exact=True).fill(f"Elma Elävä {width}")
    page.get_by_label("Customer number").fill(f"elma-{width}")
    page.get_by_role("button", name="Add the customer").press("Enter")
    assert "is a customer now." in main_of(page)
    page.get_by_role("link", name="New subscription").press("Enter")
    page.get_by_label("Plan", exact=True).select_option("plus")
    page.get_by_role("button", name="Go on").press("Enter")
    page.get_by_label("Periods begin").select_option("calendar")
    page.get_by_label("Safety").check()
    page.get_by_role("button", name="See what it comes to").press("Enter")
    assert "Nothing has happened yet." in main_of(page)
    page.get_by_role("button", name="Confirm").press("Enter")
    assert "The subscription is made." in main_of(page)
    upgraded(page)
    cancelled(page)


def upgraded(page: Page) -> None:
    """The upgrade is seen before it is made."""
    goes_to(page, "Change plan")
    page.get_by_label("Plan", exact=True).select_option("max")
    page.get_by_role("button", name="See what it comes to").press("Enter")
    assert "Plan: Max" in main_of(page)
    assert re.search(r"Without it: €\d+\.\d\d on ", main_of(page))
    page.get_by_role("button", name="Confirm").press("Enter")
    assert "The change is made." in main_of(page)
    assert text_of(page, "h1") == "Max"


def cancelled(page: Page) -> None:
    """The notice names the last day and the rule; it is taken back where it lies ahead."""
    goes_to(page, "Cancel")
    assert "Given today, the last day is" in main_of(page)
    page.get_by_label("Reason").fill("Moving")
    page.get_by_role("button", name="See what it comes to").press("Enter")
    assert "The notice period is the one in the contract. Moving" in main_of(page)
    page.get_by_role("button", name="Confirm").press("Enter")
    assert "Ends on" in main_of(page)
    page.locator("#ahead button", has_text="Cancelled").press("Enter")
    assert "Called off: Cancelled" in main_of(page)
    page.get_by_role("button", name="Confirm").press("Enter")
    assert "No change lies ahead." in main_of(page)


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_change_comes_to_is_a_sound_page(
    owner: Browse, served: Served, width: int, language: str
) -> None:
    place = f"/office/subscriptions/{served.facts['office']['subscription']}/"
    page = owner(f"{place}plan/", width=width, language=language)
    page.locator("#id_plan").select_option("max")
    page.locator("#id_on").fill("2027-02-10")
    page.locator("main form .btn-primary").press("Enter")
    page.wait_for_selector("#happens")
    assert_sound_by_day_and_night(page, owner, f"office-change-{width}-{language}")
    page = owner(f"{place}plan/", width=width, language=language)
    page.locator("#id_plan").select_option("plus")
    page.locator("main form .btn-primary").press("Enter")
    page.wait_for_selector("#id_plan-error")
    assert_sound_by_day_and_night(page, owner, f"office-change-refused-{width}-{language}")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_change_costs_is_a_sound_page_of_the_portal(
    lumi: Browse, served: Served, width: int, language: str
) -> None:
    place = f"/portal/subscriptions/{served.facts['portal']['subscription']}/"
    for action in ("plan", "cancel"):
        page = lumi(f"{place}{action}/", width=width, language=language)
        if action == "plan":
            page.locator("input[value=max]").check()
        page.locator("main form .btn-primary").press("Enter")
        page.wait_for_selector("#happens")
        assert_sound_by_day_and_night(page, lumi, f"portal-{action}-seen-{width}-{language}")


def test_a_subscriber_changes_plan_and_cancels_in_three_clicks(
    lumi: Browse, served: Served
) -> None:
    facts: dict[str, Any] = served.facts["portal"]
    place = f"/portal/subscriptions/{facts['subscription']}/"
    page = lumi(f"{place}plan/", width=390, script=False)
    page.get_by_label("Plus").check()
    page.get_by_role("button", name="See what it costs").click()
    assert "Plan: Plus" in main_of(page)
    page.get_by_role("button", name="Confirm").click()
    assert "The change is confirmed." in main_of(page)
    page = lumi("/portal/", width=390, script=False)
    page.locator(f'a[href="{place}cancel/"]').click()
    assert "Your last day would be" in main_of(page)
    page.get_by_role("button", name="See what it costs").click()
    page.get_by_role("button", name="Cancel now").click()
    assert "The subscription is cancelled." in main_of(page)
    page.get_by_role("link", name="Take the cancellation back").click()
    page.get_by_role("button", name="See what it costs").click()
    page.get_by_role("button", name="Confirm").click()
    assert "Your subscription goes on." in main_of(page)
