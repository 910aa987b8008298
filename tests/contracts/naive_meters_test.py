"""What meters count, counted a second time in the plainest way, beside the calculator."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.calculate import calculate
from tests.contracts.naive_periods_test import midnight

Case = dict[str, Any]

# Days on which clocks change, a leap day and the turn of a year are among them.
STARTS = st.sampled_from(["2026-03-01", "2026-10-01", "2024-02-01", "2025-12-15", "2018-11-01"])
ZONES = st.sampled_from(["UTC", "Europe/Helsinki", "America/New_York", "America/Sao_Paulo"])
VALUES = st.sampled_from(["0", "1", "2.5", "-1", "-4", "100", "0.001", "1e2", "many", None, "7"])
NAMES = st.sampled_from(["a", "b", "c"])


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@st.composite
def questions(draw: st.DrawFn) -> Case:
    start, zone = draw(STARTS), draw(ZONES)
    days = draw(st.integers(1, 35))
    first = date.fromisoformat(start)
    bounds = [midnight(first + timedelta(days=place), zone) for place in (0, days)]
    length = int((instant(bounds[1]) - instant(bounds[0])).total_seconds())
    events = []
    for _ in range(draw(st.integers(0, 7))):
        second = draw(
            st.sampled_from([-1, 0, length - 1, length]) | st.integers(-90_000, length + 90_000)
        )
        properties = {"team": draw(NAMES), "seat": draw(NAMES)}
        if draw(st.booleans()):
            properties["operation"] = draw(st.sampled_from(["add", "remove"]))
        event: Case = {"properties": properties, "value": draw(VALUES)}
        event["time"] = (instant(bounds[0]) + timedelta(seconds=second)).isoformat()
        events.append(event)
    asked: Case = {"zone": zone, "events": events, "period": {"start": start}}
    asked["period"]["end"] = (first + timedelta(days=days)).isoformat()
    if draw(st.booleans()):
        asked["period"]["full_days"] = days + draw(st.integers(0, 10))
    return asked


@st.composite
def meters(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(["count", "sum", "max", "latest", "unique", "weighted_sum"]))
    meter: Case = {"aggregation": name, "carry": draw(st.sampled_from(["period", "since_start"]))}
    if name == "unique":
        meter["property"] = "seat"
    if name in {"sum", "unique", "weighted_sum"}:
        meter["prorate"] = draw(st.booleans())
    if draw(st.booleans()):
        meter["filter"] = {"team": draw(st.lists(NAMES, min_size=1, max_size=2))}
    if draw(st.booleans()):
        meter["group_by"] = ["team"]
    elif draw(st.booleans()):
        meter["initial"] = draw(st.sampled_from(["0", "3", "-2", "0.5"]))
    if draw(st.booleans()):
        rounding = draw(st.sampled_from(["up", "down", "nearest"]))
        meter["rounding"] = {"round": rounding, "digits": draw(st.integers(-1, 2))}
    return meter


class Count:
    """One group of events, counted for a period."""

    def __init__(self, meter: Case, asked: Case, events: list[Case]) -> None:
        zone, period = asked["zone"], asked["period"]
        self.meter, self.zone = meter, ZoneInfo(zone)
        self.first, self.end = (date.fromisoformat(period[name]) for name in ("start", "end"))
        self.start_at, self.end_at = (instant(midnight(d, zone)) for d in (self.first, self.end))
        self.days = (self.end - self.first).days
        self.full_days = period.get("full_days", self.days)
        self.regular_at = instant(midnight(self.end - timedelta(days=self.full_days), zone))
        self.initial = Fraction(meter.get("initial", "0"))
        self.events = sorted(events, key=lambda event: instant(event["time"]))

    def quantity(self) -> Fraction:
        found: Fraction = getattr(self, self.meter["aggregation"])()
        found = max(found, Fraction(0))
        if (rounding := self.meter.get("rounding")) is None:
            return found
        unit = Fraction(10) ** -rounding["digits"]
        ways = {"up": ceil, "down": floor, "nearest": lambda units: floor(units + Fraction(1, 2))}
        rounded: Fraction = ways[rounding["round"]](found / unit) * unit
        return rounded

    def day(self, event: Case) -> date:
        return max(instant(event["time"]).astimezone(self.zone).date(), self.first)

    def numbers(self) -> list[tuple[Fraction, Case]]:
        found = [event for event in self.events if event["value"] not in {None, "many"}]
        return [(Fraction(event["value"]), event) for event in found]

    def count(self) -> Fraction:
        return self.initial + len(self.events)

    def max(self) -> Fraction:
        values: list[Fraction] = [value for value, _ in self.numbers()]
        return max(
            [*values, self.initial] if "initial" in self.meter else values, default=Fraction(0)
        )

    def latest(self) -> Fraction:
        return [self.initial, *(value for value, _ in self.numbers())][-1]

    def sum(self) -> Fraction:
        found: list[tuple[Fraction, int]] = [(self.initial, self.days)]
        found += [(value, (self.end - self.day(event)).days) for value, event in self.numbers()]
        if not self.meter.get("prorate"):
            return sum((value for value, _ in found), Fraction(0))
        by_days: Fraction = sum((value * days for value, days in found), Fraction(0))
        return by_days / Fraction(self.full_days)

    def weighted_sum(self) -> Fraction:
        """The level times the seconds it stood, from change to change."""
        level, since, area = self.initial, self.start_at, Fraction(0)
        for value, event in self.numbers():
            at = max(instant(event["time"]), self.start_at)
            area += level * int((at - since).total_seconds())
            level, since = level + value, at
        area += level * int((self.end_at - since).total_seconds())
        start_at = self.regular_at if self.meter.get("prorate") else self.start_at
        average: Fraction = area / int((self.end_at - start_at).total_seconds())
        return average

    def unique(self) -> Fraction:
        """Each id walked through the days, one by one."""
        total = self.initial * (self.days if self.meter.get("prorate") else 1)
        for name in {event["properties"]["seat"] for event in self.events}:
            steps = [event for event in self.events if event["properties"]["seat"] == name]
            steps.sort(key=lambda event: (instant(event["time"]), removes(event)))
            if not self.meter.get("prorate"):
                total += not removes(steps[-1])
                continue
            total += len(self.present(steps))
        return total / self.full_days if self.meter.get("prorate") else total

    def present(self, steps: list[Case]) -> set[date]:
        days: set[date] = set()
        since: date | None = None
        for step in steps:
            if not removes(step):
                since = since or self.day(step)
            elif since is not None:
                if instant(step["time"]) >= self.start_at:
                    days |= every_day(since, self.day(step))
                since = None
        return days if since is None else days | every_day(since, self.end - timedelta(days=1))


def removes(event: Case) -> bool:
    return bool(event["properties"].get("operation") == "remove")


def every_day(first: date, last: date) -> set[date]:
    return {first + timedelta(days=place) for place in range((last - first).days + 1)}


def counted(meter: Case, asked: Case) -> dict[str, Fraction]:
    """The quantity of each group; without groups there is one."""
    whole = Count(meter, asked, [])
    since = datetime(1, 1, 2, tzinfo=UTC) if meter["carry"] == "since_start" else whole.start_at
    events = [
        event
        for event in asked["events"]
        if since <= instant(event["time"]) < whole.end_at
        and event["properties"]["team"] in meter.get("filter", {"team": "abc"})["team"]
    ]
    if "group_by" not in meter:
        return {"": Count(meter, asked, events).quantity()}
    needs_number = meter["aggregation"] not in {"count", "unique"}
    teams = {
        event["properties"]["team"]
        for event in events
        if not needs_number or event["value"] not in {None, "many"}
    }
    return {
        team: Count(
            meter, asked, [event for event in events if event["properties"]["team"] == team]
        ).quantity()
        for team in teams
    }


def near(found: str, exact: Fraction) -> bool:
    return abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**12)


@settings(max_examples=500)
@given(meters(), questions())
def test_a_meter_counts_what_the_plainest_count_does(meter: Case, asked: Case) -> None:
    found: Case = calculate({"op": "aggregate", "meter": meter, **asked})
    assert "error" not in found, found
    plain = counted(meter, asked)
    assert near(found["quantity"], sum(plain.values(), Fraction(0))), (meter, asked)
    if "group_by" in meter:
        groups = {row["by"]["team"]: row["quantity"] for row in found["groups"]}
        assert groups.keys() == plain.keys()
        assert all(near(groups[team], plain[team]) for team in plain)
