from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core import ledger

amounts = st.integers(min_value=-(10**15), max_value=10**15)
revenues = st.dictionaries(st.sampled_from(["3000", "3010", "3020", "3030"]), amounts)


@given(revenues, amounts, amounts, amounts)
def test_every_template_sums_to_zero_for_all_inputs(
    revenue: dict[str, int], tax: int, first: int, second: int
) -> None:
    templates = [
        ledger.invoice(revenue.items(), tax, "EUR"),
        ledger.credit_note(revenue, tax, first, "EUR"),
        ledger.bank_receipt(first, "EUR"),
        ledger.payment(first, second, "EUR"),
        ledger.wallet_use(first, "EUR"),
        ledger.given_use(first, "EUR"),
        ledger.credit_sold(first, "EUR"),
        ledger.given_back(first, "EUR"),
        ledger.payout(first, "EUR"),
        ledger.payout_cleared(first, "EUR"),
        ledger.write_off(first, second, "EUR"),
        ledger.recovery(first, second, "EUR"),
    ]
    for postings in templates:
        assert sum(posting.amount_minor for posting in postings) == 0


def test_every_template_is_in_the_law_above() -> None:
    templates = {
        name
        for name, value in vars(ledger).items()
        if callable(value) and getattr(value, "__module__", "") == ledger.__name__
        if name.islower() and not name.startswith("_")
    }
    assert templates == {
        *("invoice", "credit_note", "bank_receipt", "payment"),
        *("wallet_use", "given_use", "credit_sold", "given_back"),
        *("payout", "payout_cleared", "write_off", "recovery"),
    }


@pytest.mark.parametrize(
    ("template", "minors", "expected"),
    [
        (ledger.bank_receipt, (500,), {"bank": 500, "unmatched": -500}),
        (ledger.bank_receipt, (-500,), {"bank": -500, "unmatched": 500}),
        (
            ledger.payment,
            (500, 300),
            {"unmatched": 500, "receivable": -300, "customer_credit": -200},
        ),
        (ledger.payment, (500, 500), {"unmatched": 500, "receivable": -500}),
        (ledger.wallet_use, (500,), {"customer_credit": 500, "receivable": -500}),
        (ledger.given_use, (500,), {"goodwill": 500, "receivable": -500}),
        (ledger.credit_sold, (500,), {"paid_elsewhere": 500, "customer_credit": -500}),
        (ledger.given_back, (500,), {"customer_credit": 500, "goodwill": -500}),
        (ledger.payout, (500,), {"customer_credit": 500, "payouts": -500}),
        (ledger.payout_cleared, (500,), {"payouts": 500, "unmatched": -500}),
        (
            ledger.write_off,
            (500, 100),
            {"bad_debt": 400, "vat_payable": 100, "receivable": -500},
        ),
        (
            ledger.recovery,
            (500, 100),
            {"bad_debt": -400, "vat_payable": -100, "receivable": 500},
        ),
    ],
)
def test_each_template_books_on_its_accounts(
    template: Callable[..., tuple[ledger.Posting, ...]],
    minors: tuple[int, ...],
    expected: dict[str, int],
) -> None:
    postings = template(*minors, "SEK")
    assert {one.account: one.amount_minor for one in postings} == expected
    assert {one.currency for one in postings} == {"SEK"}
    assert len(postings) == len(expected)


def test_an_invoice_is_owed_with_its_vat() -> None:
    postings = ledger.invoice([("3000", 2382)], 608, "EUR")
    assert [(p.account, p.amount_minor) for p in postings] == [
        ("receivable", 2990),
        ("3000", -2382),
        ("vat_payable", -608),
    ]


def test_a_credit_note_on_a_half_paid_invoice_leaves_the_paid_half_as_credit() -> None:
    postings = ledger.credit_note({"3000": 2382}, 608, 1000, "EUR")
    balances = {posting.account: posting.amount_minor for posting in postings}
    assert balances == {
        "3000": 2382,
        "vat_payable": 608,
        "receivable": -1000,
        "customer_credit": -1990,
    }
