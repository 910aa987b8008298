"""Laws of crediting: never more than is left, and nothing left to the cent when all is credited."""

from decimal import Decimal

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
from kesto.core.tax import tax_groups

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
        assert {(one.rate_percent, one.net_minor, one.tax_minor) for one in invoice.taken} == {
            (one.rate_percent, one.net_minor, one.tax_minor) for one in whole.taxes
        }
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


def test_an_amount_of_nothing_or_too_much_is_refused() -> None:
    invoice = billed([(1000, "25.5", "3000")], includes_tax=True)
    for minor in (0, -1, 1001):
        with pytest.raises(Invalid):
            credit_amount(invoice, minor, with_tax=True)
    with pytest.raises(Invalid) as unknown:
        credit_lines(invoice, {2: None})
    assert unknown.value.code == "unknown_line"
    with pytest.raises(Conflict):
        credit_whole(after(invoice, credit_whole(invoice)))
