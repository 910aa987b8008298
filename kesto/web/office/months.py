"""Months and weeks: what figures over time are counted by."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

WEEK = timedelta(days=7)


def month_start(on: date) -> date:
    """The first day of the month."""
    return on.replace(day=1)


def next_month(on: date) -> date:
    """The first day of the month after."""
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_until(on: date, count: int) -> list[date]:
    """The first days of so many months, the last of them the day's own."""
    found = [month_start(on)]
    while len(found) < count:
        found.append(month_start(found[-1] - timedelta(days=1)))
    return found[::-1]


def weeks_until(on: date, count: int) -> list[date]:
    """So many days a week apart, the last of them the day itself."""
    return [on - WEEK * back for back in range(count - 1, -1, -1)]


def month_of(text: str) -> date | None:
    """The first day of a month written as 2026-11; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def sum_within(days: Mapping[date, int], first_on: date, end_on: date) -> int:
    """What happened from a day to before a day."""
    return sum(value for on, value in days.items() if first_on <= on < end_on)


def levels(days: Mapping[date, int], at: Sequence[date]) -> list[int]:
    """What all changes up to and with each day add up to."""
    return [sum(value for on, value in days.items() if on <= day) for day in at]
