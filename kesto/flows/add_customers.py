"""Add customers; those that are known already are left as they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kesto.core.customers import Customer
from kesto.store import audit, customers
from kesto.store.session import Session, writing


def add_customers(
    merchant_id: UUID, added: Sequence[Customer], now: datetime, actor: str = "system"
) -> int:
    """Add the customers whose external id is new; answers how many that were."""
    with writing(merchant_id) as session:
        return add_new(session, added, now, actor)


def add_new(
    session: Session, added: Sequence[Customer], now: datetime, actor: str = "system"
) -> int:
    """The same inside a flow that does more, such as an import."""
    known = customers.known_customers(session, [customer.external_id for customer in added])
    new = [customer for customer in added if customer.external_id not in known]
    if new:
        customers.add_customers(session, new, now)
        audit.record(session, "add_customers", {"customers": len(new)}, now, actor)
    return len(new)
