"""A run above the limit in a real browser: it waits, is decided on, and is listed afterwards."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import WIDTHS, Browse, Served
from tests.browser.checks import (
    assert_focus_shows,
    assert_sound_by_day_and_night,
    called,
    text_of,
)


@pytest.mark.parametrize("language", ["fi", "en", "sv"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_run_that_waits_is_sound(
    browse: Browse, served: Served, width: int, language: str
) -> None:
    page = visitor_of(browse, served.facts["careful"], width, language)
    for name, path in pages_of_a_run_that_waits(served.facts["careful"]).items():
        page.goto(browse.address + path)
        assert_sound_by_day_and_night(page, browse, f"office-{name}-{width}-{language}")
    page = visitor_of(browse, served.facts["empty"], width, language)
    page.goto(f"{browse.address}/office/runs/approvals/")
    assert_sound_by_day_and_night(page, browse, f"office-approvals-none-{width}-{language}")


def test_every_stop_of_a_decision_shows(browse: Browse, served: Served) -> None:
    careful = served.facts["careful"]
    page = visitor_of(browse, careful, WIDTHS[0], "en")
    page.goto(f"{browse.address}/office/runs/approval/{careful['waiting']}/")
    assert_focus_shows(page)


def test_a_run_is_declined_by_keyboard_alone(browse: Browse, served: Served) -> None:
    deciding = served.facts["deciding"]
    page = visitor_of(browse, deciding, WIDTHS[0], "en")
    page.goto(f"{browse.address}/office/runs/approval/{deciding['waiting']}/")
    page.get_by_label(called("Note")).fill("The new price is wrong")
    page.get_by_role("button", name="Decline").press("Enter")
    page.wait_for_url("**/office/runs/")
    assert "is declined" in text_of(page, "main")
    page.get_by_role("link", name="Past decisions").press("Enter")
    page.wait_for_url("**/approvals/")
    assert "The new price is wrong" in text_of(page, "main")


def visitor_of(browse: Browse, facts: dict[str, Any], width: int, language: str) -> Page:
    """Somebody at work in a town."""
    browse.cookies = [{"name": "kesto_office", "value": facts["visit"], "url": browse.address}]
    return browse.visitor(width=width, language=language)


def pages_of_a_run_that_waits(careful: dict[str, Any]) -> dict[str, str]:
    """Where a run above the limit waits, and what was decided of those before it."""
    return {
        "waiting-today": "/office/",
        "waiting-runs": "/office/runs/",
        "waiting-approval": f"/office/runs/approval/{careful['waiting']}/",
        "waiting-approved": f"/office/runs/approval/{careful['approved']}/",
        "waiting-decisions": "/office/runs/approvals/",
    }
