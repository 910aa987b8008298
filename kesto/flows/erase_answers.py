"""Erase answers: what was kept for requests about a customer, before its time is over."""

from datetime import datetime
from uuid import UUID

from kesto.core.ids import shown
from kesto.store import audit, customers, idempotency
from kesto.store.session import writing


def erase_answers(merchant_id: UUID, customer_id: UUID, now: datetime, actor: str) -> int:
    """Erase what answers kept under idempotency keys hold of a customer; answers how many.

    It goes by the ids of the customer and of the subscriptions that they hold, pay or use: an
    answer that says anything of a person has one of these in it. Who sends such a request again
    is told `answer_erased`; the work is not done a second time.
    """
    with writing(merchant_id) as session:
        subscriptions = customers.subscriptions_of(session, customer_id)
        names = [shown("customer", customer_id)]
        names += [shown("subscription", one) for one in subscriptions]
        count = idempotency.erase(session, [customer_id, *subscriptions], names)
        data = {"customer": customer_id, "answers": count}
        audit.record(session, "erase_answers", data, now, actor)
    return count
