"""The style page, where every part of the look stands: if it is sound, pages made of it can be."""

import pytest

from tests.browser.browsing import WIDTHS, Browse
from tests.browser.checks import (
    assert_focus_shows,
    assert_sound,
    assert_sound_by_day_and_night,
)

STYLE = "/office/style/"
FIRST_LOAD_BYTES = 150_000
NARROWEST = 320


@pytest.fixture
def browse(browse: Browse) -> Browse:
    """The visitor of these pages is a developer."""
    return browse.as_staff("developer")


@pytest.mark.parametrize("width", WIDTHS)
def test_style_page_is_sound(browse: Browse, width: int) -> None:
    assert_sound_by_day_and_night(browse(STYLE, width=width), browse, f"style-{width}")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("layout", ["portal", "checkout", "plain"])
def test_each_layout_is_sound(browse: Browse, layout: str, width: int) -> None:
    page = browse(f"{STYLE}?layout={layout}", width=width)
    assert_sound_by_day_and_night(page, browse, f"layout-{layout}-{width}")


def test_style_page_fits_the_narrowest_phone(browse: Browse) -> None:
    assert_sound(browse(STYLE, width=NARROWEST), browse)


def test_every_stop_of_the_tab_key_shows(browse: Browse) -> None:
    assert_focus_shows(browse(STYLE))


def test_a_first_visit_is_light(browse: Browse) -> None:
    page = browse.visitor()
    received = []
    page.on("requestfinished", lambda request: received.append(request.sizes()))
    page.goto(browse.address + STYLE)
    page.wait_for_load_state("networkidle")
    assert sum(one["responseBodySize"] for one in received) < FIRST_LOAD_BYTES


def test_a_person_chooses_colours_and_language_without_scripts(browse: Browse) -> None:
    page = browse(STYLE, scheme="light", script=False)
    page.get_by_role("button", name="Dark").click()
    assert page.url.endswith(STYLE)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 19)"
    page.get_by_role("button", name="Suomi").click()
    assert page.locator("html").get_attribute("lang") == "fi"
    assert page.get_by_role("button", name="Tumma").get_attribute("aria-pressed") == "true"


def test_the_slash_leads_to_the_search(browse: Browse) -> None:
    page = browse(STYLE)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("/")
    assert page.input_value("#search") == "/"


def test_the_sheet_opens_and_shuts_by_keyboard(browse: Browse) -> None:
    page = browse(STYLE)
    sheet = page.get_by_role("region", name="Credit a line")
    assert not sheet.is_visible()
    page.get_by_role("button", name="Open the sheet").press("Enter")
    assert sheet.is_visible()
    assert_sound(page, browse)
    page.keyboard.press("Escape")
    assert not sheet.is_visible()


def test_the_menu_of_a_phone_opens(browse: Browse) -> None:
    page = browse(STYLE, width=390)
    navigation = page.get_by_role("navigation", name="Main")
    assert not navigation.is_visible()
    page.get_by_role("button", name="Open the menu").click()
    assert navigation.is_visible()
    assert_sound(page, browse)


def test_paper_has_the_content_and_no_navigation(browse: Browse) -> None:
    page = browse(f"{STYLE}?layout=portal")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert not page.get_by_role("link", name="Pay €36.78").is_visible()
    assert page.get_by_text("To pay").is_visible()
    assert page.get_by_text("Tier 1: 200").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
