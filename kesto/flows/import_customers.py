"""Import customers: a file's customers and their subscriptions, all or none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.customers import Customer
from kesto.core.subscription import NewSubscription
from kesto.flows import add_customers, subscribe
from kesto.store.session import crash_point, writing


class ImportedCustomers(Struct, frozen=True):
    """What was new in a file; the rest was known already and is left as it is."""

    customers: int
    subscriptions: int
    known_customers: int
    known_subscriptions: int


def import_customers(
    merchant_id: UUID,
    customers: Sequence[Customer],
    orders: Sequence[NewSubscription],
    now: datetime,
) -> ImportedCustomers:
    """Add what is new, in one transaction. Raises RefusedTogether."""
    with writing(merchant_id) as session:
        added = add_customers.add_new(session, customers, now)
        crash_point("import_customers.after_customers")
        begun = subscribe.begin_new(session, orders, now)
    crash_point("import_customers.after_commit")
    return ImportedCustomers(added, begun, len(customers) - added, len(orders) - begun)
