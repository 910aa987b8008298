"""How a worked figure about periods of another system is asked of our calculator."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.contracts.cases_prices import ask

Case = dict[str, Any]
Figures = list[str]

INTERVALS = {
    "daily": ("day", 1),
    "weekly": ("week", 1),
    "monthly": ("month", 1),
    "quarterly": ("month", 3),
    "half_yearly": ("month", 6),
    "yearly": ("year", 1),
    "thirty_days": ("day", 30),
}
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def periods(start: str, interval: str, times: int = 1, /, **more: object) -> list[Case]:
    unit, count = INTERVALS[interval]
    request = {"op": "periods", "start": start, "interval": unit, "interval_count": count * times}
    rows: list[Case] = ask(request | more)["periods"]
    return rows


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - DAY).isoformat()


def second_before(instant: str) -> str:
    before = datetime.fromisoformat(instant) - SECOND
    return before.isoformat().replace("+00:00", "Z")


def by_billing_day(asked: Case, **more: object) -> list[Case]:
    billing_day = asked.get("billing_day", asked.get("bill_cycle_day"))
    more |= {"alignment": "billing_day", "billing_day": billing_day}
    return periods(asked["start"], asked.get("interval", "monthly"), **more)


def containing(case: Case) -> Figures:
    (row,) = by_billing_day(case["input"], at=case["input"]["at"])
    return [row["start"], row["end"]]


def recurring(case: Case) -> Figures:
    asked = case["input"]
    start = asked.get("subscription_start", asked["anchor"])
    anchored = {"alignment": "anchor", "anchor": asked["anchor"]}
    (row,) = periods(start, asked["interval"], at=asked["at"], **anchored)
    return [row["start"], row["end"]]


def around(asked: Case, at: str, before: int) -> list[Case]:
    return periods(
        f"{asked['subscription_at']}T00:00:00Z",
        asked["interval"],
        at=at,
        before=before,
        alignment=asked["billing_time"],
        zone=asked["timezone"],
    )


def billed_row(asked: Case) -> Case:
    before = 0 if asked["pay_in_advance"] else 1
    return around(asked, f"{asked['billing_at']}T00:00:00Z", before)[0]


def invoice_boundaries(case: Case) -> Figures:
    row = billed_row(case["input"])
    bounds = {"from": row["start_at"], "to": second_before(row["end_at"])}
    return [bounds[name] for name in case["expected"]]


def end_of_current_period(case: Case) -> Figures:
    (row,) = around(case["input"], case["input"]["at"], 0)
    return [second_before(row["end_at"])]


def billed_period_length(case: Case) -> Figures:
    return [str(billed_row(case["input"])["full_days"])]


def next_billing_date(case: Case) -> Figures:
    asked = case["input"]
    more = {"alignment": "calendar"}
    if asked["mode"] == "anchor":
        more = {"alignment": "anchor", "anchor": asked["anchor"][:10]}
    start = asked["current_period_start"][:10]
    return [periods(start, asked["interval"], asked["unit"], count=1, **more)[0]["end"]]


def first_billing_date(case: Case) -> Figures:
    return [by_billing_day(case["input"], count=1)[0]["end"]]


def next_fixed_length(case: Case) -> Figures:
    asked = case["input"]
    (row,) = periods(asked["origin"], "daily", asked["days"], at=asked["on_or_after"])
    return [row["start"] if row["start"] == asked["on_or_after"] else row["end"]]


def advance_periods(case: Case) -> Figures:
    asked = case["input"]
    return [periods(asked["from"], asked["interval"], count=asked["n"])[-1]["end"]]


def bill_cycle_day(case: Case) -> Figures:
    asked = case["input"]
    (row,) = periods(asked["instant"], "monthly", count=1, zone=asked["timezone"])
    return [str(date.fromisoformat(row["start"]).day)]


def elapsed_cycles(case: Case) -> Figures:
    return [str(by_billing_day(case["input"], at=case["input"]["at"])[0]["index"])]


def whole_periods(case: Case) -> Figures:
    asked = case["input"]
    between = {"from": asked["from"], "until": asked["to"], "last_day": day_before(asked["to"])}
    return [str(sum(map(is_whole, periods(asked["from"], asked["interval"], **between))))]


def billed_cycles(case: Case) -> Figures:
    asked = case["input"]
    after = (date.fromisoformat(asked["target"]) + DAY).isoformat()
    more = {"from": asked["start"], "until": after}
    if asked["end"]:
        more["last_day"] = day_before(asked["end"])
    rows = by_billing_day(asked, **more)
    parts = [f"{row['days']}/{row['full_days']}" for row in rows if not is_whole(row)]
    return [str(sum(map(is_whole, rows))), str(parts)]


def is_whole(row: Case) -> bool:
    return bool(row["days"] == row["full_days"])


def arrear_interval(case: Case) -> Figures:
    (row,) = by_billing_day(case["input"], at=case["input"]["target"])
    return [row["start"] if row["index"] else "None", row["end"]]


def calendar_days(case: Case) -> Figures:
    asked = case["input"]
    between = {"from": asked["from"], "until": asked["to"], "zone": asked["timezone"]}
    return [str(len(periods(asked["from"], "daily", **between)))]


def prorated(amount: str, period: Case, used: Case, rule: str = "day") -> Case:
    request = {"op": "prorate", "currency": "EUR", "amount": amount, "rule": rule}
    return ask(request | {"period": period, "used": used})


def proration_amount(case: Case) -> Figures:
    asked, start = case["input"], datetime.fromisoformat("2001-01-01T00:00:00Z")
    # A month of fixed 30 days is asked as what it is here: a period of 30 days.
    rule = "day" if asked["by"] == "fixed30" else asked["by"]
    unit = DAY if rule == "day" else SECOND
    used, of = ((start + int(asked[name]) * unit).isoformat() for name in ("used", "of"))
    at = start.isoformat()
    period, part = {"start": at, "end": of}, {"start": at, "end": used}
    return [prorated(asked["full_amount"], period, part, rule)["rounded"]]


def proration_factor(case: Case) -> Figures:
    asked = case["input"]
    period = {"start": asked["period_from"], "end": asked["period_to_exclusive"]}
    used = {"start": asked["used_from"], "end": asked["used_to_exclusive"]}
    return list(prorated("1", period, used)["share"].split("/"))


def proration_ratio(case: Case) -> Figures:
    asked = case["input"]
    period = {"start": asked["period_from"], "end": asked["period_to"]}
    used = {"start": asked["from"], "end": asked["to"]}
    places = len(case["expected"]["ratio"])
    return [prorated("1", period, used)["amount"][:places]]


def fixed_month_days(case: Case) -> Figures:
    """Counted as the days that there are; a month of another length is a known difference."""
    between = {"start": case["input"]["from"], "end": case["input"]["to"]}
    return [prorated("1", between, between)["share"].split("/")[0]]


def changed(period: Case, on: str, old: list[str], new: list[str], **more: object) -> Case:
    request = {"op": "change", "currency": "EUR", "period": period, "on": on}
    sides = {"old": list(map(flat, old)), "new": list(map(flat, new))}
    return ask(request | sides | more)


def flat(amount: str) -> Case:
    return {"price": {"model": "flat", "amount": amount}, "quantity": "1"}


def plan_change(case: Case) -> Figures:
    asked = case["input"]
    end = asked.get("period_to_exclusive") or next_day(asked["period_to_inclusive"])
    old, new = (
        [line["full_amount"] for line in asked["lines"] if line["sign"] == sign] for sign in "-+"
    )
    period = {"start": asked["period_from"], "end": end}
    answer = changed(period, asked["change_date"], old, new)
    sides = {"-": iter(answer["lines"][: len(old)]), "+": iter(answer["lines"][len(old) :])}
    lines = [next(sides[line["sign"]])["amount"] for line in asked["lines"]]
    return [str(lines), answer["net"]]


def credit_cap(case: Case) -> Figures:
    """A change on the first day would give all of the price back."""
    asked = case["input"]
    charged = {"already_charged": asked["paid"], "already_credited": asked["credited_before"]}
    period = {"start": "2026-01-01", "end": "2026-02-01"}
    return [changed(period, "2026-01-01", [asked["potential_credit"]], [], **charged)["credit"]]


def next_day(day: str) -> str:
    return (date.fromisoformat(day) + DAY).isoformat()


WAYS: dict[str, Callable[[Case], Figures]] = {
    "containing_period": containing,
    "recurrence_period": recurring,
    "invoice_boundaries": invoice_boundaries,
    "end_of_current_period": end_of_current_period,
    "billed_period_length": billed_period_length,
    "next_billing_date": next_billing_date,
    "first_billing_date": first_billing_date,
    "next_fixed_length": next_fixed_length,
    "advance_periods": advance_periods,
    "bill_cycle_day": bill_cycle_day,
    "elapsed_cycles": elapsed_cycles,
    "whole_periods": whole_periods,
    "billed_cycles": billed_cycles,
    "arrear_interval": arrear_interval,
    "calendar_days": calendar_days,
    "proration_amount": proration_amount,
    "proration_factor": proration_factor,
    "proration_ratio": proration_ratio,
    "fixed_month_days": fixed_month_days,
    "plan_change": plan_change,
    "credit_cap": credit_cap,
}
