"""Retention curves on survivors of real and of published tables."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from kesto.insight.curves import Alike
from kesto.insight.fitting import fit
from kesto.insight.survivors import Tenures, tenures_of
from tests.contracts.retention_test import CASE_1, CASE_2, HIGH_END, REGULAR

TELCO = Path(__file__).parents[2] / "kesto" / "demo" / "telco.csv"
TABLES = Path(__file__).parents[3] / "shared" / "data" / "retention"
SHOWN = 5e-5


def telco(contract: str = "") -> Tenures:
    """The customers of the demo by tenure; those of none are left out, as everywhere."""
    left: Counter[int] = Counter()
    last_seen: Counter[int] = Counter()
    with TELCO.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["tenure"]) and contract in {"", row["contract"]}:
                (left if row["churn"] == "yes" else last_seen)[int(row["tenure"])] += 1
    longest = range(max(last_seen | left) + 1)
    return Tenures(tuple(left[t] for t in longest), tuple(last_seen[t] for t in longest))


def test_the_demos_customers_are_as_many_as_they_were_counted() -> None:
    counted = telco()
    assert (counted.customers, sum(counted.left)) == (7032, 1869)


@pytest.mark.parametrize(
    ("contract", "shares"),
    [("12", {12: 0.9908, 24: 0.9783, 60: 0.8318}), ("24", {12: 1.0, 24: 1.0, 60: 0.9862})],
)
def test_the_share_alive_is_the_product_limit_estimate(
    contract: str, shares: dict[int, float]
) -> None:
    observed = telco(contract).observed()
    assert {tenure: observed[tenure] for tenure in shares} == pytest.approx(shares, abs=SHOWN)


def test_on_real_customers_a_mixture_that_says_nothing_more_is_its_limit() -> None:
    found = fit(telco(), "bdw")
    assert found.family.model == "dw"
    assert isinstance(found.curve, Alike)
    assert found.covariance is not None


def table(name: str) -> list[list[int]]:
    if not TABLES.exists():
        pytest.skip("the reference data beside the repository is not there")
    cohorts: defaultdict[str, list[int]] = defaultdict(list)
    with (TABLES / name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cohorts[row.get("cohort", "1")].append(int(row["survivors"]))
    return list(cohorts.values())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("high_end.csv", [HIGH_END]),
        ("regular.csv", [REGULAR]),
        ("multi_cohort_1.csv", [CASE_1[:points] for points in (5, 4, 3, 2)]),
        ("multi_cohort_2.csv", [CASE_2[:points] for points in (5, 4, 3, 2)]),
    ],
)
def test_the_published_tables_are_those_that_are_tested(name: str, known: list[list[int]]) -> None:
    assert tenures_of(table(name)) == tenures_of(known)
