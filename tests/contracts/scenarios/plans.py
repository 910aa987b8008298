"""Plans that end, change and grow, and what comes back or falls due."""

from tests.contracts.cases_prices import Case, Figures, ask

JANUARY = {"start": "2024-01-01", "end": "2024-02-01"}

# The periods that the credited plans ran in, and the day after their one day of service.
ENDED = {
    "lago-cn-200": ("2025-09-01", "2025-10-01", "2025-09-02"),
    "lago-cn-weekly": ("2025-10-06", "2025-10-13", "2025-10-07"),
    "lago-term-adv-anniv": ("2023-02-08", "2023-03-08", "2023-02-09"),
}


def flat(amount: str) -> Case:
    return {"price": {"model": "flat", "amount": amount}}


def line(name: str, amount: str, rate: str = "0") -> Case:
    return {"id": name, "amount": amount, "tax_rate": rate}


def invoiced(case: Case, lines: list[Case], **more: object) -> Case:
    return ask({"op": "invoice", "currency": case["currency"], "lines": lines, **more})


def changed(case: Case, old: list[str], new: list[str], period: Case, on: str) -> Case:
    sides = {"old": list(map(flat, old)), "new": list(map(flat, new))}
    return ask({"op": "change", "currency": case["currency"], "period": period, "on": on, **sides})


def ended_on_its_first_day(case: Case) -> Figures:
    """The last day of service is paid; the rest comes back as a credit note, with its tax."""
    amount, rate = case["setup"]["plan"]["amount"], case["setup"]["tax"].rstrip("%")
    start, end, after = ENDED[case["id"]]
    invoice = invoiced(case, [line("plan", amount, rate)])
    left = changed(case, [amount], [], {"start": start, "end": end}, after)["credit"]
    note = {"lines": [{"id": "plan", "amount": left}]}
    lines = [line("plan", amount, rate)]
    asked = {"op": "credit", "currency": case["currency"], "lines": lines, "credits": [note]}
    (credit,) = ask(asked)["credits"]
    figures = {
        "invoice tax": invoice["tax_total"],
        "invoice total": invoice["total"],
        "credit note net": credit["net"],
        "credit note tax": credit["tax_total"],
        "credit note total": credit["total"],
    }
    return [figures[expected["what"]] for expected in case["expected"]]


def commitment(case: Case) -> Figures:
    """What the minimum adds to the plan and to the usage of ten units at 1 on each charge."""
    plan = case["setup"]["plan"]
    price = {"model": "flat", "amount": plan["amount"], "minimum": plan["commitment"]}
    asked = {"op": "price", "currency": case["currency"], "price": price}
    first = ask(asked | {"share": "2/29", "previously_billed": "30"})
    second = ask(asked | {"previously_billed": "10"})
    return [first["true_up"], second["true_up"]]


def seats_at_their_peak(case: Case) -> Figures:
    """Seats that are taken in advance are metered at their highest level."""
    price = {"model": "per_unit", "unit_amount": case["setup"]["charge"]["unit_amount"]}
    period, february = {"start": "2024-02-01", "end": "2024-03-01"}, "2024-02-06T0{}:00:00Z"
    changes = [
        {"time": february.format(hour), "value": value}
        for hour, value in ((1, "10"), (2, "-5"), (3, "2"))
    ]
    levels: list[Case] = []
    figures = []
    for number, event in enumerate(changes, 1):
        asked = {"op": "aggregate", "period": period}
        summed = ask(asked | {"meter": {"aggregation": "sum"}, "events": changes[:number]})
        levels.append(event | {"value": summed["level"]})
        peak = ask(asked | {"meter": {"aggregation": "max"}, "events": levels})["quantity"]
        priced = {"op": "price", "currency": case["currency"], "price": price}
        figures.append(ask(priced | {"quantity": peak, "share": "24/29"})["rounded"])
    return figures


def yearly_to_monthly(case: Case) -> Figures:
    plans = case["setup"]["plans"]
    yearly, monthly = plans["shotgun-annual"], plans["shotgun-monthly"]
    asked = {
        "op": "change",
        "currency": case["currency"],
        "old": flat(yearly),
        "new": flat(monthly),
        "period": {"start": "2012-05-01", "end": "2013-05-01"},
        "new_period": {"start": "2012-05-01", "end": "2012-06-01"},
        "on": "2012-05-01",
    }
    change = ask(asked)
    balance = to_account = change["net"].removeprefix("-")
    for _ in ("June", "July"):
        renewal = invoiced(case, [line("plan", monthly)], wallet=balance)
        assert renewal["due"] == "0.00"
        balance = renewal["wallet_left"]
    return [change["credit"], to_account, balance]


def at_once(case: Case) -> Figures:
    setup = case["setup"]
    return [changed(case, setup["starter"], setup["pro"], JANUARY, "2024-01-16")["net"]]


def added_in_arrears(case: Case) -> Figures:
    plan, added = (case["setup"][name].split()[0] for name in ("plan", "added"))
    part = changed(case, [], [added], JANUARY, "2024-01-16")["charge"]
    return [part, invoiced(case, [line("plan", plan), line("added", part)])["total"]]


def added_later(case: Case) -> Figures:
    plan, added = case["setup"]["plan"], case["setup"]["added"]
    asked = {
        "op": "change",
        "currency": case["currency"],
        "old": [],
        "new": flat(added),
        "period": JANUARY,
        "on": "2024-01-16",
        "timing": "period_end",
    }
    now = ask(asked)["net"]
    return [
        invoiced(case, [line("plan", plan), line("added", now)])["total"],
        invoiced(case, [line("plan", plan), line("added", added)])["total"],
    ]
