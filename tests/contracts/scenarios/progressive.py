"""Usage that is invoiced in the middle of a month, and the month's invoice that takes it off."""

from tests.contracts.cases_prices import Case, Figures, ask

MILLION = 1_000_000


def usage(case: Case, quantity: int, billed: str = "0") -> Case:
    """A line of usage, less what an earlier invoice charged for it."""
    price = {"model": "per_unit", "unit_amount": case["setup"]["charge"]["unit_amount"]}
    return {"price": price, "quantity": str(quantity), "replaces": billed}


def charged(case: Case, quantity: int, billed: str = "0") -> str:
    asked = {"op": "price", "currency": case["currency"], **usage(case, quantity, billed)}
    return str(ask(asked)["difference"])


def month(case: Case, used: Case | None = None, share: str = "1") -> str:
    """The month's invoice: the plan, or its share, and the usage."""
    price = {"model": "flat", "amount": case["setup"]["plan"]["amount"], "charged": "arrears"}
    lines = [{"id": "plan", "price": price, "share": share, "tax_rate": "0"}]
    if used is not None:
        lines.append({"id": "usage", "tax_rate": "0", **used})
    asked = {"op": "invoice", "currency": case["currency"], "lines": lines}
    return str(ask(asked)["total"])


def one_threshold(case: Case) -> Figures:
    first = charged(case, MILLION)
    assert first == case["setup"]["threshold"]
    whole, total = (month(case, usage(case, 2 * MILLION, billed)) for billed in ("0", first))
    return [first, whole, first, total]


def an_upgrade(case: Case) -> Figures:
    """The day of the change belongs to the new plan: the old one has 17 days of 31."""
    first = charged(case, MILLION)
    old = [month(case, usage(case, MILLION, billed), "17/31") for billed in ("0", first)]
    return list(old)


def two_thresholds(case: Case) -> Figures:
    first = charged(case, MILLION)
    second = charged(case, 3 * MILLION, first)
    both = charged(case, 3 * MILLION)
    return [first, second, month(case, usage(case, 3 * MILLION, both))]


def a_draft(case: Case) -> Figures:
    first = charged(case, 3 * MILLION)
    january = [month(case, usage(case, 3 * MILLION, billed)) for billed in ("0", first)]
    return [month(case), first, *january]
