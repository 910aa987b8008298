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
    unit = DAY if asked["by"] == "day" else SECOND
    used, of = ((start + int(asked[name]) * unit).isoformat() for name in ("used", "of"))
    at = start.isoformat()
    period, part = {"start": at, "end": of}, {"start": at, "end": used}
    return [prorated(asked["full_amount"], period, part, asked["by"])["rounded"]]


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


def plan_change(case: Case) -> Figures:
    """The old price is credited less its rounded used part; the new one is charged for the rest."""
    asked = case["input"]
    end = asked.get("period_to_exclusive") or next_day(asked["period_to_inclusive"])
    period = {"start": asked["period_from"], "end": end}
    before = {"start": asked["period_from"], "end": asked["change_date"]}
    after = {"start": asked["change_date"], "end": end}
    lines = []
    for line in asked["lines"]:
        amount = line["full_amount"]
        if line["sign"] == "+":
            lines.append(prorated(amount, period, after)["rounded"])
        else:
            used = prorated(amount, period, before)["rounded"]
            discount = {"kind": "amount", "value": used}
            whole = {"id": "old", "amount": amount, "tax_rate": "0"}
            request = {"op": "invoice", "currency": "EUR", "lines": [whole]}
            credit = ask(request | {"discounts": [discount]})["total"]
            lines.append(credit if credit == "0.00" else f"-{credit}")
    entries = [
        {"id": str(place), "amount": amount, "tax_rate": "0"} for place, amount in enumerate(lines)
    ]
    net = ask({"op": "invoice", "currency": "EUR", "lines": entries})["total"]
    return [str(lines), net]


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
    "plan_change": plan_change,
}
NOT_YET = {"credit_cap"}
