"""Laws of wallets: in order, never below zero, never more than is due, and nothing kept back."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.wallets import PAID, Due, Grant, Used, WalletKey, gives_back, in_order, paid_from

FIRST = date(2027, 1, 1)
BEGAN = datetime(2026, 12, 1, tzinfo=UTC)
keys = st.sampled_from([WalletKey(UUID(int=n), UUID(int=9), "EUR") for n in range(3)])
minors = st.integers(0, 10_000)
days = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))
grants = st.lists(
    st.builds(
        Grant,
        id=st.uuids(),
        key=keys,
        kind=st.sampled_from(["paid", "given"]),
        priority=st.integers(0, 3),
        valid_from=st.none() | days,
        expires_on=st.none() | days,
        created_at=st.integers(0, 9).map(lambda n: BEGAN + timedelta(days=n)),
        left_minor=minors,
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)
dues = st.lists(st.builds(Due, key=keys, amount_minor=minors, on=days), max_size=8)


KEY = WalletKey(UUID(int=1), UUID(int=9), "EUR")


def granted(number: int, minor: int, **more: Any) -> Grant:
    usual = Grant(UUID(int=number), KEY, PAID, 5, None, None, BEGAN, minor)
    return replace(usual, **more)


def test_credit_is_used_by_priority_expiry_age_and_number() -> None:
    old = BEGAN - timedelta(days=1)
    first, second, third, fourth, last = (
        granted(9, 1, priority=1),
        granted(8, 1, expires_on=FIRST),
        granted(7, 1, created_at=old),
        granted(5, 1),
        granted(6, 1),
    )
    assert in_order([last, fourth, third, second, first]) == [first, second, third, fourth, last]


@pytest.mark.parametrize(
    ("on", "is_usable"), [(-1, False), (0, True), (5, True), (10, True), (11, False)]
)
def test_a_grant_is_used_from_its_first_day_to_its_last(on: int, *, is_usable: bool) -> None:
    last = FIRST + timedelta(days=10)
    day = FIRST + timedelta(days=on)
    assert granted(1, 1, valid_from=FIRST, expires_on=last).is_usable(day) is is_usable
    assert granted(1, 1).is_usable(day)
    assert not granted(1, 0).is_usable(day)


def test_credit_pays_what_is_due_in_turn() -> None:
    small, late = granted(1, 30, priority=1), granted(2, 100, valid_from=FIRST + timedelta(days=1))
    other = granted(3, 100, key=WalletKey(UUID(int=1), UUID(int=9), "SEK"))
    due = [Due(KEY, 50, FIRST), Due(KEY, 50, FIRST + timedelta(days=1)), Due(KEY, 90, date.max)]
    assert paid_from([late, other, small], due) == [
        (Used(small, 30),),
        (Used(late, 50),),
        (Used(late, 50),),
    ]
    assert paid_from([], due[:1]) == [()]


def test_an_amount_may_take_several_grants_to_the_last_cent() -> None:
    grants = [granted(1, 30), granted(2, 1), granted(3, 100)]
    assert paid_from(grants, [Due(KEY, 50, FIRST)]) == [
        (Used(grants[0], 30), Used(grants[1], 1), Used(grants[2], 19))
    ]


def test_a_credit_note_gives_back_what_was_given_first() -> None:
    assert gives_back(100, 60, 0) == 60
    assert gives_back(50, 60, 20) == 40
    assert gives_back(50, 60, 60) == 0
    assert gives_back(50, 60, 70) == 0


@given(grants, dues)
def test_no_grant_gives_more_than_it_has_and_no_invoice_gets_more_than_is_due(
    has: list[Grant], due: list[Due]
) -> None:
    paid = paid_from(has, due)
    left = {one.id: one.left_minor for one in has}
    for one, parts in zip(due, paid, strict=True):
        assert sum(part.amount_minor for part in parts) <= one.amount_minor
        assert len({part.grant.id for part in parts}) == len(parts)
        for grant, minor in parts:
            assert minor > 0
            assert grant.key == one.key
            assert (grant.valid_from or one.on) <= one.on <= (grant.expires_on or one.on)
            left[grant.id] -= minor
    assert all(minor >= 0 for minor in left.values())


@given(grants, dues)
def test_nothing_usable_is_kept_back_and_the_order_is_kept(
    has: list[Grant], due: list[Due]
) -> None:
    left = {one.id: one.left_minor for one in has}
    for one, parts in zip(due, paid_from(has, due), strict=True):
        for grant, minor in parts:
            left[grant.id] -= minor
        is_short = sum(part.amount_minor for part in parts) < one.amount_minor
        order = [
            grant for grant in in_order(has) if grant.key == one.key and grant.is_usable(one.on)
        ]
        used = [order.index(part.grant) for part in parts]
        assert used == sorted(used)
        # What comes before the last one that was used is used up; all of it, where some is short.
        through = len(order) if is_short else max(used, default=0)
        assert all(left[grant.id] == 0 for grant in order[:through])


@given(grants)
def test_the_order_is_priority_then_expiry_then_age(has: list[Grant]) -> None:
    for one, later in pairwise(in_order(has)):
        assert one.priority <= later.priority
        if one.priority == later.priority:
            assert (one.expires_on or date.max) <= (later.expires_on or date.max)
            if one.expires_on == later.expires_on:
                assert one.created_at <= later.created_at


@given(st.lists(minors, max_size=6), minors)
def test_credit_notes_give_back_what_was_given_and_no_more(kept: list[int], used: int) -> None:
    back = 0
    for minor in kept:
        part = gives_back(minor, used, back)
        assert 0 <= part <= minor
        back += part
    assert back == min(used, sum(kept))
