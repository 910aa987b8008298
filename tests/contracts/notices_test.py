"""What subscribers are told about their contract: each change, and each day that comes nearer."""

import pytest

from kesto.core.changes import Cancel, ChangePlan, Pause
from kesto.flows.subscribe import subscribe
from kesto.flows.remind import remind
from tests.contracts.delivery_office import Desk, Server, person, received, rows
from tests.town import Town, day

ABOUT = "select kind, channel, state from message where kind = 'subscription.notice' order by 2"


def body(server: Server, address: str) -> str:
    """The plain text that came to an address last."""
    part = received(server)[address].get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def test_a_change_is_confirmed_with_its_day_and_the_next_invoice(
    town: Town, desk: Desk, server: Server
) -> None:
    aino = person(town, "Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    aino.changes(own, Cancel())
    desk.deliver()
    assert rows(town.merchant_id, ABOUT) == []
