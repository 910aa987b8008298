"""Enter usage: staff write down an event by hand; it is taken in as those of programs are."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from kesto.flows.accept_usage import Verdict, accept_in
from kesto.store import audit
from kesto.store.session import writing

SOURCE = "office"


def enter_usage(
    merchant_id: UUID,
    event: Mapping[str, object],
    now: datetime,
    received_at: datetime,
    actor: str,
) -> Verdict:
    """Take in one event; the audit log says who entered it. What is rejected leaves no trace.

    `now` is the merchant's clock.
    """
    with writing(merchant_id) as session:
        [verdict] = accept_in(session, [{**event, "source": SOURCE}], now, received_at)
        if verdict.status == "accepted":
            data = {name: event.get(name, "") for name in ("id", "meter", "subscription")}
            audit.record(session, "enter_usage", data, now, actor)
    return verdict
