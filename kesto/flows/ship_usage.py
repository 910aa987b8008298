"""Ship usage: bring the events that wait in the spool to ClickHouse, each of them once.

What is sent together is settled before it is sent and stays together, so that it is known when it
comes again; it is deleted here only after ClickHouse has acknowledged it. No transaction is open
meanwhile.
"""

from uuid import UUID

from kesto.store.session import crash_point, writing
from kesto.store.usage import spool
from kesto.store.usage.clickhouse import ClickHouseEvents

MOST_SHIPMENTS = 20
"""A job ends after so many, so that others have their turn."""


def ship_usage(merchant_id: UUID, store: ClickHouseEvents, most: int = MOST_SHIPMENTS) -> int:
    """Ship what waits of all merchants, the oldest first; answers how many events.

    The transactions are of one merchant, as all are; shipments are of all together. Raises
    EventsAway where ClickHouse does not take them: they stay where they are.
    """
    shipped = 0
    for _ in range(most):
        with writing(merchant_id, "run") as session:
            shipment = spool.claim(session)
        if shipment is None:
            break
        crash_point("ship_usage.claimed")
        store.ship(shipment)
        crash_point("ship_usage.arrived")
        with writing(merchant_id, "run") as session:
            spool.settle(session, shipment)
            crash_point("ship_usage.before_commit")
        crash_point("ship_usage.after_commit")
        shipped += shipment.events
    return shipped
