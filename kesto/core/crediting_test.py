"""Laws of crediting: never more than is left, and nothing left to the cent when all is credited."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.crediting import (
    Credit,
    Creditable,
    CreditableLine,
    added,
    credit_amount,
    credit_lines,
    credit_whole,
    revenue_taken,
)
from kesto.core.invoicing import revenue_by_account
from kesto.core.refusals import Conflict, Invalid, Refused
from kesto.core.tax import TaxGroup, tax_groups
from tests.refused import refused

RATES = ("25.5", "13.5", "10", "0", "100")


def billed(lines: list[tuple[int, str, str]], *, includes_tax: bool) -> Creditable:
    """An invoice of lines of (amount, rate, account)."""
    made = {
        number: CreditableLine(minor, "standard", Decimal(rate), account)
        for number, (minor, rate, account) in enumerate(lines, 1)
    }
    taxes = tax_groups(
        [("standard", Decimal(rate), minor) for minor, rate, _ in lines],
        includes_tax=includes_tax,
    )
    return Creditable(includes_tax, made, taxes)


def after(invoice: Creditable, credit: Credit) -> Creditable:
    """The invoice when a credit note has taken its part."""
    lines = {
        number: CreditableLine(
            line.amount_minor,
            *line.rate,
            line.revenue_account,
            line.taken_minor + credit.lines.get(number, 0),
            is_credit=line.is_credit,
        )
        for number, line in invoice.lines.items()
    }
    return Creditable(
        invoice.includes_tax, lines, invoice.taxes, added(invoice.taken, credit.taxes)
    )


line = st.tuples(
    st.integers(-3_000, 20_000), st.sampled_from(RATES), st.sampled_from(["3000", "3010"])
)
invoices = st.builds(
    lambda lines, includes_tax: billed(lines, includes_tax=includes_tax),
    st.lists(line, min_size=1, max_size=5),
    st.booleans(),
).filter(lambda one: one.total_left_minor > 0)


def some_credit(data: st.DataObject, invoice: Creditable) -> Credit | None:
    """A credit note of any of the three kinds; None where it was refused."""
    kind = data.draw(st.sampled_from(["lines", "amount", "gross", "whole"]))
    try:
        if kind == "whole":
            return credit_whole(invoice)
        if kind == "lines":
            chosen = data.draw(
                st.dictionaries(
                    st.sampled_from(sorted(invoice.lines)),
                    st.none() | st.integers(-3_000, 20_000),
                    min_size=1,
                )
            )
            return credit_lines(invoice, chosen)
        minor = data.draw(st.integers(1, max(invoice.total_left_minor, 1)))
        credit = credit_amount(invoice, minor, with_tax=kind == "gross")
    except Refused:
        return None
    if kind == "gross":
        assert credit.total_minor == minor
    return credit


def sums_of(groups: Iterable[TaxGroup]) -> set[tuple[Decimal, int, int]]:
    """The sums of each rate that has any."""
    found = {(one.rate_percent, one.net_minor, one.tax_minor) for one in groups}
    return {one for one in found if any(one[1:])}


@given(st.data(), invoices, st.integers(0, 8))
def test_credits_never_pass_what_is_left_and_end_at_zero(
    data: st.DataObject, invoice: Creditable, count: int
) -> None:
    whole = invoice
    revenue: dict[str, int] = {}
    for last in [*[False] * count, True]:
        if not invoice.total_left_minor:
            break
        credit = credit_whole(invoice) if last else some_credit(data, invoice)
        if credit is None:
            continue
        for account, net in revenue_taken(invoice, credit).items():
            revenue[account] = revenue.get(account, 0) + net
        assert credit.total_minor > 0
        assert sum(revenue_taken(invoice, credit).values()) == credit.net_minor
        invoice = after(invoice, credit)
        _holds(invoice)
    assert invoice.total_left_minor == 0
    if all(not one.left_minor for one in invoice.lines.values()):
        assert sums_of(invoice.taken) == sums_of(whole.taxes)
        wanted = revenue_by_account(
            [(one.revenue_account, *one.rate, one.amount_minor) for one in whole.lines.values()],
            whole.taxes,
            includes_tax=whole.includes_tax,
        )
        assert {k: v for k, v in revenue.items() if v} == {k: v for k, v in wanted.items() if v}


def _holds(invoice: Creditable) -> None:
    taken = {one.rate_percent: one for one in invoice.taken}
    assert invoice.total_left_minor >= 0
    for one in invoice.lines.values():
        assert min(0, one.amount_minor) <= one.taken_minor <= max(0, one.amount_minor)
    for group in invoice.taxes:
        if group.rate_percent in taken:
            part = taken[group.rate_percent]
            for so_far, of in (
                (part.net_minor, group.net_minor),
                (part.tax_minor, group.tax_minor),
            ):
                assert min(0, of) <= so_far <= max(0, of)


def told(credit: Credit) -> tuple[dict[int, int], list[tuple[str, int, int]]]:
    """What a credit takes of each line, and its net and VAT by rate."""
    taxes = [(str(one.rate_percent), one.net_minor, one.tax_minor) for one in credit.taxes]
    return dict(credit.lines), taxes


def test_half_of_an_invoice_with_vat_in_its_prices() -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=True)
    half = credit_amount(invoice, 500, with_tax=False)
    assert told(half) == ({1: 500}, [("25.5", 398, 102)])
    assert revenue_taken(invoice, half) == {"3000": 398}
    assert told(credit_whole(after(invoice, half))) == ({1: 500}, [("25.5", 399, 101)])


@pytest.mark.parametrize(
    ("includes_tax", "parts"),
    [(True, [(265, 68), (266, 67), (266, 68)]), (False, [(333, 85), (333, 85), (334, 85)])],
)
def test_three_credits_come_to_the_vat_of_the_whole(
    parts: list[tuple[int, int]], *, includes_tax: bool
) -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=includes_tax)
    for minor, part in zip((333, 333, 334), parts, strict=True):
        credit = credit_amount(invoice, minor, with_tax=False)
        assert told(credit) == ({1: minor}, [("25.5", *part)])
        assert revenue_taken(invoice, credit) == {"3000": part[0]}
        invoice = after(invoice, credit)
    assert invoice.total_taken_minor == (1000 if includes_tax else 1255)
    assert invoice.total_left_minor == 0


def test_half_of_an_invoice_with_vat_on_top() -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=False)
    net = credit_amount(invoice, 500, with_tax=False)
    assert told(net) == ({1: 500}, [("25.5", 500, 128)])
    assert told(credit_whole(after(invoice, net))) == ({1: 500}, [("25.5", 500, 127)])
    gross = credit_amount(invoice, 500, with_tax=True)
    assert told(gross) == ({1: 398}, [("25.5", 398, 102)])


def test_a_sum_is_spread_over_rates_and_lines() -> None:
    lines = [(600, "25.5", "3000"), (400, "25.5", "3010"), (1000, "10", "3000"), (0, "0", "3000")]
    invoice = billed(lines, includes_tax=True)
    credit = credit_amount(invoice, 500, with_tax=True)
    assert told(credit) == ({1: 150, 2: 100, 3: 250}, [("25.5", 199, 51), ("10", 227, 23)])
    assert revenue_taken(invoice, credit) == {"3000": 347, "3010": 79}


def test_a_sum_is_shared_by_what_it_counts() -> None:
    lines = [(1000, "25.5", "3000"), (1000, "0", "3000"), (1, "0", "3010")]
    invoice = billed(lines, includes_tax=False)
    gross = credit_amount(invoice, 451, with_tax=True)
    assert told(gross) == ({1: 200, 2: 200}, [("25.5", 200, 51), ("0", 200, 0)])
    net = credit_amount(invoice, 500, with_tax=False)
    assert told(net) == ({1: 250, 2: 250}, [("25.5", 250, 64), ("0", 250, 0)])
    assert told(credit_amount(invoice, 2001, with_tax=False)) == told(credit_whole(invoice))
    assert told(credit_amount(invoice, 2256, with_tax=True)) == told(credit_whole(invoice))
    assert refused(Invalid, lambda: credit_amount(invoice, 2002, with_tax=False)) == (
        "above_left",
        "amount",
        "2002 can't be credited; from 1 to 2001 is left",
    )
    assert 3 in credit_amount(invoice, 1999, with_tax=False).lines


def test_the_whole_of_an_invoice_is_its_mirror_image() -> None:
    invoice = billed([(600, "25.5", "3000"), (0, "10", "3010")], includes_tax=True)
    assert told(credit_whole(invoice)) == ({1: 600, 2: 0}, [("25.5", 478, 122), ("10", 0, 0)])
    part = after(invoice, credit_lines(invoice, {1: 100}))
    assert told(credit_whole(part))[0] == {1: 500}


def test_lines_are_credited_by_a_part_or_by_what_is_left() -> None:
    invoice = billed(
        [(1000, "10", "3000"), (500, "10", "3010"), (0, "10", "3000")], includes_tax=True
    )
    first = credit_lines(invoice, {2: 200, 1: None, 3: None})
    assert told(first) == ({1: 1000, 2: 200}, [("10", 1091, 109)])
    assert list(first.lines) == [1, 2]
    assert told(credit_lines(after(invoice, first), {2: None}))[0] == {2: 300}


def test_a_sum_that_is_not_there_is_refused() -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=True)
    for minor in (0, -1):
        assert refused(Invalid, partial(credit_amount, invoice, minor, with_tax=True)) == (
            "not_above_zero",
            "amount",
            f"{minor} can't be credited; from 1 to 1000 is left",
        )
    assert refused(Invalid, lambda: credit_amount(invoice, 1001, with_tax=True)) == (
        "above_left",
        "amount",
        "1001 can't be credited; from 1 to 1000 is left",
    )
    assert credit_amount(invoice, 1, with_tax=True).total_minor == 1


def test_a_line_that_is_not_there_is_refused() -> None:
    invoice = billed([(1000, "25.5", "3000"), (-300, "25.5", "3000")], includes_tax=True)
    assert refused(Invalid, lambda: credit_lines(invoice, {3: None})) == (
        "unknown_line",
        "lines",
        "the invoice has no line 3",
    )
    for number, minor, left in ((1, 1001, 1000), (1, -1, 1000), (2, -301, -300), (2, 1, -300)):
        assert refused(Invalid, partial(credit_lines, invoice, {number: minor})) == (
            "above_left",
            f"line_{number}",
            f"line {number}: {minor} can't be credited; {left} is left of it",
        )


def test_no_rate_is_credited_by_more_than_is_left_at_it() -> None:
    invoice = billed([(1000, "25.5", "3000"), (-300, "25.5", "3000")], includes_tax=True)
    assert refused(Invalid, lambda: credit_lines(invoice, {1: None})) == (
        "above_left",
        "lines",
        "1000 at 25.5 % can't be credited; 700 is left of it",
    )


def test_no_credit_note_is_above_what_is_left_or_below_zero() -> None:
    invoice = billed([(1000, "25.5", "3000"), (-300, "10", "3000")], includes_tax=True)
    assert refused(Invalid, lambda: credit_lines(invoice, {1: None})) == (
        "above_left",
        "lines",
        "the credit note would come to 1000; from 1 to 700 is left",
    )
    assert refused(Invalid, lambda: credit_lines(invoice, {2: None})) == (
        "not_above_zero",
        "lines",
        "the credit note would come to -300; from 1 to 700 is left",
    )
    assert credit_lines(invoice, {1: 700}).total_minor == 700
    even = billed([(1000, "25.5", "3000"), (1, "10", "3000"), (-1, "0", "3000")], includes_tax=True)
    assert refused(Invalid, lambda: credit_lines(even, {2: None, 3: None})) == (
        "not_above_zero",
        "lines",
        "the credit note would come to 0; from 1 to 1000 is left",
    )
    assert credit_lines(even, {2: None}).total_minor == 1


def test_what_was_credited_in_full_is_refused() -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=True)
    done = after(invoice, credit_whole(invoice))
    assert refused(Invalid, lambda: credit_amount(done, 1, with_tax=True)) == (
        "above_left",
        "amount",
        "1 can't be credited; from 1 to 0 is left",
    )
    assert refused(Conflict, lambda: credit_whole(done)) == (
        "already_credited",
        "invoice",
        "the invoice has been credited in full",
    )


def test_a_cent_with_its_vat_is_not_split() -> None:
    invoice = billed([(1, "100", "3000")], includes_tax=False)
    assert refused(Invalid, lambda: credit_amount(invoice, 1, with_tax=True)) == (
        "too_little_to_split",
        "amount",
        "what is left at 100 % is too little to be split: credit all that is left",
    )
    two = billed([(2, "100", "3000")], includes_tax=False)
    assert told(credit_amount(two, 1, with_tax=True)) == ({1: 1}, [("100", 1, 0)])
