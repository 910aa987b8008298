"""From an empty office to invoices that are read: a plan with a meter of its own, a subscriber with
a coupon, usage entered by hand, an upgrade, a notice.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.browsing import Browse, Served
from tests.browser.checks import assert_sound, called, text_of

MOST_STEPS = 60
PATIENCE = 60


class Hands:
    """Somebody at work, who counts what they do."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.steps = 0

    def opens(self, place: str) -> None:
        """Go to a page by its address: nothing is counted, the navigation leads there too."""
        self.page.goto(f"{self.address}/office/{place}")

    def fills(self, label: str, value: str, place: int = 0) -> None:
        named = self.page.get_by_label(called(label))
        self._do(lambda: named.nth(place).fill(value))

    def chooses(self, label: str, value: str) -> None:
        self._do(lambda: self.page.get_by_label(label, exact=True).select_option(value))

    def presses(self, name: str) -> None:
        self._press(self.page.get_by_role("button", name=name, exact=True).first)

    def follows(self, name: str, within: str = "main") -> None:
        links = self.page.locator(within).get_by_role("link", name=name, exact=True)
        self._press(links.first)

    def says(self) -> str:
        """What stands on the page."""
        return (text_of(self.page, "main") or "").replace("\N{NO-BREAK SPACE}", " ")

    def _press(self, target: Locator) -> None:
        self._do(lambda: target.press("Enter"))
        self.page.wait_for_load_state()

    def _do(self, deed: Callable[[], object]) -> None:
        deed()
        self.steps += 1


@pytest.fixture
def hands(browse: Browse, served: Served) -> Hands:
    visit = served.facts["empty"]["visit"]
    browse.cookies = [{"name": "kesto_office", "value": visit, "url": browse.address}]
    return Hands(browse("/office/"), browse.address)


def test_a_plan_is_built_sold_changed_and_ended(hands: Hands, browse: Browse) -> None:
    builds(hands, "Fast", "19.90")
    hands.opens("catalogue/add-ons/new/")
    hands.fills("Name in English", "Abroad too")
    hands.fills("Price", "4.90")
    hands.presses("Review and publish")
    hands.presses("Publish")
    hands.opens("catalogue/coupons/new/")
    hands.fills("Name in English", "Half")
    hands.fills("Code", "half")
    hands.fills("Percent off", "50")
    hands.chooses("For", "periods")
    hands.fills("How many periods", "3")
    hands.presses("Publish")
    assert "Half is published." in hands.says()
    subscribes(hands)
    hands.follows("Enter usage", "#usage")
    hands.fills("How much", "31")
    hands.presses("Enter it")
    assert "The event is taken in and counts." in hands.says()
    time_passes(hands, "2026-10-11")
    upgrades(hands)
    hands.follows("Cancel", "#actions")
    assert "Given today, the last day is" in hands.says()
    hands.presses("See what it comes to")
    hands.presses("Confirm")
    assert "Ends on" in hands.says()
    time_passes(hands, "2026-12-01")
    reads_invoices(hands)
    assert_sound(hands.page, browse)
    assert hands.steps <= MOST_STEPS


def builds(hands: Hands, name: str, price: str) -> None:
    """A plan with a fixed fee, a meter that is missing until now, an allowance and two tiers."""
    hands.opens("catalogue/plans/new/")
    hands.fills("Name in English", name)
    hands.fills("Price", price)
    hands.presses("Add a price by quantity")
    hands.chooses("Counted by", "+new")
    hands.fills("Name of the new meter", "Megabytes")
    hands.fills("Included units", "20")
    hands.fills("Up to", "30")
    hands.fills("Price of a unit", "0.50", 0)
    hands.fills("Price of a unit", "0.30", 1)
    hands.presses("Review and publish")
    hands.presses("Publish")
    assert f"{name}, version 1, is published." in hands.says()


def subscribes(hands: Hands) -> None:
    """A new customer takes the plan with the add-on and the discount."""
    hands.opens("customers/new/")
    hands.fills("Name", "Elma Elävä")
    hands.fills("Customer number", "elma")
    hands.presses("Add the customer")
    hands.follows("New subscription")
    hands.chooses("Plan", "fast")
    hands.presses("Go on")
    hands.page.get_by_label("Abroad too").check()
    hands.fills("Coupon", "half")
    hands.presses("See what it comes to")
    assert "Half: 50% for 3 periods" in hands.says()
    hands.presses("Confirm")
    assert "The subscription is made." in hands.says()
    assert "50%" in hands.says()


def upgrades(hands: Hands) -> None:
    """Another plan in the middle of the month; the page says first what it comes to."""
    hands.opens("customers/?q=elma")
    hands.follows("Fast")
    hands.follows("Change plan", "#actions")
    hands.chooses("Plan", "mobile")
    hands.presses("See what it comes to")
    assert re.search(r"Without it: €\d+\.\d\d on ", hands.says())
    hands.presses("Confirm")
    assert "The change is made." in hands.says()


def time_passes(hands: Hands, day: str) -> None:
    """Let it be a day; the workers bill what falls due on the way."""
    place = hands.page.url
    hands.opens("settings/clock/")
    hands.fills("Let it be", day)
    hands.presses("Let it be that day")
    for _ in range(PATIENCE):
        if "On its way to" not in hands.says():
            break
        hands.page.wait_for_timeout(1_000)
        hands.page.reload()
    assert "On its way to" not in hands.says()
    hands.page.goto(place)


def reads_invoices(hands: Hands) -> None:
    """The invoices say what was used, what was discounted and what was changed."""
    hands.opens("customers/?q=elma")
    assert "Ended" in hands.says()
    numbers = hands.page.locator("a", has_text=re.compile(r"^2026-\d{6}$")).all_inner_texts()
    assert numbers
    hands.follows(min(numbers))
    assert "Alennus" in hands.says()  # as its customer reads it
