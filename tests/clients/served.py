"""Serves a town whose Aino pays for what she uses: `python -m tests.clients.served`.

Prints first, as JSON, a key and the id of her subscription; then it serves until it is ended.
"""

import json

from kesto.api.values import own_id
from kesto.ops import serve
from kesto.ops.desk import installation
from tests.contracts.api_visits import key_for
from tests.town import Town


def main() -> None:
    """Found the town, tell about it, and serve it."""
    with installation():
        town = Town.founded()
        own = town.customer("Aino").subscribes("metered", on="2026-10-01")
        town.clock("2026-10-20")
        facts = {"key": key_for(town), "subscription": own_id("subscription", own)}
        print(json.dumps(facts), flush=True)  # noqa: T201 - the script reads it
        serve.main()


if __name__ == "__main__":
    main()
