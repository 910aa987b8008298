"""Take an order: one subscription begins, or the order is refused by name."""

from datetime import datetime
from uuid import UUID

from kesto.core.refusals import Conflict, RefusedTogether
from kesto.core.subscription import NewSubscription
from kesto.flows.subscribe import subscribe


def take_order(merchant_id: UUID, order: NewSubscription, now: datetime) -> None:
    """Let a subscription begin. Raises the order's own refusal; Conflict when its name is taken."""
    try:
        count = subscribe(merchant_id, [order], now, tells=True)
    except RefusedTogether as together:
        raise together.refusals[0] from None
    if count == 0:
        raise Conflict(
            f"there is a subscription {order.external_id!r} already",
            code="external_id_taken",
            field="external_id",
        )
