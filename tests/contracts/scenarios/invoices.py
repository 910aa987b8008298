"""Invoices with taxes, coupons, balances and returns, and the credit notes on them."""

from decimal import Decimal

from kesto.calculate import calculate
from tests.contracts.cases_prices import Case, Figures, ask
from tests.contracts.scenarios.plans import invoiced, line


def credited(case: Case, lines: list[Case], *notes: Case) -> Case:
    asked = {"op": "credit", "currency": case["currency"], "lines": lines}
    return ask(asked | {"credits": list(notes)})


def tax_of_a_service(case: Case) -> Figures:
    """A tax that a service worked out is a line of its own."""
    plan, tax = case["setup"]["plan"], case["setup"]["tax"].split()[0]
    lines = [line("plan", plan), line("tax", tax)]
    note = {"lines": [{"id": "plan", "amount": "10"}, {"id": "tax", "amount": "1"}]}
    answer = credited(case, lines, note)
    return [invoiced(case, lines)["total"], answer["credits"][0]["total"], answer["total_left"]]


def balance_pays(case: Case) -> Figures:
    setup = case["setup"]
    lines = [line("plan", setup["plan"]), line("tax", setup["tax"])]
    answer = invoiced(case, lines, wallet=setup["credit"])
    assert answer["due"] == "0.00"
    return [answer["wallet_used"], answer["wallet_left"]]


def vat(case: Case) -> Figures:
    setup = case["setup"]
    answer = invoiced(case, [line("plan", setup["plan"], setup["vat"].rstrip("%"))])
    return [answer["tax_total"], answer["total"]]


def coupon(case: Case) -> Case:
    return {"kind": "percent", "value": case["setup"]["coupon"].rstrip("%")}


def coupon_before_tax(case: Case) -> Figures:
    setup = case["setup"]
    lines = [line("plan", setup["plan"], setup["tax"].rstrip("%"))]
    answer = invoiced(case, lines, discounts=[coupon(case)])
    return [answer["discounts"][0]["amount"], answer["tax_total"], answer["total"]]


def two_credit_notes(case: Case) -> Figures:
    setup = case["setup"]
    rate = setup["tax"].rstrip("%")
    lines = [line(str(place), amount, rate) for place, amount in enumerate(setup["lines"], 1)]
    answer = invoiced(case, lines, discounts=[coupon(case)])
    left = [line(row["id"], row["net"], rate) for row in answer["lines"]]
    notes = [{"lines": [{"id": "1"}, {"id": "2"}]}, {"lines": [{"id": "3"}, {"id": "4"}]}]
    made = credited(case, left, *notes)
    assert made["total_left"] == "0.00"
    asked = {"op": "credit", "currency": case["currency"], "lines": left}
    assert "error" in calculate(asked | {"credits": [notes[0], notes[0]]})
    sums = [row["total"] for row in made["credits"]]
    discount = answer["discounts"][0]["amount"]
    return [discount, answer["tax_total"], answer["total"], *sums, str(sum(map(Decimal, sums)))]


def taxed_once_per_rate(case: Case) -> Figures:
    """The example names the base of each rate; which lines make it up is found by their sums."""
    setup = case["setup"]
    rates = rates_of(list(map(Decimal, setup["lines_net"])), setup["vat"])
    lines = [
        line(str(place), amount, rate)
        for place, (amount, rate) in enumerate(zip(setup["lines_net"], rates, strict=True))
    ]
    answer = invoiced(case, lines)
    assert [str(Decimal(row["base"])) for row in sorted(answer["tax"], key=by_rate)] == [
        f"{Decimal(group['base']):.2f}" for group in sorted(setup["vat"], key=by_rate)
    ]
    taxes = [row["amount"] for row in sorted(answer["tax"], key=by_rate)]
    return [answer["net"], *taxes, answer["tax_total"], answer["total"]]


def by_rate(row: Case) -> Decimal:
    return Decimal(row["rate"])


def rates_of(amounts: list[Decimal], groups: list[Case]) -> list[str]:
    """Give each line a rate, so that the lines of the last one add up to its base."""
    if len(groups) == 1:
        return [groups[0]["rate"]] * len(amounts)
    reached: dict[Decimal, tuple[int, ...]] = {Decimal(0): ()}
    for place, amount in enumerate(amounts):
        for total, places in list(reached.items()):
            reached.setdefault(total + amount, (*places, place))
    first, second = groups
    chosen = reached[Decimal(second["base"])]
    return [second["rate"] if place in chosen else first["rate"] for place in range(len(amounts))]
