"""The documents: links lead somewhere, decisions have their shape, lists are complete."""

import re
import tomllib
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from typer.main import get_group

from kesto.core.tax import tax_group
from kesto.ops.cli import app
from tests.tidy.sources import ROOT, Source, sources

PAGES = [source for source in sources() if source.path.endswith(".md")]
DECISIONS = [page for page in PAGES if re.match(r"docs/decisions/\d{4}-", page.path)]

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
STATUS = re.compile(
    r"^Status: (accepted|replaced by \d{4}), \d{4}-\d{2}-\d{2}(; not built yet)?$", re.MULTILINE
)

MINUS = "\N{MINUS SIGN}"

VOCABULARY = (
    "merchant",
    "billing_entity",
    "customer",
    "product",
    "plan",
    "plan_version",
    "price",
    "price_list",
    "meter",
    "event",
    "add_on",
    "coupon",
    "discount",
    "offer",
    "subscription",
    "contract_term",
    "phase",
    "invoice",
    "invoice_line",
    "explanation",
    "credit_note",
    "wallet",
    "credit_grant",
    "payment_method",
    "mandate",
    "payment",
    "allocation",
    "bank_transaction",
    "dunning_policy",
    "reminder",
    "channel_preference",
    "message",
    "journey_event",
    "feature",
    "entitlement",
    "webhook_endpoint",
    "test_clock",
    "portal_session",
    "checkout_session",
    "preview",
    "quote",
    "simulation",
)


def by_path(page: Source) -> str:
    return page.path


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_links_lead_somewhere(page: Source) -> None:
    assert broken_links(page) == []


def test_a_broken_link_is_found() -> None:
    page = Source("docs/a.md", "[a](nowhere.md) [b](index.md#nothing) [c](index.md#decisions)\n")
    assert broken_links(page) == ["nowhere.md", "index.md#nothing"]


def broken_links(page: Source) -> list[str]:
    return [link for link in LINK.findall(page.text) if not leads_somewhere(page, link)]


def leads_somewhere(page: Source, link: str) -> bool:
    if link.startswith(("https://", "mailto:")):
        return True
    path, _, anchor = link.partition("#")
    target = (ROOT / page.path).parent / path if path else ROOT / page.path
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """The places that headings make, as repository pages show them."""
    titles = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", DECISIONS, ids=by_path)
def test_decision_has_its_shape(page: Source) -> None:
    number = Path(page.path).name[:4]
    assert page.text.startswith(f"# {number}. ")
    assert STATUS.search(page.text), "add a line `Status: accepted, YYYY-MM-DD`"
    assert re.search(r"^> \S", page.text, re.MULTILINE), "add the line people quote, after `> `"
    assert HEADING.findall(page.text)[1:] == ["Context", "Decision", "Consequences"]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(Path(page.path).name[:4]) for page in DECISIONS]
    assert numbers == [number for number, _ in zip(count(1), numbers, strict=False)]


def test_every_document_is_in_the_index() -> None:
    linked = set(LINK.findall((ROOT / "docs/index.md").read_text(encoding="utf-8")))
    pages = {page.path.removeprefix("docs/") for page in PAGES if page.path.startswith("docs/")}
    assert pages - linked - {"index.md"} == set(), "link them from docs/index.md"


def test_each_dependency_says_what_for() -> None:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups, project = whole["dependency-groups"], whole["project"]
    tests = project["optional-dependencies"]["test"]
    heavy = [one for group in groups.values() for one in group]
    wanted = [*project["dependencies"], *tests, *heavy]
    names = {re.split(r"[ \[<>=!~]", one)[0] for one in wanted}
    assert set(rows("docs/decisions/dependencies.md")) == names


def test_glossary_has_the_vocabulary_in_three_languages() -> None:
    found = rows("docs/glossary.md")
    assert [term for term in VOCABULARY if term not in found] == []
    short = [term for term in VOCABULARY if len(found[term]) != 3 or not all(found[term])]
    assert short == [], "each needs a sentence, Finnish and Swedish"


def rows(path: str) -> dict[str, list[str]]:
    """The tables of a page: first cell, bare, -> the other cells."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ") and not line.startswith(("| ---", "| package |", "| term |"))
    ]
    return {first.strip("`° "): rest for first, *rest in cells}


def test_changelog_says_what_is_unreleased() -> None:
    page = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## Unreleased\n\n- \S", page, re.MULTILINE)


def test_every_make_command_in_the_documents_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    text = "\n".join(page.text for page in PAGES)
    named = set(re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE))
    assert {"setup", "demo", "test", "check", "bench", "soak", "up"} <= targets
    assert named - targets == set()
    assert targets <= set(re.findall(r"\w+", makefile.split(".PHONY:")[1].splitlines()[0]))


def test_readme_begins_with_the_two_commands() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:8]
    commands = [line.split("#")[0].strip() for line in first_screen if line.startswith("make ")]
    assert commands == ["make demo", "make test"]


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in get_group(app).commands if f"`kesto {name}" not in readme] == []


def test_the_worked_invoice_of_the_tour_adds_up() -> None:
    tour = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
    group = tax_group("standard", Decimal("25.5"), gross_minor=5500)
    assert f"| {group.tax_minor / 100:.2f} |" in tour
    assert f"| {group.net_minor / 100:.2f} |" in tour
    booked = tour.split("## 6. In the books")[1].split("##")[0]
    amounts = re.findall(rf"\| ({MINUS}?\d+\.\d\d) \|", booked)
    assert len(amounts) == 5
    assert sum(Decimal(amount.replace(MINUS, "-")) for amount in amounts) == 0
