"""Tell of a change: what was confirmed goes out with the transaction that wrote it."""

from collections.abc import Sequence
from datetime import datetime

from kesto.core.history import Told
from kesto.store import merchants, notices
from kesto.store.notices import NewNotice, NoticeFacts
from kesto.store.session import Session

CHANGED = "changed"


def tell_change(session: Session, added: Sequence[Told], now: datetime) -> None:
    """Have the holder of a subscription told of events that were added to its history just now.

    Nothing is told where the merchant wishes none.
    """
    if not added or not merchants.limits(session).sends_confirmations:
        return
    notice = NewNotice(
        subscription_id=added[0].subscription_id,
        kind=CHANGED,
        on=min(one.event.on for one in added),
        facts=NoticeFacts(events=tuple(one.seq for one in added)),
        seq=max(one.seq for one in added),
    )
    notices.tell(session, [notice], now)
