"""Messages in the database: made from the outbox, claimed by workers, moved through their life.

A claim is a lease, as with jobs: `due_at` moves ahead and the message of a worker that died falls
due again by itself. `attempts` says whose the message is. From the moment when its data may reach
the server a message is `sending`: nobody takes it again, whatever happens.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.store.ids import new_ids
from kesto.store.session import Session, across_merchants

LEASE = timedelta(minutes=5)

ADD = """
    insert into message (merchant_id, id, customer_id, kind, channel, language, state, subject_id,
        address, fallback_of_id, due_at, reason, created_at, sent_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
TAKE = """
    delete from outbox using (
        select topic, subject_id from outbox
        where merchant_id = %(own)s and topic = any(%(topics)s)
        order by created_at, subject_id limit %(limit)s for update skip locked) as taken
    where outbox.merchant_id = %(own)s and outbox.topic = taken.topic
        and outbox.subject_id = taken.subject_id
    returning outbox.topic, outbox.subject_id, outbox.created_at
"""
ADDRESSEES = """
    select about.id, about.customer_id, p.email, p.street <> '' and p.city <> '',
        coalesce(n.channel, w.channel, 'email'),
        coalesce(nullif(n.language, ''), nullif(w.language, ''), c.language)
    from (
        select id, customer_id, '' as message_group from invoice
        where merchant_id = %(own)s and id = any(%(ids)s)
        union all
        select id, customer_id, '' from payment where merchant_id = %(own)s and id = any(%(ids)s)
        union all
        select id, customer_id, 'change' from notice
        where merchant_id = %(own)s and id = any(%(ids)s)
    ) about
    join customer c on c.merchant_id = %(own)s and c.id = about.customer_id
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    left join channel_preference w on w.merchant_id = c.merchant_id and w.customer_id = c.id
        and w.message_group = %(group)s
    left join channel_preference n on n.merchant_id = c.merchant_id and n.customer_id = c.id
        and n.message_group = about.message_group
"""
ASKERS = """
    select c.id, c.id, p.email, p.street <> '' and p.city <> '', 'email', c.language
    from customer c
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    where c.merchant_id = %(own)s and c.id = any(%(ids)s)
"""
CLAIM = """
    update message set due_at = %(lease_end)s, attempts = attempts + 1
    from (
        select id from message
        where merchant_id = %(own)s and state = 'waiting' and due_at <= %(now)s
            and document_sha256 is null
        order by due_at, id limit %(limit)s for update skip locked) as due
    where message.merchant_id = %(own)s and message.id = due.id
    returning message.id, message.customer_id, message.kind, message.channel, message.language,
        message.subject_id, message.address, message.attempts, message.created_at
"""
LOST = """
    update message set state = 'unknown', reason = 'interrupted', due_at = null
    where merchant_id = %s and state = 'sending' and due_at <= %s
"""
TO_DELIVER = """
    select id from merchant where
        exists (select from outbox where merchant_id = merchant.id and topic = any(%(topics)s))
        or exists (select from message where merchant_id = merchant.id and due_at <= %(now)s
            and (state = 'sending' or state = 'waiting' and document_sha256 is null))
"""
JOBS_WAITING = """
    select merchant_id, count(*) from job where kind = %s and state = 'waiting'
    group by merchant_id
"""


class Told(Struct, frozen=True, gc=False):
    """What the outbox said, and when."""

    topic: str
    subject_id: UUID
    told_at: datetime


class Addressee(Struct, frozen=True, gc=False):
    """Who gets the messages about an invoice or a payment, and how they wished it."""

    subject_id: UUID
    customer_id: UUID
    email: str
    has_street: bool
    channel: str
    language: str


class NewMessage(Struct, frozen=True, gc=False):
    """A message to be added; without `due_at` it is not for a worker to send."""

    customer_id: UUID
    kind: str
    channel: str
    language: str
    state: str
    subject_id: UUID
    address: str = ""
    fallback_of: UUID | None = None
    due_at: datetime | None = None
    reason: str = ""


class Claimed(Struct, frozen=True, gc=False):
    """A message that this worker may send now."""

    id: UUID
    customer_id: UUID
    kind: str
    channel: str
    language: str
    subject_id: UUID
    address: str
    attempts: int
    created_at: datetime


class Written(Struct, frozen=True, gc=False):
    """A message's texts as they are kept, and its document."""

    subject: str
    text: str
    html: str
    document_sha256: bytes | None
    is_attached: bool


def to_deliver(topics: Sequence[str], now: datetime) -> list[UUID]:
    """Merchants for whom something is to be sent now."""
    words = {"topics": list(topics), "now": now}
    with across_merchants() as connection:
        return [row[0] for row in connection.execute(TO_DELIVER, words)]


def jobs_waiting(kind: str) -> dict[UUID, int]:
    """How many jobs of a kind wait or run, by merchant."""
    with across_merchants() as connection:
        return dict(connection.execute(JOBS_WAITING, [kind]).fetchall())


def take_outbox(session: Session, topics: Sequence[str], limit: int) -> list[Told]:
    """Take what the outbox says; it is gone from there when this transaction commits."""
    words = {"own": session.merchant_id, "topics": list(topics), "limit": limit}
    return [Told(*row) for row in session.named(TAKE, words)]


def addressees(session: Session, subjects: Sequence[UUID], group: str) -> dict[UUID, Addressee]:
    """Who gets the messages about each invoice, credit note, payment or notice.

    A notice comes as the customer chose for changes, else as the messages of the group.
    """
    words = {"own": session.merchant_id, "ids": list(subjects), "group": group}
    return {row[0]: Addressee(*row) for row in session.named(ADDRESSEES, words)}


def askers(session: Session, customers: Sequence[UUID]) -> dict[UUID, Addressee]:
    """Customers who asked for something to be sent to themselves."""
    words = {"own": session.merchant_id, "ids": list(customers)}
    return {row[0]: Addressee(*row) for row in session.named(ASKERS, words)}


def add(session: Session, messages: Sequence[NewMessage], now: datetime) -> None:
    """Add messages; one of its kind about its subject on its channel is there once only."""
    for own, new in zip(new_ids(len(messages)), messages, strict=True):
        session.execute(
            ADD,
            *(session.merchant_id, own, new.customer_id, new.kind, new.channel, new.language),
            *(new.state, new.subject_id, new.address, new.fallback_of, new.due_at, new.reason),
            *(now, now if new.state == "sent" else None),
        )


def claim(session: Session, limit: int, now: datetime) -> list[Claimed]:
    """Take messages that wait and are due, each counted as an attempt."""
    words = {
        "own": session.merchant_id,
        "now": now,
        "lease_end": now + LEASE,
        "limit": limit,
    }
    return sorted((Claimed(*row) for row in session.named(CLAIM, words)), key=lambda one: one.id)


def note_lost(session: Session, now: datetime) -> int:
    """Note that nobody knows what became of messages whose worker died while sending them."""
    return session.execute(LOST, session.merchant_id, now)


def begin_sending(session: Session, own: Claimed, written: Written, lease_end: datetime) -> bool:
    """Note what is sent, before it is; False when the message is not this worker's any longer."""
    return _update(
        *(session, own, ("waiting",)),
        "state = 'sending', due_at = %s, subject = %s, text = %s, html = %s,"
        " document_sha256 = %s, is_attached = %s, reason = ''",
        *(lease_end, written.subject, written.text, written.html),
        *(written.document_sha256, written.is_attached),
    )


def note_sent(session: Session, own: Claimed, now: datetime) -> bool:
    """Note that the server took the message; that counts even where it was given up meanwhile."""
    changes = "state = 'sent', sent_at = %s, due_at = null, reason = ''"
    return _update(session, own, ("sending", "unknown"), changes, now)


def note_unknown(session: Session, own: Claimed, reason: str) -> bool:
    """Note that the server may or may not have taken the message."""
    changes = "state = 'unknown', due_at = null, reason = %s"
    return _update(session, own, ("sending",), changes, reason)


def put_off(session: Session, own: Claimed, reason: str, due_at: datetime) -> bool:
    """Let a message that the server has not taken wait; its document is made use of again."""
    changes = "state = 'waiting', reason = %s, due_at = %s, document_sha256 = null"
    return _update(session, own, ("waiting", "sending"), changes, reason, due_at)


def give_back(session: Session, own: Claimed, reason: str, due_at: datetime) -> bool:
    """Let a message wait for something that is not its own fault: the attempt does not count."""
    changes = "reason = %s, due_at = %s, attempts = attempts - 1"
    return _update(session, own, ("waiting",), changes, reason, due_at)


def end(session: Session, own: Claimed, state: str, reason: str) -> bool:
    """Note that a message will not be sent: `failed` by us, or `undeliverable` for good."""
    changes = "state = %s, reason = %s, due_at = null"
    return _update(session, own, ("waiting", "sending"), changes, state, reason)


def resolve(
    session: Session, message_id: UUID, *, has_arrived: bool, now: datetime, due_at: datetime
) -> bool:
    """Settle a message of which nobody knows: it arrived, or it is sent again."""
    if has_arrived:
        changes, values = "state = 'sent', sent_at = %s, reason = 'confirmed'", (now,)
    else:
        changes = "state = 'waiting', due_at = %s, attempts = 0, document_sha256 = null"
        values = (due_at,)
    return bool(
        session.execute(
            f"update message set {changes} where merchant_id = %s and id = %s"
            " and state = 'unknown'",
            *(*values, session.merchant_id, message_id),
        )
    )


def unknown(session: Session) -> list[tuple[UUID, str, str, datetime]]:
    """Messages of which nobody knows: id, address, subject, when they were made."""
    rows = session.rows(
        "select id, address, subject, created_at from message"
        " where merchant_id = %s and state = 'unknown' order by id",
        session.merchant_id,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def held_up(session: Session) -> dict[str, int]:
    """How many messages wait for what is not their own doing, by the reason's code."""
    rows = session.rows(
        "select reason, count(*) from message where merchant_id = %s and state = 'waiting'"
        " and reason in ('no_mail_server', 'mail_server_away', 'no_document') group by reason",
        session.merchant_id,
    )
    return {row[0]: row[1] for row in rows}


def due_again(session: Session, now: datetime) -> int:
    """Let every message that waits be due now: what it waited for has changed."""
    return session.execute(
        "update message set due_at = %s where merchant_id = %s and state = 'waiting'"
        " and document_sha256 is null and due_at > %s and reason <> ''",
        *(now, session.merchant_id, now),
    )


def _update(
    session: Session, own: Claimed, states: Sequence[str], changes: str, *values: object
) -> bool:
    """Change a message that is this worker's still."""
    return bool(
        session.execute(
            f"update message set {changes}"
            " where merchant_id = %s and id = %s and state = any(%s) and attempts = %s",
            *(*values, session.merchant_id, own.id, list(states), own.attempts),
        )
    )
