"""The portal in a real browser: sound at every width, in both schemes and all languages."""

from typing import Any

import pytest

from tests.browser.browsing import WIDTHS, Browse, Served
from tests.browser.checks import (
    assert_focus_shows,
    assert_sound,
    assert_sound_by_day_and_night,
    picture,
    text_of,
)

FIRST_LOAD_BYTES = 150_000
NARROWEST = 320
HOME = "/portal/"


@pytest.fixture
def facts(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = served.facts["portal"]
    return found


@pytest.fixture
def lumi(browse: Browse, facts: dict[str, Any]) -> Browse:
    """A visitor who is a customer with invoices."""
    return signed_in(browse, facts["visit"])


def signed_in(browse: Browse, key: str) -> Browse:
    browse.cookies = [{"name": "kesto_portal", "value": key, "url": browse.address}]
    return browse


def pages(facts: dict[str, Any]) -> dict[str, str]:
    return {
        "home": HOME,
        "invoices": "/portal/invoices/",
        "invoice": f"/portal/invoices/{facts['number']}/",
        "messages": "/portal/messages/",
        "subscription": f"/portal/subscriptions/{facts['subscription']}/",
        "box": f"/portal/subscriptions/{facts['box']}/",
        "box-address": f"/portal/subscriptions/{facts['box']}/address/",
        "box-skip": f"/portal/subscriptions/{facts['box']}/skip/?on=2026-12-17",
        "plan": f"/portal/subscriptions/{facts['subscription']}/plan/",
        "add-ons": f"/portal/subscriptions/{facts['subscription']}/add-ons/",
        "pause": f"/portal/subscriptions/{facts['box']}/pause/",
        "cancel": f"/portal/subscriptions/{facts['subscription']}/cancel/",
    }


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_sound(lumi: Browse, facts: dict[str, Any], width: int, language: str) -> None:
    for name, path in pages(facts).items():
        page = lumi(path, width=width, language=language)
        assert_sound_by_day_and_night(page, lumi, f"portal-{name}-{width}-{language}")


def test_pages_fit_the_narrowest_phone(lumi: Browse, facts: dict[str, Any]) -> None:
    for name, path in pages(facts).items():
        page = lumi(path, width=NARROWEST, language="fi")
        picture(page, f"portal-{name}-{NARROWEST}")
        assert_sound(page, lumi)


@pytest.mark.parametrize("width", WIDTHS)
def test_empty_pages_are_sound(browse: Browse, facts: dict[str, Any], width: int) -> None:
    newcomer = signed_in(browse, facts["newcomer"])
    for name, path in list(pages(facts).items())[:2]:
        page = newcomer(path, width=width, language="fi")
        picture(page, f"portal-empty-{name}-{width}")
        assert_sound(page, newcomer)


def test_every_stop_of_the_tab_key_shows(lumi: Browse, facts: dict[str, Any]) -> None:
    for path in pages(facts).values():
        assert_focus_shows(lumi(path))


def test_a_first_visit_is_light(lumi: Browse, facts: dict[str, Any]) -> None:
    page = lumi.visitor()
    received = []
    page.on("requestfinished", lambda request: received.append(request.sizes()))
    page.goto(f"{lumi.address}/portal/invoices/{facts['number']}/")
    page.wait_for_load_state("networkidle")
    assert sum(one["responseBodySize"] for one in received) < FIRST_LOAD_BYTES


def test_from_the_link_to_the_reason_of_a_sum_by_keyboard(
    browse: Browse, facts: dict[str, Any]
) -> None:
    page = browse(facts["links"][0], language="en")
    picture(page, "portal-link")
    assert_sound(page, browse)
    page = browse(facts["links"][0], language="en", script=False)
    page.get_by_role("button", name="Open").press("Enter")
    page.wait_for_url(f"**{HOME}")
    page.get_by_role("link", name="Invoices").press("Enter")
    page.wait_for_url("**/portal/invoices/")
    page.get_by_role("link", name=facts["number"]).press("Enter")
    page.wait_for_url(f"**/{facts['number']}/")
    reason = page.locator("details.why").first
    reason.locator("summary").press("Enter")
    assert "Fixed price" in (reason.text_content() or "")


def test_the_way_to_the_payment_facts_by_keyboard(lumi: Browse) -> None:
    page = lumi(HOME, language="en", script=False)
    page.get_by_role("link", name="Pay €", exact=False).first.press("Enter")
    page.wait_for_url("**#pay")
    assert "FI21 1234 5600 0007 85" in text_of(page, "#pay")


def test_the_pdf_is_a_click_away(lumi: Browse, facts: dict[str, Any]) -> None:
    page = lumi(pages(facts)["invoice"], language="en", script=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").press("Enter")
    assert download.value.suggested_filename == f"{facts['number']}.pdf"


def test_a_channel_is_changed_by_keyboard(lumi: Browse) -> None:
    page = lumi("/portal/messages/", language="en", script=False)
    page.get_by_label("Reminders: channel").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Save").press("Enter")
    assert "Your choice is saved." in text_of(page, "main")
    assert page.get_by_label("Reminders: channel").input_value() == "letter"


def test_who_is_not_let_in_reads_what_to_do(browse: Browse, facts: dict[str, Any]) -> None:
    spent = facts["links"][1]
    browse(spent, script=False).get_by_role("button", name="Open").click()
    for path in (spent, HOME):
        page = browse(path, language="fi")
        picture(page, f"portal-closed-{len(path)}")
        browse.seen.errors.clear()  # the browser complains of 403 and 404 themselves
        assert_sound(page, browse)
    page = browse(spent, language="fi", script=False)
    page.get_by_role("button", name="Lähetä minulle uusi linkki").click()
    assert "Uusi linkki" in text_of(page, "h1")
