"""What must hold of every page, whatever it shows."""

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.browsing import Browse

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LEAST_TARGET_PX = 24
NO_BREAK = "\N{NO-BREAK SPACE}"

# Links inside a sentence may be as low as their line; everything else has a size of its own.
SMALL_TARGETS = """
least => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter(one => one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
  .filter(one => one.type !== "hidden" && getComputedStyle(one).display !== "inline")
  .filter(one => !one.closest("label") || one.type === undefined)
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width > 0 && (box.width < least || box.height < least))
  .filter(([one]) => !one.classList.contains("skip"))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width}x${box.height}`)
"""
TOO_WIDE = """
() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > room + 1)
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 5).concat("the page scrolls sideways");
}
"""
FOCUSED = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ringed = one.closest("label.choice") ?? one;
  const style = getComputedStyle(ringed);
  const box = one.getBoundingClientRect();
  return {
    html: one.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0,
    index: [...document.querySelectorAll("*")].indexOf(one),
  };
}
"""


def assert_sound(page: Page, browse: Browse) -> None:
    """No barrier that axe finds, no sideways scroll, no small target, no complaint, no stranger."""
    faults = [
        *barriers(page),
        *(f"too wide: {one}" for one in page.evaluate(TOO_WIDE)),
        *(f"small target: {one}" for one in page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX)),
        *(f"complaint: {one}" for one in browse.seen.errors),
        *(f"request elsewhere: {one}" for one in browse.seen.foreign),
    ]
    assert not faults, "\n".join([page.url, *faults])


def assert_sound_by_day_and_night(page: Page, browse: Browse, name: str) -> None:
    """The same with all details open; in the dark what can differ: colours. Both are pictured."""
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    picture(page, f"{name}-light")
    assert_sound(page, browse)
    page.emulate_media(color_scheme="dark")
    picture(page, f"{name}-dark")
    faults = barriers(page, {"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    assert not faults, "\n".join([page.url, "in the dark:", *faults])


def barriers(page: Page, rules: object = TAGS) -> list[str]:
    """What axe finds, each with the elements it is about."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def focus_trail(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Every stop of the Tab key, from the top of the page until it leaves it."""
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and stop["index"] == stops[0]["index"]):
            break
        stops.append(stop)
    return stops


def assert_focus_shows(page: Page) -> None:
    """Each stop of the Tab key is visible and has its ring."""
    stops = focus_trail(page)
    assert stops, "the Tab key leads nowhere"
    faults = [stop["html"] for stop in stops if not (stop["ring"] and stop["seen"])]
    assert not faults, "\n".join(["focus does not show on:", *faults])


def text_of(page: Page, selector: str) -> str:
    """An element's text with plain blanks."""
    return (page.text_content(selector) or "").replace(NO_BREAK, " ").strip()


def called(label: str) -> re.Pattern[str]:
    """The label as it stands, with or without the mark of what may be left empty."""
    return re.compile(rf"^\s*{re.escape(label)}(\s*\(optional\))?\s*$")


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page where KESTO_PICTURES says."""
    folder = os.environ.get("KESTO_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
