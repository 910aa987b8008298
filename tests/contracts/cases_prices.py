"""How a worked pricing figure of another system is asked of our calculator."""

from collections.abc import Callable
from typing import Any

from kesto.calculate import calculate
from kesto.core.money import digits

Case = dict[str, Any]
Figures = list[str]

PARTS = {"single": "only", "mid": "middle", "last": "last"}
PRICE_FIELDS = {
    "minimum_spend": "minimum",
    "maximum_spend": "maximum",
    "price_base_quantity": "per",
    "rounding": "round",
}


def ask(request: Case) -> Case:
    answer: Case = calculate(request)
    assert "error" not in answer, answer
    return answer


def priced(case: Case, price: Case, **more: object) -> Case:
    return ask({"op": "price", "currency": case.get("currency", "EUR"), "price": price, **more})


def charged(case: Case, answer: Case) -> Figures:
    return [answer["amount"] if case["expected"]["rounding"] == "exact" else answer["rounded"]]


def price_of(case: Case) -> Case:
    price = {"model": case["model"]}
    for name, value in case["parameters"].items():
        match name:
            case "convert":
                price["transform_quantity"] = {
                    "divide_by": value["factor"],
                    "round": value["rounding"],
                }
            case "term":
                price["charged"] = value.removeprefix("in_")
            case "free_units" if case["model"] != "package":
                price["included_units"] = value
            case _:
                price[PRICE_FIELDS.get(name, name)] = value
    convention = case.get("convention", {})
    if convention.get("zero_usage_first_tier_flat") == "charged":
        price["flat_at_zero"] = True
    return price


def a_price(case: Case) -> Figures:
    asked = dict(case["input"])
    if "line_position" in asked:
        asked["part"] = PARTS[asked.pop("line_position")]
    return charged(case, priced(case, price_of(case), **asked))


def volume_prorated(case: Case) -> Figures:
    full, used = case["input"]["full_quantity"], case["input"]["prorated_quantity"]
    entries = [{"quantity": full, "share": f"{used}/{full}"}]
    return charged(case, priced(case, price_of(case | {"model": "volume"}), quantities=entries))


def seats_that_come_and_go(case: Case) -> Figures:
    deltas = zip(case["input"]["unit_deltas"], case["input"]["prorated_deltas"], strict=True)
    entries = [
        {"quantity": units, "share": f"{used.lstrip('-')}/{units.lstrip('-')}"}
        for units, used in deltas
    ]
    return charged(case, priced(case, price_of(case | {"model": "graduated"}), quantities=entries))


def blocks(case: Case, *, is_last_open: bool) -> list[Case]:
    tiers, bound = [], 0
    for tier in case["parameters"]["tiers"]:
        bound = max(bound, int(tier["block_size"]) * int(tier["max_blocks"]))
        tiers.append(
            {
                "up_to": str(bound),
                "unit_amount": tier["block_amount"],
                "package_size": tier["block_size"],
            }
        )
    if is_last_open:
        tiers[-1]["up_to"] = None
    return tiers


def volume_package(case: Case) -> Figures:
    price = {"model": "volume", "tiers": blocks(case, is_last_open=True)}
    return charged(case, priced(case, price, quantity=case["input"]["quantity"]))


def graduated_package(case: Case) -> Figures:
    price = {"model": "graduated", "tiers": blocks(case, is_last_open=True)}
    asked = case["input"]
    answer = priced(case, price, quantity=asked["quantity"], replaces=asked["previously_billed"])
    return [answer["difference"]]


def packages_of_several_units(case: Case) -> Figures:
    lines = [
        {
            "id": unit,
            "price": {
                "model": "package",
                "package_size": package["block_size"],
                "package_amount": package["block_amount"],
            },
            "quantity": case["input"]["quantities"][unit],
            "tax_rate": "0",
        }
        for unit, package in case["parameters"]["units"].items()
    ]
    return [ask({"op": "invoice", "currency": "EUR", "lines": lines})["total"]]


def transformed_quantity(case: Case) -> Figures:
    parameters = case["parameters"]
    transform = {"divide_by": parameters["factor"], "round": parameters["rounding"]}
    price = {"model": "per_unit", "unit_amount": "1", "transform_quantity": transform}
    return charged(case, priced(case, price, **case["input"]))


def free_units_already_used(case: Case) -> Figures:
    price = {"model": "per_unit", "unit_amount": "1"}
    price["included_units"] = case["parameters"]["free_units"]
    return charged(case, priced(case, price, part="last", **case["input"]))


def rates(tiers: list[Case]) -> list[Case]:
    return [
        {"rate" if name == "rate_percent" else name: value for name, value in tier.items()}
        for tier in tiers
    ]


def percentage(case: Case) -> Figures:
    names = {"rate_percent": "rate", "tx_min": "min_per_event", "tx_max": "max_per_event"}
    price = {names.get(name, name): value for name, value in case["parameters"].items()}
    return charged(
        case, priced(case, {"model": "percentage", **price}, amounts=case["input"]["events"])
    )


def graduated_percentage(case: Case) -> Figures:
    price = {"model": "graduated_percentage", "tiers": rates(case["parameters"]["tiers"])}
    amounts, already = [case["input"]["amount"]], case["input"].get("already")
    if already is None:
        return charged(case, priced(case, price, amounts=amounts))
    return charged(
        case, priced(case, price, amounts=amounts, part="last", previous_quantity=already)
    )


def dynamic(case: Case) -> Figures:
    price = {"model": "dynamic", "transform_quantity": {"divide_by": "100"}}
    return charged(case, priced(case, price, amounts=case["input"]["event_total_cents"]))


def dynamic_multiplier(case: Case) -> Figures:
    asked = dict(case["input"])
    factor = {"multiply_by": case["parameters"]["multiplier"]}
    price = {"model": "dynamic", "transform_quantity": factor}
    asked["amounts"] = [asked.pop("quantity")]
    asked["part"] = PARTS[asked.pop("line_position")]
    return charged(case, priced(case, price, **asked))


def dimensional(case: Case) -> Figures:
    dimension, prices = case["parameters"]["dimension"], case["parameters"]["prices"]
    rows = [{dimension: value, "unit_amount": unit} for value, unit in prices.items()]
    price: Case = {"model": "dimensional", "dimensions": [dimension]}
    price["rows"] = [row for row in rows if row[dimension] != "*"]
    price["default"] = {"unit_amount": prices["*"]}
    asked = case["input"]
    entry = {"quantity": asked["quantity"], dimension: asked["dimension_value"]}
    return charged(case, priced(case, price, quantities=[entry]))


def capacity(case: Case) -> Figures:
    tiers = [
        {"limits": tier["limits"], "amount": tier["price"]} for tier in case["parameters"]["tiers"]
    ]
    price, levels = {"model": "capacity", "tiers": tiers}, case["input"]["peaks"]
    billed = case["input"].get("previously_billed")
    if billed is None:
        return charged(case, priced(case, price, levels=levels))
    return [priced(case, price, levels=levels, replaces=billed)["difference"]]


def bucketed(case: Case) -> Figures:
    price = price_of(case | {"model": case["model"].removesuffix("_bucketed")})
    entries = [{"quantity": quantity} for quantity in case["input"]["buckets"]]
    return charged(case, priced(case, price | {"bucketed": True}, quantities=entries))


def windowed_commitment(case: Case) -> Figures:
    parameters = case["parameters"]
    commitment = {
        "amount": parameters["commitment"],
        "overage_factor": parameters["overage_factor"],
        "true_up": parameters["true_up"],
    }
    price = {
        "model": "per_unit",
        "unit_amount": parameters["unit_amount"],
        "commitment": commitment,
        "bucketed": True,
    }
    entries = [{"quantity": quantity} for quantity in case["input"]["windows"]]
    return charged(case, priced(case, price, quantities=entries))


def true_up(case: Case) -> Figures:
    price = {
        "model": "per_unit",
        "unit_amount": case["input"]["used"],
        "minimum": case["parameters"]["minimum"],
    }
    return [priced(case, price, quantity="1")["true_up"]]


def minimum_commitment(case: Case) -> Figures:
    parameters = case["parameters"]
    price = {
        "model": "flat",
        "amount": parameters["subscription_fee"],
        "minimum": parameters["commitment"],
    }
    share = f"{parameters['days']}/{parameters['period_days']}"
    billed = case["input"]["other_fees"]
    return [priced(case, price, share=share, previously_billed=billed)["true_up"]]


def currency_rounding(case: Case) -> Figures:
    day = {"start": "2026-01-01", "end": "2026-01-02"}
    request = {"op": "prorate", "currency": case["currency"], "period": day, "used": day}
    return [ask(request | case["input"])["rounded"]]


def currency_precision(case: Case) -> Figures:
    return [str(digits(case["currency"]))]


def invoiced(case: Case, amounts: list[str], discounts: list[Case], rate: str = "0") -> Case:
    lines = [
        {"id": str(place), "amount": amount, "tax_rate": rate}
        for place, amount in enumerate(amounts)
    ]
    currency = case.get("currency", "EUR")
    return ask({"op": "invoice", "currency": currency, "lines": lines, "discounts": discounts})


def subtotal(case: Case) -> Figures:
    return [invoiced(case, case["input"]["lines"], [])["net"]]


def percent_discount(case: Case) -> Figures:
    off = {"kind": "percent", "value": case["parameters"]["percent_off"]}
    return discounted(case, invoiced(case, [case["input"]["price"]], [off]))


def amount_discount(case: Case) -> Figures:
    off = {"kind": "amount", "value": case["parameters"]["amount_off"]}
    return discounted(case, invoiced(case, [case["input"]["price"]], [off]))


def discounted(case: Case, answer: Case) -> Figures:
    assert case["expected"].get("final", answer["total"]) == answer["total"]
    return [answer["lines"][0]["discount"]]


def coupon_stack(case: Case) -> Figures:
    stack = [
        {"kind": kind, "value": value}
        for coupon in case["parameters"]["coupons"]
        for kind, value in coupon.items()
    ]
    return discounted(case, invoiced(case, [case["input"]["subtotal"]], stack))


def distributed_discount(case: Case) -> Figures:
    off = {"kind": "amount", "value": case["input"]["discount"]}
    answer = invoiced(case, case["input"]["lines"], [off])
    return [line["net"] for line in answer["lines"]]


def tax(case: Case) -> Figures:
    rate = case["parameters"]["rate_percent"]
    return [invoiced(case, [case["input"]["base"]], [], rate)["tax_total"]]


WAYS: dict[str, Callable[[Case], Figures]] = {
    "flat": a_price,
    "per_unit": a_price,
    "package": a_price,
    "graduated": a_price,
    "volume": a_price,
    "volume_prorated": volume_prorated,
    "graduated_prorated_events": seats_that_come_and_go,
    "volume_package": volume_package,
    "graduated_package": graduated_package,
    "multi_unit_package": packages_of_several_units,
    "transform_quantity": transformed_quantity,
    "free_units_split": free_units_already_used,
    "percentage": percentage,
    "graduated_percentage": graduated_percentage,
    "graduated_percentage_increment": graduated_percentage,
    "dynamic": dynamic,
    "dynamic_multiplier": dynamic_multiplier,
    "dimensional": dimensional,
    "capacity_tier": capacity,
    "per_unit_bucketed": bucketed,
    "graduated_bucketed": bucketed,
    "package_bucketed": bucketed,
    "volume_bucketed": bucketed,
    "windowed_commitment": windowed_commitment,
    "minimum_true_up": true_up,
    "minimum_commitment": minimum_commitment,
    "currency_rounding": currency_rounding,
    "currency_precision": currency_precision,
    "sum_of_rounded_lines": subtotal,
    "percent_discount": percent_discount,
    "amount_discount": amount_discount,
    "coupon_stack": coupon_stack,
    "distribute_discount": distributed_discount,
    "tax": tax,
}
