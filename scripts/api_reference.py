"""Write the API's reference from its description: `make reference`.

Each route with what it takes and answers and an example for curl, then the shapes of the answers.
A test compares the page with the description and runs every example.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kesto.api.v1 import api

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api" / "reference.md"
HOST = "http://127.0.0.1:8000"
HEAD = """# The API's reference

**Every address of version 1: what it takes, what it answers, an example of each.**

Made from the description at `/v1/openapi.json` by `make reference`; do not edit it by hand.
What holds for all of them stands in [the API](README.md). The examples are run by a test, for a
merchant with a customer `aino` whose invoices `2026-000001` is paid and `2026-000002` credited.
"""
NAMED = {
    "subscription}/deliveries/{on": "aino-box/deliveries/2026-12-10",
    "customer": "aino",
    "product": "line",
    "plan": "basic",
    "add_on": "magazine",
    "subscription": "aino-basic",
    "invoice": "2026-000001",
    "credit_note": "C2026-000001",
    "credit_grant": "$GRANT",
    "payment": "$PAYMENT",
    "quote": "$QUOTE",
    "draft": "$DRAFT",
    "coupon": "welcome",
    "feature": "support",
    "meter": "calls",
    "price_series": "spot-fi",
    "line": "4",
    "rejected_event": "$REJECTED",
    "run_approval": "$WAITING",
}
"""What stands in the addresses of the examples."""

ELSEWHERE = {"set_alert": "aino-metered", "drop_alert": "aino-metered"}
"""The subscription of examples that need one with usage."""

QUERIES = {
    "list_customers": "kind=consumer&limit=2",
    "get_customer": "expand=subscriptions",
    "list_subscriptions": "customer=aino&expand=holder",
    "list_invoices": "state=paid&issued_from=2026-01-01&expand=lines&language=en",
    "get_invoice": "language=sv",
    "list_payments": "customer=aino",
    "list_deliveries": "from=2026-12-01&until=2026-12-31&status=planned",
    "list_drafts": "limit=5&language=en",
    "list_credit_grants": "customer=aino&is_left=true",
    "preview_next_invoices": "language=fi",
    "check_entitlement": "customer=aino&feature=support",
    "list_prices": "time_from=2026-12-01T00:00Z&limit=2",
    "list_events": "subscription=aino-metered&meter=talk",
    "list_rejected_events": "code=unknown_meter&limit=10",
    "replay_rejected_events": "code=unknown_customer",
    "list_run_approvals": "state=waiting",
}
PRICE = {
    "code": "monthly",
    "product": "line",
    "interval": "month",
    "model": "flat",
    "amount": "39.90",
}
BODIES: Mapping[str, object] = {
    "calculate": [{"op": "reference", "scheme": "fi", "base": "100001"}],
    "add_customer": {
        "external_id": "1001",
        "kind": "consumer",
        "name": "Onni Virta",
        "email": "onni@example.com",
        "language": "fi",
    },
    "change_plan_offer": {"offered_in_portal": True},
    "change_add_on_offer": {"offered_in_portal": False},
    "change_customer": {"street": "Uusikatu 1", "postal_code": "00100"},
    "migrate_subscribers": {
        "from_version": 1,
        "to_version": 2,
        "on": "2027-01-01",
        "reason": "Our costs have risen.",
    },
    "add_subscription": {
        "external_id": "order-17",
        "holder": "aino",
        "plan": "basic",
        "add_ons": ["magazine"],
        "start_on": "2027-01-01",
        "minimum_months": 12,
    },
    "publish_plan": {
        "code": "gold",
        "name": {"en": "Gold"},
        "prices_include_tax": True,
        "prices": [PRICE],
    },
    "publish_add_on": {
        "code": "router",
        "name": {"en": "Router"},
        "prices_include_tax": True,
        "prices": [PRICE],
        "plans": ["basic"],
    },
    "add_coupon": {
        "code": "spring",
        "name": {"en": "Spring"},
        "percent": "20",
        "duration": "periods",
        "periods": 3,
        "codes": ["SPRING27"],
    },
    "set_alert": {"meter": "talk", "kind": "share", "threshold": "80"},
    "drop_alert": {"meter": "talk", "kind": "share", "threshold": "80"},
    "add_feature": {"code": "storage", "name": {"en": "Storage"}, "kind": "limit"},
    "add_meter": {
        "code": "bytes",
        "name": {"en": "Bytes"},
        "aggregation": "sum",
        "property": "bytes",
    },
    "add_price_series": {
        "code": "spot-se",
        "name": "Spot price, Sweden",
        "unit": "kWh",
        "resolution": "quarter_hour",
    },
    "give_prices": {
        "values": [
            {"starts_at": "2026-12-01T00:00+02:00", "amount": "0.0412"},
            {"starts_at": "2026-12-01T01:00+02:00", "amount": "-0.0010"},
        ]
    },
    "send_events": [
        {
            "id": "call-1",
            "subscription": "aino-metered",
            "meter": "talk",
            "time": "2026-11-30T12:00:00Z",
            "value": "12.5",
        }
    ],
    "mend_rejected_event": {
        "id": "call-2",
        "subscription": "aino-metered",
        "meter": "talk",
        "time": "2026-11-30T13:00:00Z",
        "value": "3",
    },
    "give_credit": {
        "customer": "aino",
        "amount": "10.00",
        "reason": "Sorry for the outage",
        "expires_on": "2027-12-31",
    },
    "add_delivery_event": {
        "state": "sent",
        "carrier": "Posti",
        "tracking": "JJFI12345678901234567",
        "external_id": "parcel-17",
    },
    "set_billing_schedule": {"days": [1, 15], "hour": 6},
    "approve_run": {"note": "As last month."},
    "decline_run": {"note": "The new price is wrong."},
    "move_test_clock": {"to": "2027-02-01"},
    "preview_change": {"action": "change_plan", "plan": "plus", "when": "period_end"},
    "add_quote": {"action": "add_add_on", "add_on": "safety"},
    "add_change": {"action": "change_quantity", "quantity": "2"},
}

Schema = Mapping[str, Any]


def described() -> Schema:
    """The API's description."""
    found: Schema = api.get_openapi_schema(path_prefix="/v1/")
    return found


def reference(description: Schema) -> str:
    """The page."""
    parts = [HEAD]
    tag = ""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            own = operation.get("tags", ["calculate and merchant"])[0]
            if own != tag:
                parts.append(f"## {own.capitalize()}\n")
                tag = own
            parts.append("\n".join(_operation(path, method, operation)))
    parts.append("## Shapes\n")
    parts += ["\n".join(_shape(name, one)) for name, one in _shapes(description)]
    return "\n".join(parts)


def scope_of(path: str, method: str) -> str:
    """The scope that a key needs."""
    if path == "/v1/calculate":
        return "calculate"
    if (path, method) == ("/v1/events", "post"):
        return "usage"  # or `write`, which includes it
    if path.startswith("/v1/run_approvals/") and method == "post":
        return "approve"
    return "read" if method == "get" or path.endswith("/preview") else "write"


def example(path: str, method: str, operation: Schema) -> str:
    """A command for curl."""
    name = operation["operationId"]
    if name in ELSEWHERE:
        path = path.replace("{subscription}", ELSEWHERE[name])
    for parameter, text in NAMED.items():
        path = path.replace(f"{{{parameter}}}", text)
    query = f"?{QUERIES[name]}" if name in QUERIES else ""
    words = ['curl -H "Authorization: Bearer $KESTO_KEY"', f'"{HOST}{path}{query}"']
    if method not in {"get", "post"} or (method == "post" and name not in BODIES):
        words.append(f"-X {method.upper()}")
    if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ())):
        words.append(f'-H "Idempotency-Key: {name}-1"')
    if name in BODIES:
        words.append(f"-d '{json.dumps(BODIES[name])}'")
    return " \\\n    ".join(words)


def _operation(path: str, method: str, operation: Schema) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method.upper()} {path}`, scope `{scope_of(path, method)}`. {operation['description']}"
    yield ""
    parameters = operation.get("parameters", ())
    if parameters:
        yield "| parameter | in | what | |\n| --- | --- | --- | --- |"
        for one in parameters:
            needed = ", required" if one["required"] else ""
            text = one.get("description", "") or one["schema"].get("description", "")
            what = f"{_type(one['schema'], is_query=True)}{needed}"
            yield f"| `{one['name']}` | {one['in']} | {what} | {text} |".replace("|  |", "| |")
        yield ""
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield f"Takes {_type(schema)}."
    for status, answer in operation["responses"].items():
        if int(status) < 400:  # noqa: PLR2004 - where errors begin
            kind, content = next(iter(answer["content"].items()))
            what = _type(content["schema"]) if kind == "application/json" else f"`{kind}`"
            yield f"Answers {status} with {what}.\n"
    yield f"```console\n$ {example(path, method, operation)}\n```\n"


def _shapes(description: Schema) -> list[tuple[str, Schema]]:
    """What addresses and other shapes speak of; the filters stand with their addresses."""
    schemas: Schema = description["components"]["schemas"]
    wanted = _names(description["paths"])
    while more := {name for own in wanted for name in _names(schemas[own])} - wanted:
        wanted |= more
    return sorted((name, schemas[name]) for name in wanted)


def _names(part: object) -> set[str]:
    """The shapes that a part of the description speaks of."""
    text = json.dumps(part)
    return set(re.findall(r'"#/components/schemas/(\w+)"', text))


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield f"### {name}\n"
    yield " ".join(schema.get("description", "").split()) + "\n"
    if "oneOf" in schema:
        yield from (f"* {_type(one)}" for one in schema["oneOf"])
        yield ""
        return
    needed = schema.get("required", ())
    yield "| field | what | |\n| --- | --- | --- |"
    for field, one in schema.get("properties", {}).items():
        text = one.get("description", "")
        must = "required" if field in needed else _default(one)
        words = " ".join(part for part in (must, text) if part)
        yield f"| `{field}` | {_type(one)} | {words} |".replace("|  |", "| |")
    yield ""


def _default(schema: Schema) -> str:
    value = schema.get("default")
    return f"default `{json.dumps(value)}`" if value not in (None, "", []) else ""


def _type(schema: Schema, *, is_query: bool = False) -> str:
    """A type in words; what is left out of a query is not called null."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [_type(one) for one in schema["anyOf"]]
        if is_query:
            kinds.remove("null")
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kind: str = schema.get("format") or schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    return {"date-time": "moment", "string": "text", "integer": "number"}.get(kind, kind)


if __name__ == "__main__":
    PAGE.write_text(reference(described()), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")
