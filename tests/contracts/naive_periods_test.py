"""Periods, shares and changes counted a second time, day by day, beside the calculator."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count, islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kesto.calculate import calculate
from tests.contracts.naive_prices_test import AMOUNTS, CURRENCIES, rounded

Case = dict[str, Any]

DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))
ZONES = st.sampled_from(
    ["UTC", "Europe/Helsinki", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo"]
)
MONTHS = {"month": 1, "year": 12}
FIRST = 1
DAY = timedelta(days=1)


def ask(asked: Case) -> Case:
    found: Case = calculate(asked)
    assert "error" not in found, (asked, found)
    return found


def on_day(year: int, month: int, day: int) -> date:
    """The day of a month, or its last one where it has no such day."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def moved(anchor: date, unit: str, times: int, day: int = 0) -> date:
    if unit in MONTHS:
        return on_day(anchor.year, anchor.month + times * MONTHS[unit], day or anchor.day)
    return anchor + timedelta(days=times * (7 if unit == "week" else 1))


def anchor_of(asked: Case) -> tuple[date, int]:
    """The date that boundaries are counted from, and the day of the month they fall on."""
    start = date.fromisoformat(asked["start"])
    unit, every = asked["interval"], asked["interval_count"]
    match asked["alignment"]:
        case "calendar":
            if unit == "week":
                return start - timedelta(days=start.weekday()), 0
            if unit == "month":
                month = FIRST if 12 % every == 0 else start.month
                return date(start.year, month, 1), 1
            return (date(start.year, 1, 1) if unit == "year" else start), 0
        case "billing_day":
            return on_day(start.year, start.month, asked["billing_day"]), asked["billing_day"]
        case "anchor":
            return date.fromisoformat(asked["anchor"]), 0
    return start, 0


def boundary(asked: Case, number: int) -> date:
    anchor, day = anchor_of(asked)
    return moved(anchor, asked["interval"], number * asked["interval_count"], day)


def expected(asked: Case) -> Iterator[tuple[date, date, int]]:
    """The periods from the start on: start, end and the days of the whole regular one."""
    start = date.fromisoformat(asked["start"])
    earliest = {"year": -20, "month": -200}.get(asked["interval"], -5000)
    first = next(n for n in count(earliest) if boundary(asked, n) > start)
    for number in count(first):
        regular, end = boundary(asked, number - 1), boundary(asked, number)
        yield max(regular, start), end, (end - regular).days


def soon(asked: Case) -> list[tuple[date, date, int]]:
    """The periods of the first two years and more."""
    limit = date.fromisoformat(asked["start"]) + timedelta(days=900)
    return list(takewhile(lambda row: row[0] < limit, expected(asked)))


def midnight(day: date, zone: str) -> str:
    """The first instant of a local day, found hour by quarter of an hour."""
    guess = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while guess.astimezone(ZoneInfo(zone)).date() < day:
        guess += timedelta(minutes=15)
    return guess.strftime("%Y-%m-%dT%H:%M:%SZ")


@st.composite
def schedules(draw: st.DrawFn) -> Case:
    alignment = draw(st.sampled_from(["anniversary", "calendar", "billing_day", "anchor"]))
    units = ["month", "year"] if alignment == "billing_day" else ["day", "week", "month", "year"]
    unit = draw(st.sampled_from(units))
    asked: Case = {"op": "periods", "interval": unit, "alignment": alignment}
    asked["start"] = draw(DAYS).isoformat()
    every = draw(st.sampled_from([1, 1, 2, 3, 5, 6, 12]))
    asked["interval_count"] = 1 if unit == "year" else every
    if alignment == "billing_day":
        asked["billing_day"] = draw(st.sampled_from([1, 5, 15, 28, 29, 30, 31]))
    if alignment == "anchor":
        asked["anchor"] = draw(DAYS).isoformat()
    return asked | {"zone": draw(ZONES)}


@settings(max_examples=200)
@given(schedules(), st.integers(1, 8))
@example(
    {
        "op": "periods",
        "interval": "month",
        "interval_count": 1,
        "alignment": "anniversary",
        "start": "2018-11-04",
        "zone": "America/Sao_Paulo",
    },
    2,
)
def test_periods_are_those_of_the_plainest_count(asked: Case, rows: int) -> None:
    found = ask(asked | {"count": rows})["periods"]
    plain = list(islice(expected(asked), rows))
    assert [(row["start"], row["end"], row["full_days"]) for row in found] == [
        (start.isoformat(), end.isoformat(), full) for start, end, full in plain
    ]
    assert [row["days"] for row in found] == [(end - start).days for start, end, _ in plain]
    assert [row["index"] for row in found] == list(range(rows))
    assert found[0]["start_at"] == midnight(plain[0][0], asked["zone"])
    assert [row["end_at"] for row in found] == [midnight(end, asked["zone"]) for _, end, _ in plain]


@settings(max_examples=150)
@given(schedules(), st.integers(-40, 400), st.integers(0, 3), st.integers(0, 3))
def test_the_period_of_a_day_and_its_neighbours(
    asked: Case, later: int, before: int, after: int
) -> None:
    day = date.fromisoformat(asked["start"]) + timedelta(days=later)
    rows = soon(asked)
    index = next((n for n, (start, end, _) in enumerate(rows) if start <= day < end), 0)
    found = ask(asked | {"at": day.isoformat(), "before": before, "after": after})["periods"]
    assert [row["index"] for row in found] == list(range(max(index - before, 0), index + after + 1))
    instant = midnight(day, asked["zone"])
    assert ask(asked | {"at": instant})["periods"][0]["index"] == index


@settings(max_examples=150)
@given(schedules(), st.integers(-40, 300), st.integers(0, 120), st.integers(0, 400))
def test_the_periods_of_a_range_up_to_the_last_day(
    asked: Case, later: int, length: int, lasting: int
) -> None:
    start = date.fromisoformat(asked["start"])
    from_on = start + timedelta(days=later)
    until = from_on + timedelta(days=length)
    last = start + timedelta(days=lasting)
    wanted = [
        (n, first.isoformat(), min(end, last + DAY).isoformat())
        for n, (first, end, _) in enumerate(soon(asked))
        if first < until and min(end, last + DAY) > from_on and first <= last and length
    ]
    between = {"from": from_on.isoformat(), "until": until.isoformat()}
    found = ask(asked | between | {"last_day": last.isoformat()})["periods"]
    assert [(row["index"], row["start"], row["end"]) for row in found] == wanted


def whole(start: date, end: date) -> Case:
    return {"start": start.isoformat(), "end": end.isoformat()}


@given(DAYS, st.integers(1, 400), st.integers(-30, 430), st.integers(0, 430), AMOUNTS, CURRENCIES)
def test_a_share_is_the_days_that_both_have(
    start: date, days: int, skipped: int, used: int, amount: str, currency: str
) -> None:
    period = [start + timedelta(days=day) for day in range(days)]
    first = start + timedelta(days=skipped)
    both = sum(first <= day < first + timedelta(days=used) for day in period)
    asked = {"op": "prorate", "currency": currency, "amount": amount}
    asked |= {"period": whole(start, start + timedelta(days=days))}  # type: ignore[dict-item]  # a request is any JSON
    asked |= {"used": whole(first, first + timedelta(days=used))}  # type: ignore[dict-item]  # the same
    found = ask(asked)
    assert found["share"] == f"{both}/{days}"
    assert Fraction(found["rounded"]) == rounded(Fraction(amount) * both / days, currency)
    unprorated = ask(asked | {"rule": "none"})
    assert Fraction(unprorated["rounded"]) == (rounded(Fraction(amount), currency) if both else 0)


@given(
    DAYS,
    st.integers(1, 60),
    st.integers(0, 60),
    st.lists(AMOUNTS, max_size=3),
    st.lists(AMOUNTS, min_size=1, max_size=3),
    st.integers(0, 20000),
    st.integers(0, 20000),
    CURRENCIES,
)
def test_a_change_credits_what_is_left_and_charges_the_rest(
    start: date,
    days: int,
    passed: int,
    old: list[str],
    new: list[str],
    charged: int,
    credited: int,
    currency: str,
) -> None:
    passed = min(passed, days)
    amounts = [rounded(Fraction(amount), currency) for amount in old]
    left = max(Fraction(charged - credited), Fraction(0))
    given_back = []
    for amount, full in zip(old, amounts, strict=True):
        unused = full - rounded(Fraction(amount) * passed / days, currency)
        given_back.append(min(unused, left))
        left -= given_back[-1]
    charges = [rounded(Fraction(amount) * (days - passed) / days, currency) for amount in new]
    sides = {
        side: [{"price": {"model": "flat", "amount": amount}} for amount in amounts_of]
        for side, amounts_of in (("old", old), ("new", new))
    }
    found = ask(
        {
            "op": "change",
            "currency": currency,
            "period": whole(start, start + timedelta(days=days)),
            "on": (start + timedelta(days=passed)).isoformat(),
            "already_charged": str(charged),
            "already_credited": str(credited),
            **sides,
        }
    )
    assert [Fraction(row["amount"]) for row in found["lines"]] == [
        *(-credit for credit in given_back),
        *charges,
    ]
    assert Fraction(found["net"]) == sum(charges) - sum(given_back)
