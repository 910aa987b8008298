"""Fills a home for the browser tests: `python -m tests.browser.village` prints what it made.

A small town with a few months behind it: invoices paid, open and credited, a payment that found
no invoice. What the tests need to know of it is printed as JSON.
"""

import json

from kesto.ops.desk import installation
from tests.town import Town

MONTHS = ("2026-11-01", "2026-12-01")


def main() -> None:
    """Found the town and tell about it."""
    with installation():
        print(json.dumps(found()))  # noqa: T201 - the tests read it


def found() -> dict[str, object]:
    """The town and what happened in it."""
    town = Town.founded()
    people = [town.customer(name) for name in ("Aino Virtanen", "Matti Meikäläinen")]
    for person in people:
        person.subscribes("basic", on="2026-10-01")
    first = town.bill(on=MONTHS[0])
    town.pays(first[0])
    town.pays(amount_minor=1234, payer_name="Korhonen Sanna", texts=("kiitos",))
    town.bill(on=MONTHS[1])
    return {"merchant_id": str(town.merchant_id), "code": town.code}


if __name__ == "__main__":
    main()
