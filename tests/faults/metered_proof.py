"""What must hold of a metered town whatever was done to it while usage came in."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from kesto.flows import bill
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store.session import forget_connections
from tests.faults import metered_town
from tests.faults.metered_town import AFTER, Stored
from tests.faults.senders import Heard
from tests.faults.soundness import broken, findings, unfinished


def is_sound(place: Home, merchant_id: UUID, heard: Heard, told: AbstractSet[str]) -> None:
    """What was answered is there and billed, once; what was refused was told when to come again.

    `told` are the statuses of such refusals; there must have been some, and no others.
    """
    assert heard.unanswered == 0
    assert heard.wrong == []
    kinds = {one.kind for one in heard.failures}
    assert kinds
    assert kinds <= told
    assert all(one.is_told_when for one in heard.failures)
    forget_connections()
    day = AFTER.date()
    bill.bill(merchant_id, day, AFTER)  # an open run is finished first
    bill.bill(merchant_id, day, AFTER)
    assert bill.bill(merchant_id, day, AFTER) == 0
    assert unfinished(merchant_id, day) == []
    assert broken(merchant_id, is_village=False) == []
    assert findings(merchant_id) == []
    with database.as_superuser(place, database.address(place), database.DATABASE) as connection:
        stored = metered_town.stored(connection)
        assert metered_town.used_in_store(connection) == heard.sums
        assert metered_town.used_on_invoices(connection) == heard.sums
    assert stored == {
        sender: Stored(count, count, 0, count - 1) for sender, count in enumerate(heard.events)
    }
