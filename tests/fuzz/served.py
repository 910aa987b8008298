"""Serves the API of a town on a home of its own: `python -m tests.fuzz.served`.

Prints first, as JSON, the key and what there is to ask for by the name of its parameter; then it
serves until it is ended.
"""

import json

from kesto.api.values import own_id
from kesto.core.changes import AddAddOn
from kesto.flows.quote_change import quote_change
from kesto.ops import serve
from kesto.ops.desk import installation
from tests.contracts.api_hostile_test import Ground

PEOPLE = 30
PLANS = ("basic", "plus", "max")


def main() -> None:
    """Found the town, tell about it, and serve it."""
    with installation():
        print(json.dumps(facts(Ground())), flush=True)  # noqa: T201 - the script reads it
        serve.main("tests.fuzz.unlimited:front")


def facts(ground: Ground) -> dict[str, object]:
    """The key, and what may stand in the place of each parameter."""
    known = {name: [text] for name, text in ground.ids().items()}
    town = ground.town
    for number in range(PEOPLE):
        person = town.customer(f"Person {number}")
        own = person.subscribes(PLANS[number % len(PLANS)], on="2026-11-01")
        quote = quote_change(town.merchant_id, own.hex, AddAddOn("safety"), town.now).quote
        known["customer"].append(person.customer.external_id)
        known["subscription"].append(own_id("subscription", own))
        known["quote"].append(own_id("quote", quote.id))
    drafts = ground.program.get("/v1/drafts?limit=100").json()["items"]
    known["draft"] = [one["id"] for one in drafts]
    known["plan"] += PLANS
    return {"key": ground.key, "merchant": town.code, "known": known}


if __name__ == "__main__":
    main()
