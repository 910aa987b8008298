"""Messages in lists."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.office.waiting import TROUBLED
from kesto.store.session import Session

LISTED = """
    select m.id, m.kind, m.channel, m.language, m.state, m.created_at, m.sent_at, m.reason,
        m.subject_id, c.id, p.name
    from message m
    join customer c on c.merchant_id = m.merchant_id and c.id = m.customer_id
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    where m.merchant_id = %(own)s and (not %(troubled)s or m.state = any(%(states)s))
    order by m.id desc limit %(limit)s offset %(offset)s
"""


class Counts(Struct, frozen=True):
    """How many messages there are, how many did not arrive, how many are still to go out."""

    all: int
    troubled: int
    waiting: int


class Listed(Struct, frozen=True):
    """A message in a list; `subject_id` is what it is about."""

    id: UUID
    kind: str
    channel: str
    language: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    reason: str
    subject_id: UUID | None
    customer_id: UUID
    customer_name: str


def counts(session: Session) -> Counts:
    """How many messages there are."""
    row = session.row(
        "select count(*), count(*) filter (where state = any(%s)),"
        " count(*) filter (where state in ('waiting', 'sending'))"
        "  + (select count(*) from outbox where merchant_id = %s)"
        " from message where merchant_id = %s",
        *([*TROUBLED], session.merchant_id, session.merchant_id),
    )
    return Counts(*(row or (0, 0, 0)))


def page(session: Session, *, is_troubled: bool, limit: int, offset: int) -> list[Listed]:
    """A page of the messages, the latest first."""
    words = {
        "own": session.merchant_id,
        "troubled": is_troubled,
        "states": [*TROUBLED],
        "limit": limit,
        "offset": offset,
    }
    return [Listed(*row) for row in session.named(LISTED, words)]
