"""How a worked figure about usage of another system is asked of our calculator."""

from typing import Any

from tests.contracts.cases_prices import ask

Case = dict[str, Any]

AGGREGATIONS: dict[str, Case] = {
    "unique_count": {"aggregation": "unique"},
    "unique_count_prorated": {"aggregation": "unique", "prorate": True},
    "sum_prorated": {"aggregation": "sum", "prorate": True},
}
WAYS_TO_ROUND = {"ceil": "up", "floor": "down", "round": "nearest"}


def metered(case: Case) -> Case:
    bounds, options = case["period"], case["options"]
    period = {"start": bounds["from"], "end": bounds["to_exclusive"]}
    if "period_days" in options:
        period["full_days"] = int(options["period_days"])
    events = [event(given) for given in case["events"]]
    return ask({"op": "aggregate", "meter": meter(case), "period": period, "events": events})


def meter(case: Case) -> Case:
    name, options = case["aggregation"], case["options"]
    asked: Case = dict(AGGREGATIONS.get(name, {"aggregation": name}))
    if asked["aggregation"] == "unique":
        asked["property"] = "unique_id"
    if options.get("recurring"):
        asked["carry"] = "since_start"
    asked |= {
        given: options[given] for given in ("filter", "group_by", "initial") if given in options
    }
    if rounding := rounding_of(options):
        asked["rounding"] = rounding
    return asked


def rounding_of(options: Case) -> Case | None:
    match options:
        case {"rounding": {"function": function, **more}}:
            return {"round": WAYS_TO_ROUND[function], "digits": more.get("precision") or 0}
        case {"round_up": digits}:
            return {"round": "up", "digits": digits}
        case {"round": digits}:
            return {"round": "nearest", "digits": digits}
    return None


def event(given: Case) -> Case:
    properties = dict(given.get("properties", {}))
    if "operation_type" in properties:
        properties["operation"] = properties.pop("operation_type")
    more: Case = {name: given[name] for name in ("value", "id") if name in given}
    return more | {"time": given["timestamp"], "properties": properties}
