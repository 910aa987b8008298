"""The page of the speed figures: it says what was kept, in words, in tables and in charts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kesto.bench.figure import Measured, judged, read_bars
from kesto.bench.history import Record, Run, read_history
from kesto.bench.machine import Machine
from kesto.ops.home import Home
from scripts.bench_page import CHARTS, HEADLINES, NONE, PAGE, README, ROOT, pages

MACHINE = Machine("Some processor", 2, 16.0, 0.1, "Linux 6", "3.11.7", "18.1")
BARS = read_bars()
BEGAN = datetime(2026, 11, 20, 10, tzinfo=UTC)
TEXT = (ROOT / README).read_text("utf-8")
IMAGE = re.compile(r"!\[([^\]]+)\]\(([^)]+)\)")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _django(booted: Home) -> None:
    assert booted


def made_up(runs: int) -> list[Record]:
    """Runs three days apart, each a little better than the one before."""
    return [record for at in range(runs) for record in made_up_run(at)]


def made_up_run(at: int) -> Iterator[Record]:
    run = Run(f"abc123{at}", BEGAN + timedelta(days=3 * at))

    def figure(bar: str, size: int, value: float, ratio: float) -> Record:
        measured = Measured(bar, "things/s", value, value / ratio, ratio, [{"ratio": ratio}])
        return run.record(judged(measured, BARS[bar], size), MACHINE)

    yield figure("a", 1_000_000, 22_000 + at, 0.45 + at / 20)
    yield figure("a_growth", 1_000_000, 58 - at, 1.05 - at / 50)
    for size, cost in ((10_000, 55), (100_000, 52), (1_000_000, 58)):
        yield figure("a_cost", size, cost - at, 1)
    yield figure("c2", 10_000, 600_000, 24)
    yield figure("c2", 100_000, 450_000, 30 + at)
    yield figure("f", 1, 260 - 15 * at, 1)


def test_the_page_says_what_was_kept() -> None:
    made = pages(read_history(), TEXT)
    assert {path: (ROOT / path).read_text("utf-8") for path in made} == made, "run: make bench-page"
    drawn = {f"{CHARTS}/{path.name}" for path in (ROOT / CHARTS).glob("*.svg")}
    assert drawn == {path for path in made if path.endswith(".svg")}


def test_without_a_run_the_page_says_so() -> None:
    made = pages([], TEXT)
    assert set(made) == {PAGE, README}
    assert made[PAGE].endswith(NONE)
    assert NONE in made[README]


def test_what_is_kept_stands_in_its_tables() -> None:
    page = pages(made_up(2), TEXT)[PAGE]
    assert "| 10,000 | 54 |\n| 100,000 | 51 |\n| 1,000,000 | 57 |\n" in page
    assert "| 1,000,000 | 1.67 | 40 |\n| 10,000,000 | 2.22 | 69 |\n" in page
    assert page.count("| 2026-11-23 10:00 | `abc1231` |") == 4
    assert "| 2026-11-20 10:00 | `abc1230` | 260 | | 260 | <= 250 | <= 150 | no |" in page
    assert "| 2026-11-23 10:00 | `abc1231` | 245 | | 245 | <= 250 | <= 150 | yes |" in page
    assert "2 cores of Some processor, 16 GiB" in page


def test_the_readme_shows_the_last_of_the_headlines_and_nothing_else_changes() -> None:
    made = pages(made_up(2), TEXT)[README]
    own = made.partition("## Speed\n")[2].partition("\n## ")[0]
    assert "| 22,000 things/s | 0.5 | >= 0.40 | yes | >= 0.60 |" in own
    assert len(re.findall(r"^\| (?!what \||---)", own, re.MULTILINE)) == 4
    assert pages(read_history(), made)[README] == TEXT
    assert set(HEADLINES) <= set(BARS)


@pytest.mark.parametrize("runs", [1, 2, 7])
def test_each_chart_is_on_the_page_and_told(runs: int) -> None:
    made = pages(made_up(runs), TEXT)
    images = IMAGE.findall(made[PAGE])
    charts = {path for path in made if path.endswith(".svg")}
    assert {f"docs/{path}" for _, path in images} == charts
    assert len(charts) == 6
    assert all(len(told) > 20 for told, _ in images)
    for path in charts:
        drawn = ET.fromstring(made[path])  # noqa: S314 - it was drawn a moment ago
        title, told = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
        assert (drawn.get("role"), drawn.get("aria-labelledby")) == ("img", "title told")
        assert title is not None
        assert told is not None
        assert told.text
        assert told.text.startswith(f"{title.text}: ")


@pytest.mark.parametrize("runs", [1, 2])
def test_a_chart_brings_its_colours_for_light_and_dark(runs: int) -> None:
    made = pages(made_up(runs), TEXT)
    for path in (path for path in made if path.endswith(".svg")):
        light, dark = re.findall(r":root \{ ([^}]*) \}", made[path])
        assert "@media (prefers-color-scheme: dark) { :root {" in made[path]
        named = [set(re.findall(r"(--[\w-]+):", one)) for one in (light, dark)]
        assert named[0] == named[1] == set(re.findall(r"var\((--[\w-]+)\)", made[path]))
        used = set(re.findall(r'class="(\w[^"]*)"', made[path].partition("</style>")[2]))
        drawn = {name for names in used for name in names.split()} - {"is-wide"}
        assert {name for name in drawn if f".{name} {{" not in made[path]} == set()


def test_the_same_history_makes_the_same_page() -> None:
    assert pages(made_up(3), TEXT) == pages(made_up(3), TEXT)


def test_nothing_of_the_page_lies_outside_its_folder() -> None:
    paths = [Path(path) for path in pages(made_up(2), TEXT)]
    assert {path.parent.as_posix() for path in paths} == {".", "docs", CHARTS}
