"""Whole stories of other billing systems, told to our own calculator step by step.

Without the reference data beside the repository there is nothing to tell.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.contracts.cases_prices import Case, Figures
from tests.contracts.cases_test import FOLDER, cases
from tests.contracts.scenarios import invoices, plans, progressive

STORIES = cases("scenarios.json")

WAYS: dict[str, Callable[[Case], Figures]] = {
    "lago-cn-200": plans.ended_on_its_first_day,
    "lago-cn-weekly": plans.ended_on_its_first_day,
    "lago-term-adv-anniv": plans.ended_on_its_first_day,
    "lago-progressive": progressive.one_threshold,
    "lago-progressive-upgrade": progressive.an_upgrade,
    "lago-progressive-two": progressive.two_thresholds,
    "lago-progressive-grace": progressive.a_draft,
    "lago-commitment": plans.commitment,
    "lago-seat-advance": plans.seats_at_their_peak,
    "kb-annual-to-monthly": plans.yearly_to_monthly,
    "kb-tax-adjust": invoices.tax_of_a_service,
    "kb-tax-credit-dryrun": invoices.balance_pays,
    "mt-immediate": plans.at_once,
    "mt-arrears-add": plans.added_in_arrears,
    "mt-scheduled-add": plans.added_later,
    "mt-vat-fr": invoices.vat,
    "mt-tax-coupon": invoices.coupon_before_tax,
    "mt-cn-partial": invoices.two_credit_notes,
    "en-example1": invoices.taxed_once_per_rate,
    "en-example8": invoices.taxed_once_per_rate,
    "peppol-base": invoices.taxed_once_per_rate,
}


@pytest.mark.parametrize("case", STORIES, ids=lambda case: case["id"])
def test_a_story(case: Case) -> None:
    figures = WAYS[case["id"]](case)
    wanted = [Decimal(expected["amount"]) for expected in case["expected"]]
    assert list(map(Decimal, figures)) == wanted


def test_every_story_is_told() -> None:
    if not FOLDER.exists():
        pytest.skip("the reference data beside the repository is not there")
    assert {case["id"] for case in STORIES} == WAYS.keys()
