"""Usage in a real browser: its pages in the portal and in the office are sound everywhere."""

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

NARROWEST = 320


@pytest.fixture
def facts(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = served.facts["usage"]
    return found


@pytest.fixture
def visitor(browse: Browse, facts: dict[str, Any]) -> Browse:
    """Somebody with a visit of the portal and one of the office."""
    browse.cookies = [
        {"name": "kesto_portal", "value": facts["visit"], "url": browse.address},
        {"name": "kesto_office", "value": facts["office"], "url": browse.address},
    ]
    return browse


def pages(facts: dict[str, Any]) -> dict[str, str]:
    own, number = facts["subscription"], facts["number"]
    return {
        "portal-home": "/portal/",
        "portal-subscription": f"/portal/subscriptions/{own}/",
        "portal-plan": f"/portal/subscriptions/{own}/plan/",
        "portal-invoice": f"/portal/invoices/{number}/",
        "portal-line": f"/portal/invoices/{number}/lines/{facts['line']}/",
        "office-subscription": f"/office/subscriptions/{own}/",
        "office-plan": f"/office/subscriptions/{own}/plan/",
        "office-events": f"/office/subscriptions/{own}/events/",
        "office-invoice": f"/office/invoices/{number}/",
        "office-line": f"/office/invoices/{number}/lines/{facts['line']}/",
        "office-catalogue": "/office/catalogue/",
        "portal-alerts": f"/portal/subscriptions/{own}/alerts/",
        "office-alerts": f"/office/subscriptions/{own}/alerts/",
    }


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_sound(visitor: Browse, facts: dict[str, Any], width: int, language: str) -> None:
    for name, path in pages(facts).items():
        page = visitor(path, width=width, language=language)
        assert_sound_by_day_and_night(page, visitor, f"usage-{name}-{width}-{language}")


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_change_of_plan_comes_to_is_sound(
    visitor: Browse, facts: dict[str, Any], width: int, language: str
) -> None:
    for room in ("portal", "office"):
        path = f"/{room}/subscriptions/{facts['subscription']}/plan/"
        page = visitor(path, width=width, language=language)
        if room == "portal":
            page.check("input[name=plan][value=plus]")
        else:
            page.select_option("select[name=plan]", "plus")
        page.click("main form[method=post] .btn-primary")
        page.wait_for_selector("#changes, #changes1")
        name = f"usage-{room}-preview-{width}-{language}"
        assert_sound_by_day_and_night(page, visitor, name)


def test_pages_fit_the_narrowest_phone_in_swedish(visitor: Browse, facts: dict[str, Any]) -> None:
    for name, path in pages(facts).items():
        page = visitor(path, width=NARROWEST, language="sv")
        picture(page, f"usage-{name}-{NARROWEST}")
        assert_sound(page, visitor)


@pytest.mark.parametrize("name", ["portal-subscription", "portal-line", "office-events"])
def test_every_stop_of_the_tab_key_shows(visitor: Browse, facts: dict[str, Any], name: str) -> None:
    assert_focus_shows(visitor(pages(facts)[name]))


def test_from_the_sum_so_far_to_each_call_by_keyboard(
    visitor: Browse, facts: dict[str, Any]
) -> None:
    page = visitor(pages(facts)["portal-subscription"], language="en", script=False)
    assert "Usage so far" in text_of(page, "main")
    page.get_by_role("link", name="See what was used and when").first.press("Enter")
    page.wait_for_url("**/usage/**")
    assert "54 events" in text_of(page, "main")
    page.get_by_role("link", name="More").press("Enter")
    page.wait_for_url("**after=**")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").press("Enter")
    assert download.value.suggested_filename == "talk-2026-12-01.csv"
