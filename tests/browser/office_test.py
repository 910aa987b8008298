"""The office in a real browser: sound everywhere, and five tasks done by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import WIDTHS, Browse, Served
from tests.browser.checks import (
    assert_focus_shows,
    assert_sound,
    assert_sound_by_day_and_night,
    called,
    picture,
    text_of,
)

FIRST_LOAD_BYTES = 150_000
NARROWEST = 320
MOST_STEPS = 40
PASSWORD = "hevonen kuu lapio"  # noqa: S105 - of nobody


@pytest.fixture
def facts(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = served.facts["office"]
    return found


@pytest.fixture
def owner(browse: Browse, facts: dict[str, Any]) -> Browse:
    """A visitor who is an owner at work."""
    browse.cookies = [{"name": "kesto_office", "value": facts["visit"], "url": browse.address}]
    return browse


def pages(facts: dict[str, Any]) -> dict[str, str]:
    """The pages of the office, by a name of their own."""
    office = pages_of_people(facts) | {
        "invoices": "invoices/",
        "invoices-overdue": "invoices/?state=overdue&month=2026-10",
        "invoice": f"invoices/{facts['paid']}/",
        "invoice-credited": f"invoices/{facts['credited']}/",
        "credit": f"invoices/{facts['paid']}/credit/",
        "write-off": f"invoices/{facts['open']}/write-off/",
        "drafts": "drafts/",
        "draft": f"drafts/{facts['draft']}/",
        "payments": "payments/?month=2026-10",
        "deliveries": f"deliveries/?on={facts['box_coming']}",
        "deliveries-none": "deliveries/?on=2027-12-31",
        "delivery": f"deliveries/{facts['box']}/{facts['box_sent']}/",
        "messages": "messages/",
        "messages-troubled": "messages/?state=troubled",
        "catalogue": "catalogue/",
        "plan": "catalogue/plans/gym/",
        "plan-new": "catalogue/plans/new/",
        "plan-move": "catalogue/plans/gym/move/",
        "plan-next": "catalogue/plans/mobile/next/",
        "plan-next-series": "catalogue/plans/spot/next/",
        "plan-next-phases": "catalogue/plans/gym/next/",
        "add-on": "catalogue/add-ons/abroad/",
        "add-on-new": "catalogue/add-ons/new/",
        "coupon": "catalogue/coupons/spring/",
        "coupon-new": "catalogue/coupons/new/",
        "meter": "catalogue/meters/data/",
        "meter-new": "catalogue/meters/new/",
        "feature-new": "catalogue/features/new/",
        "series-new": "catalogue/prices/new/",
        "series": "catalogue/prices/spot-fi/",
        "series-empty": "catalogue/prices/spot-se/",
        "runs": "runs/",
        "run": f"runs/{facts['run']}/",
        "approvals": "runs/approvals/",
        "approval": f"runs/approval/{facts['approval']}/",
        "dry-run": "runs/dry/",
        "bank": "bank/",
        "bank-outgoing": f"bank/{facts['outgoing']}/",
        "bank-file": "bank/file/",
        "close": "close/",
        "close-month": "close/2026-10/",
        "settings": "settings/",
        "settings-merchant": "settings/merchant/",
        "settings-keys": "settings/keys/",
        "settings-keys-make": "settings/keys/make/",
        "settings-seller": f"settings/seller/{facts['seller']}/",
        "settings-delivery": "settings/delivery/",
        "settings-clock": "settings/clock/",
        "users": "users/",
        "invite": "users/invite/",
        "own": "own/",
        "own-password": "own/password/",
        "codes": "own/codes/",
    }
    office |= credit_pages(facts) | pages_of_rejected(facts)
    return {name: f"/office/{path}" for name, path in office.items()}


def pages_of_rejected(facts: dict[str, Any]) -> dict[str, str]:
    """Usage that could not be taken in."""
    return {
        "rejected": "usage/rejected/",
        "rejected-reason": "usage/rejected/?reason=unknown_customer",
        "rejected-none": "usage/rejected/?reason=too_old",
        "rejected-event": f"usage/rejected/{facts['rejected']}/",
    }


def pages_of_people(facts: dict[str, Any]) -> dict[str, str]:
    """Customers and their subscriptions."""
    return {
        "today": "",
        "customers": "customers/",
        "customers-found": "customers/?q=a",
        "customers-none": "customers/?q=zzz",
        "customer": f"customers/{facts['customer']}/",
        "write-invoice": f"customers/{facts['customer']}/invoice/",
        "customer-new": "customers/new/",
        "customer-change": f"customers/{facts['customer']}/change/",
        "customer-subscribes": f"customers/{facts['customer']}/subscribe/",
        "customer-orders": f"customers/{facts['customer']}/subscribe/?plan=plus",
        "subscription": f"subscriptions/{facts['subscription']}/",
        "events": f"subscriptions/{facts['subscription']}/events/",
        "enter-usage": f"subscriptions/{facts['subscription']}/events/new/",
        "subscription-plan": f"subscriptions/{facts['subscription']}/plan/",
        "subscription-pause": f"subscriptions/{facts['subscription']}/pause/",
        "subscription-extra": f"subscriptions/{facts['subscription']}/extra/",
        "box": f"subscriptions/{facts['box']}/",
        "box-skip": f"subscriptions/{facts['box']}/skip/?on={facts['box_coming']}",
        "box-address": f"subscriptions/{facts['box']}/address/",
        "box-plan": "catalogue/plans/box/next/",
        "subscription-cancel": f"subscriptions/{facts['subscription']}/cancel/",
    }


def credit_pages(facts: dict[str, Any]) -> dict[str, str]:
    return {
        "give-credit": f"customers/{facts['customer']}/credit/",
        "pay-back": f"customers/{facts['customer']}/pay-back/",
        "payouts": "payouts/",
    }


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_sound(owner: Browse, facts: dict[str, Any], width: int, language: str) -> None:
    page = owner.visitor(width=width, language=language)
    for name, path in pages(facts).items():
        page.goto(owner.address + path)
        assert_sound_by_day_and_night(page, owner, f"office-{name}-{width}-{language}")


def test_pages_fit_the_narrowest_phone_in_swedish(owner: Browse, facts: dict[str, Any]) -> None:
    page = owner.visitor(width=NARROWEST, language="sv")
    for name, path in pages(facts).items():
        page.goto(owner.address + path)
        picture(page, f"office-{name}-{NARROWEST}")
        assert_sound(page, owner)


@pytest.mark.parametrize(
    "name", ["today", "customer", "subscription", "invoice", "bank", "users", "plan-next"]
)
def test_every_stop_of_the_tab_key_shows(owner: Browse, facts: dict[str, Any], name: str) -> None:
    assert_focus_shows(owner(pages(facts)[name]))


def test_a_first_visit_is_light(owner: Browse) -> None:
    page = owner.visitor()
    received = []
    page.on("requestfinished", lambda request: received.append(request.sizes()))
    page.goto(f"{owner.address}/office/")
    page.wait_for_load_state("networkidle")
    assert sum(one["responseBodySize"] for one in received) < FIRST_LOAD_BYTES


@pytest.mark.parametrize("width", WIDTHS)
def test_from_the_link_to_the_office_and_back_in_again(
    browse: Browse, facts: dict[str, Any], width: int
) -> None:
    number = WIDTHS.index(width)
    page = browse(facts["links"][number], width=width)
    assert_sound(page, browse)
    page.get_by_label("New password").fill("short")
    page.get_by_label("New password").press("Enter")
    assert "Choose a password of at least 12 characters." in text_of(page, "main")
    assert_sound(page, browse)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("New password").press("Enter")
    assert text_of(page, "h1") == "Today"
    if width != max(WIDTHS):
        page.get_by_role("button", name="Open the menu").press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    assert_sound(page, browse)
    page.get_by_label("E-mail").fill(f"uusi-{number}@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    assert "E-mail and password do not match." in text_of(page, "main")
    assert_sound(page, browse)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    assert text_of(page, "h1") == "Today"


def test_a_payment_is_settled_by_keyboard_without_scripts(owner: Browse) -> None:
    page = owner("/office/", script=False)
    page.get_by_role("link", name="bank payments without an invoice").first.press("Enter")
    settle = page.get_by_role("button", name="Settle €")
    words = (settle.first.text_content() or "").replace("\N{NO-BREAK SPACE}", " ")
    settle.first.press("Enter")
    assert "is settled on invoice" in text_of(page, "main")
    assert words.split()[1] in text_of(page, "main")


def test_why_an_invoice_is_what_it_is_by_keyboard(owner: Browse, facts: dict[str, Any]) -> None:
    page = owner("/office/customers/")
    page.keyboard.press("/")
    page.keyboard.type(facts["paid"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/invoices/**")
    reason = page.locator("details.why").first
    reason.locator("summary").press("Enter")
    assert "Kiinteä hinta" in (reason.text_content() or "")  # as its customer reads it


def test_an_invoice_is_credited_by_keyboard(owner: Browse) -> None:
    page = owner("/office/invoices/?state=overdue", script=False)
    page.locator("tbody th a").first.press("Enter")
    page.get_by_role("link", name="Credit", exact=True).press("Enter")
    page.get_by_label("Reason").fill("Goodwill")
    page.get_by_role("button", name="Credit €").press("Enter")
    assert "is credited." in text_of(page, "main")


def test_a_run_is_started_by_keyboard_and_watched(owner: Browse) -> None:
    page = owner("/office/runs/")
    page.get_by_role("button", name="Start billing").press("Enter")
    assert "begins." in text_of(page, "main")
    wait_until_billed(page)
    page.locator("#runs tbody a").first.press("Enter")
    page.wait_for_url("**/runs/**")
    assert "Stages" in text_of(page, "main")
    assert_sound(page, owner)


def wait_until_billed(page: Page) -> None:
    """The page looks again by itself until the worker is done."""
    page.wait_for_function("() => !document.querySelector('#asked')", timeout=30_000)


def test_somebody_is_invited_by_keyboard(owner: Browse) -> None:
    page = owner("/office/users/", script=False)
    page.get_by_role("link", name="Invite somebody").press("Enter")
    page.get_by_label("Name").fill("Reijo Rahanen")
    page.get_by_label("E-mail").fill("reijo@example.com")
    page.get_by_label("Role", exact=True).select_option("finance")
    page.get_by_role("button", name="Invite").press("Enter")
    link = page.get_by_label("One-time link").input_value()
    assert "/office/welcome/" in link
    page.reload()
    assert page.get_by_label("One-time link").count() == 0


def test_the_sheet_of_a_user_opens_and_shuts_by_keyboard(owner: Browse) -> None:
    page = owner("/office/users/")
    page.get_by_role("button", name="Change").first.press("Enter")
    sheet = page.locator(".sheet:popover-open")
    assert sheet.is_visible()
    assert_sound(page, owner)
    page.keyboard.press("Escape")
    assert page.locator(".sheet:popover-open").count() == 0


def test_a_form_that_is_refused_keeps_what_was_typed(owner: Browse, facts: dict[str, Any]) -> None:
    page = owner(f"/office/settings/seller/{facts['seller']}/")
    page.get_by_label("Account (IBAN)").fill("FI00 0000")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    assert "This is not a valid account number (IBAN)." in text_of(page, "main")
    assert page.get_by_label("Account (IBAN)").input_value() == "FI00 0000"
    assert_sound(page, owner)


def test_a_plan_is_built_in_few_steps(owner: Browse) -> None:
    """A fixed fee, an allowance, two tiers, an add-on and a discount for three months."""
    page = owner("/office/catalogue/plans/new/")
    steps = 0

    def fill(label: str, value: str, place: int = 0) -> None:
        nonlocal steps
        page.get_by_label(called(label)).nth(place).fill(value)
        steps += 1

    def press(name: str) -> None:
        nonlocal steps
        page.get_by_role("button", name=name, exact=True).press("Enter")
        page.wait_for_load_state()
        steps += 1

    fill("Name in English", "Fast")
    fill("Price", "19.90")
    press("Add a price by quantity")
    page.get_by_label("Counted by", exact=True).select_option("data")
    steps += 1
    fill("Included units", "20")
    fill("Up to", "30")
    fill("Price of a unit", "0.50", 0)
    fill("Price of a unit", "0.30", 1)
    page.get_by_label("Quantity: Fast").fill("50")
    steps += 1
    page.locator("#beside").get_by_text("34.90").first.wait_for()
    assert_sound(page, owner)
    press("Review and publish")
    assert "Publish Fast, version 1?" in text_of(page, "h1")
    assert_sound(page, owner)
    press("Publish")
    assert "Fast, version 1, is published." in text_of(page, "main")
    page.goto(f"{owner.address}/office/catalogue/add-ons/new/")
    fill("Name in English", "Fast abroad")
    fill("Price", "4.90")
    press("Review and publish")
    press("Publish")
    page.goto(f"{owner.address}/office/catalogue/coupons/new/")
    fill("Name in English", "Half")
    fill("Code", "halved")
    fill("Percent off", "50")
    page.get_by_label("For", exact=True).select_option("periods")
    steps += 1
    fill("How many periods", "3")
    press("Publish")
    assert "Half is published." in text_of(page, "main")
    assert steps < MOST_STEPS


def test_the_editor_works_without_scripts(owner: Browse) -> None:
    page = owner("/office/catalogue/plans/new/", script=False)
    page.get_by_label("Name in English").fill("Plain")
    page.get_by_label("Price", exact=True).fill("many")
    page.get_by_role("button", name="Compute").last.press("Enter")
    assert "Give a number" in text_of(page, "main")
    assert page.get_by_label("Price", exact=True).input_value() == "many"
    page.get_by_label("Price", exact=True).fill("7,50")
    page.get_by_role("button", name="Compute").last.press("Enter")
    assert "7.50" in text_of(page, "#beside")
    page.get_by_role("button", name="Throw it away").press("Enter")
    page.wait_for_load_state()
    assert "Plain" not in text_of(page, "main")
