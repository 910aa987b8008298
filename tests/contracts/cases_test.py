"""Worked figures of other billing systems, asked of our own calculator.

Where their rule is not ours, the case stands in KNOWN_DIFFERENCES and our figure is asked. Without
the reference data beside the repository there is nothing to ask.
"""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contracts import cases_meters, cases_periods, cases_prices

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "cases"

DIFFERENCES = Path(__file__).parents[2] / "docs" / "algorithms" / "known-differences.md"

# Our figures, by the id of a case whose rule is not ours.
KNOWN_DIFFERENCES = {"kb-fixed28-23jun": ["22"], "kb-fixed30-23feb24": ["21"]}

# Ours are days where theirs are instants.
DATES_ONLY = {"recurrence_period", "next_billing_date"}
MONEY = {"proration_amount", "proration_ratio", "credit_cap"}

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    path = FOLDER / name
    if not path.exists():
        return []
    read: list[Case] = json.loads(path.read_text("utf-8"))["cases"]
    return read


PRICES, PERIODS = cases("pricing_models.json"), cases("periods.json")
METERS = cases("aggregations.json")


@pytest.mark.parametrize("case", PRICES, ids=lambda case: case["id"])
def test_a_price(case: Case) -> None:
    figures = cases_prices.WAYS[case["model"]](case)
    wanted = case["expected"]["amount"]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    assert list(map(Decimal, figures)) == list(map(Decimal, wanted))


def test_every_price_is_asked() -> None:
    assert {case["model"] for case in PRICES} <= cases_prices.WAYS.keys()
    assert not KNOWN_DIFFERENCES.keys() & {case["id"] for case in PRICES}


@pytest.mark.parametrize("case", PERIODS, ids=lambda case: case["id"])
def test_a_period(case: Case) -> None:
    figures = cases_periods.WAYS[case["kind"]](case)
    theirs = [str(value) for value in case["expected"].values()]
    wanted = KNOWN_DIFFERENCES.get(case["id"], theirs)
    if case["kind"] in DATES_ONLY:
        wanted = [value[:10] for value in wanted]
    if case["kind"] in MONEY:
        assert list(map(Decimal, figures)) == list(map(Decimal, wanted))
    else:
        assert figures == wanted


@pytest.mark.parametrize("case", METERS, ids=lambda case: case["id"])
def test_a_meter(case: Case) -> None:
    assert Decimal(cases_meters.metered(case)["quantity"]) == Decimal(case["expected"])


@pytest.mark.parametrize(
    ("name", "least"),
    [("pricing_models.json", 90), ("periods.json", 90), ("aggregations.json", 25)],
)
def test_the_figures_are_there(name: str, least: int) -> None:
    if not FOLDER.exists():
        pytest.skip("the reference data beside the repository is not there")
    assert len(cases(name)) > least


def test_known_differences_name_cases_that_are_there() -> None:
    if not FOLDER.exists():
        pytest.skip("the reference data beside the repository is not there")
    assert KNOWN_DIFFERENCES.keys() <= {case["id"] for case in PRICES + PERIODS + METERS}


def test_known_differences_are_those_of_the_document_and_few() -> None:
    page = DIFFERENCES.read_text("utf-8")
    assert set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)) == set(KNOWN_DIFFERENCES)
    everything = len(PRICES) + len(PERIODS) + len(METERS)
    assert not everything or len(KNOWN_DIFFERENCES) * 10 <= everything
