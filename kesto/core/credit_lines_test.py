"""Laws of credit before tax: never more than there is, and never below zero."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.by_hand import NO_ITEM
from kesto.core.credit_lines import Day, less_credit, rooms_of, with_credit
from kesto.core.crediting import (
    Credit,
    Creditable,
    CreditableLine,
    credit_lines,
    credit_whole,
)
from kesto.core.crediting_test import after
from kesto.core.invoice import read_explanation
from kesto.core.invoicing import Billed, Draft, draft, totals
from kesto.core.line import CREDIT, CreditTaken, Line, Rated
from kesto.core.rating import Rater
from kesto.core.refusals import Invalid
from kesto.core.tax import tax_groups
from kesto.core.wallets import GIVEN, Grant, WalletKey
from tests.items import day, item, sold, vat_rate

ON = date(2027, 3, 10)
KEY = WalletKey(UUID(int=1), UUID(int=2), "EUR")
NET = Day(ON, "Europe/Helsinki", "EUR", includes_tax=False)
GROSS = Day(ON, "Europe/Helsinki", "EUR", includes_tax=True)
RATES = ("25.5", "13.5", "0")


def grant(number: int, left_minor: int, *, expires_on: date | None = None) -> Grant:
    return Grant(
        *(UUID(int=100 + number), KEY, GIVEN, 100, None, expires_on),
        datetime(2027, 3, number, 23, 30, tzinfo=UTC),
        left_minor,
        amount_minor=left_minor + 100,
        before_tax=True,
    )


def made(amounts: list[tuple[int, str, int]], *, includes_tax: bool = False) -> Draft:
    """A draft of lines of (amount, rate, product)."""
    like = (
        Rater(vat_rate)
        .due_lines([item(sold(), start_on="2027-01-01")], None, day("2027-02-01"))[0]
        .rated
    )
    lines = tuple(
        Line(
            UUID(int=place),
            _rated(like, minor, rate, UUID(int=product)),
        )
        for place, (minor, rate, product) in enumerate(amounts, 1)
    )
    return Draft(lines, totals(lines, includes_tax=includes_tax))


def _rated(like: Rated, minor: int, rate: str, product_id: UUID) -> Rated:
    return replace(like, amount_minor=minor, tax_rate_percent=Decimal(rate), product_id=product_id)


def off(reduced: Draft) -> list[int]:
    return [line.rated.amount_minor for line in reduced.lines if line.rated.kind == CREDIT]


def test_credit_is_shared_by_products_and_says_what_is_left() -> None:
    reduced = less_credit(made([(2990, "25.5", 1), (990, "13.5", 2)]), [grant(3, 2000)], NET)
    assert off(reduced) == [-1503, -497]
    assert reduced.totals.net_minor == 1980
    told = read_explanation(reduced.lines[-1].rated.explanation).credit
    # Half past eleven in the evening in UTC is the next day in Helsinki.
    assert told == CreditTaken(UUID(int=103), date(2027, 3, 4), 2100, 2000, 0)


def test_what_expires_first_is_used_first_and_what_expired_is_not() -> None:
    grants = [
        grant(1, 500),
        grant(2, 300, expires_on=ON + timedelta(days=1)),
        grant(3, 300, expires_on=ON - timedelta(days=1)),
        replace(grant(4, 300), before_tax=False),
    ]
    reduced = less_credit(made([(600, "25.5", 1)]), grants, GROSS)
    assert off(reduced) == [-300, -300]
    assert [used.grant.id.int - 100 for used in reduced.credit] == [2, 1]
    assert reduced.totals.total_minor == 0


def test_what_is_below_zero_is_set_off_first() -> None:
    assert rooms_of([("a", "x", 3000), ("a", "x", -1000), ("b", "y", 1000)]) == [2000, 0, 1000]
    assert rooms_of([("a", "x", 3000), ("b", "x", -1000), ("c", "x", 1000)]) == [2250, 0, 750]
    assert rooms_of([("a", "x", 500), ("b", "x", -1000), ("c", "y", 1000)]) == [0, 0, 0]
    assert rooms_of([]) == []


def test_a_line_of_credit_is_not_due_from_history() -> None:
    first = made([(1000, "25.5", 1)])
    reduced = less_credit(first, [grant(1, 400)], NET)
    credit = reduced.lines[-1]
    assert credit.item_id == NO_ITEM
    billed = {line.key: Billed(line.rated.amount_minor, line.rated) for line in first.lines}
    assert draft(first.lines, billed, includes_tax=False).is_empty


AMOUNTS = st.lists(
    st.tuples(st.integers(-20_000, 90_000), st.sampled_from(RATES), st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


@given(AMOUNTS, st.lists(st.integers(1, 60_000), max_size=4), st.sampled_from([GROSS, NET]))
def test_no_rate_and_no_total_goes_below_zero(
    amounts: list[tuple[int, str, int]], has: list[int], when: Day
) -> None:
    before = made(amounts, includes_tax=when.includes_tax)
    grants = [grant(number, left) for number, left in enumerate(has, 1)]
    reduced = less_credit(before, grants, when)
    used = sum(one.amount_minor for one in reduced.credit)
    assert used == -sum(off(reduced)) <= sum(has)
    if not used:
        assert reduced == before
        return
    assert all(one.net_minor >= 0 and one.tax_minor >= 0 for one in reduced.totals.taxes)
    full = sum(line.rated.amount_minor for line in before.lines)
    assert sum(line.rated.amount_minor for line in reduced.lines) == full - used >= 0
    if used < sum(has):
        assert used == full
    assert with_credit(before, reduced.credit, when) == reduced


@given(AMOUNTS, st.lists(st.integers(1, 60_000), min_size=1, max_size=3), st.data())
def test_a_credit_note_brings_credit_back_within_what_is_left(
    amounts: list[tuple[int, str, int]], has: list[int], data: st.DataObject
) -> None:
    when = data.draw(st.sampled_from([GROSS, NET]))
    includes_tax = when.includes_tax
    grants = [grant(number, left) for number, left in enumerate(has, 1)]
    reduced = less_credit(made(amounts, includes_tax=includes_tax), grants, when)
    if not reduced.credit:
        return
    lines = {
        number: CreditableLine(
            *(line.rated.amount_minor, line.rated.tax_category, line.rated.tax_rate_percent),
            f"{line.rated.product_id.int}",
            is_credit=line.rated.kind == CREDIT,
        )
        for number, line in enumerate(reduced.lines, 1)
    }
    taxes = tax_groups(
        [(*one.rate, one.amount_minor) for one in lines.values()], includes_tax=includes_tax
    )
    invoice = Creditable(includes_tax, lines, taxes)
    left_minor, back_minor = invoice.total_left_minor, 0
    for _ in range(3):
        open_lines = [
            number
            for number, one in invoice.lines.items()
            if one.left_minor > 0 and not one.is_credit
        ]
        if not open_lines or invoice.is_exhausted:
            break
        number = data.draw(st.sampled_from(open_lines))
        minor = data.draw(st.integers(1, invoice.lines[number].left_minor))
        try:
            note = credit_lines(invoice, {number: minor})
        except Invalid:  # more than is left at the rate, where something was set off
            continue
        left_minor -= note.total_minor
        back_minor += _back(invoice, note)
        assert note.total_minor >= 0
        assert left_minor >= 0
        invoice = after(invoice, note)
    if not invoice.is_exhausted:
        note = credit_whole(invoice)
        back_minor += _back(invoice, note)
        invoice = after(invoice, note)
    assert invoice.total_left_minor == 0
    assert back_minor == sum(one.amount_minor for one in reduced.credit)


def _back(invoice: Creditable, note: Credit) -> int:
    return -sum(minor for own, minor in note.lines.items() if invoice.lines[own].is_credit)


def test_used_credit_is_not_credited_by_itself() -> None:
    lines = {
        1: CreditableLine(1000, "standard", Decimal(0)),
        2: CreditableLine(-1000, "standard", Decimal(0), is_credit=True),
    }
    invoice = Creditable(
        includes_tax=True,
        lines=lines,
        taxes=tax_groups([("standard", Decimal(0), 0)], includes_tax=True),
    )
    assert not invoice.is_exhausted
    with pytest.raises(Invalid) as refused:
        credit_lines(invoice, {2: None})
    assert refused.value.code == "comes_back_by_itself"
    assert credit_lines(invoice, {1: 400}).lines == {1: 400, 2: -400}
