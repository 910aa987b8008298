"""Letters in the database: those that are ready for the printer, and the batch of each day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.store.ids import new_id
from kesto.store.messages import Claimed
from kesto.store.session import Session, across_merchants

LEASE = timedelta(minutes=10)
USUAL_HOUR = 6
BUSY = """
    (exists (select from outbox where merchant_id = merchant.id and topic = any(%(topics)s))
    or exists (select from message where merchant_id = merchant.id and state = 'waiting'
        and document_sha256 is null and (channel = 'letter' or reason = ''))
    or exists (select from message where merchant_id = merchant.id and state = 'sending'
        and due_at is not null))
"""
TO_PRINT = f"""
    select merchant.id from merchant
    cross join lateral (
        select coalesce(merchant.clock_at, %(now)s) at time zone entity.zone as now
        from billing_entity entity where entity.merchant_id = merchant.id
        order by entity.id limit 1) as here
    left join delivery_setting wish on wish.merchant_id = merchant.id
    where exists (select from letter_batch where merchant_id = merchant.id
            and state = 'making' and due_at <= %(now)s)
        or extract(hour from here.now) >= coalesce(wish.letters_from_hour, %(hour)s)
            and exists (select from message where merchant_id = merchant.id
                and state = 'waiting' and channel = 'letter' and document_sha256 is not null)
            and not exists (select from letter_batch where merchant_id = merchant.id
                and made_on = here.now::date)
            and not {BUSY}
"""
BATCH = "id, made_on, state, letters, pages, created_at, ready_at"


class Letter(Struct, frozen=True, gc=False):
    """A letter ready for the printer; its address is line by line, as the window shows it.

    `number` is that of its document.
    """

    message_id: UUID
    number: str
    address: str
    language: str
    document_sha256: bytes


class Batch(Struct, frozen=True):
    """The letters of a day; `state` is making or ready."""

    id: UUID
    made_on: date
    state: str
    letters: int
    pages: int
    created_at: datetime
    ready_at: datetime | None


def prepared(session: Session, own: Claimed, address: str, sha256: bytes, number: str) -> bool:
    """Note that a letter's document is made: it waits for the day's batch."""
    return bool(
        session.execute(
            "update message set document_sha256 = %s, is_attached = true, address = %s,"
            " subject = %s, due_at = null, reason = 'waits_for_batch'"
            " where merchant_id = %s and id = %s and state = 'waiting' and attempts = %s",
            *(sha256, address, number, session.merchant_id, own.id, own.attempts),
        )
    )


def is_idle(session: Session, topics: Sequence[str]) -> bool:
    """Whether no letter is on its way to the day's batch: nothing waits, nothing is being sent."""
    words = {"own": session.merchant_id, "topics": list(topics)}
    ((is_busy,),) = session.named(f"select {BUSY.replace('merchant.id', '%(own)s')}", words)
    return not is_busy


def to_print(topics: Sequence[str], now: datetime) -> list[UUID]:
    """Merchants whose letters of the day may be printed now, or whose batch was left unfinished."""
    words = {"topics": list(topics), "now": now, "hour": USUAL_HOUR}
    with across_merchants() as connection:
        return [row[0] for row in connection.execute(TO_PRINT, words)]


def begin_batch(session: Session, made_on: date, now: datetime, real_now: datetime) -> bool:
    """Put all letters that are ready into the batch of a day; False when there is nothing to do.

    A day has one batch: letters that are ready after it wait for the next day's.
    """
    batch_id = new_id()
    made = session.execute(
        "insert into letter_batch (merchant_id, id, made_on, state, due_at, created_at)"
        " select %s, %s, %s, 'making', %s, %s where exists (select from message"
        "  where merchant_id = %s and channel = 'letter' and state = 'waiting'"
        "  and document_sha256 is not null)"
        " on conflict do nothing",
        *(session.merchant_id, batch_id, made_on, real_now, now, session.merchant_id),
    )
    if not made:
        return False
    letters = session.execute(
        "update message set letter_batch_id = %s, state = 'sending', reason = ''"
        " where merchant_id = %s and channel = 'letter' and state = 'waiting'"
        " and document_sha256 is not null",
        *(batch_id, session.merchant_id),
    )
    session.execute(
        "update letter_batch set letters = %s where merchant_id = %s and id = %s",
        *(letters, session.merchant_id, batch_id),
    )
    return True


def take_batch(session: Session, real_now: datetime) -> Batch | None:
    """A batch that is not finished and that nobody works at; it is this worker's for a while."""
    row = session.row(
        f"update letter_batch set due_at = %s where (merchant_id, id) in ("
        "  select merchant_id, id from letter_batch where merchant_id = %s and state = 'making'"
        "  and due_at <= %s order by made_on limit 1 for update skip locked)"
        f" returning {BATCH}",
        *(real_now + LEASE, session.merchant_id, real_now),
    )
    return Batch(*row) if row else None


def batches(session: Session, limit: int) -> list[Batch]:
    """The batches, the latest first."""
    rows = session.rows(
        f"select {BATCH} from letter_batch where merchant_id = %s order by made_on desc limit %s",
        *(session.merchant_id, limit),
    )
    return [Batch(*row) for row in rows]


def letters_of(session: Session, batch_id: UUID) -> list[Letter]:
    """The letters of a batch in the order of printing: by town, as the post sorts them."""
    rows = session.rows(
        "select id, subject, address, language, document_sha256 from message"
        " where merchant_id = %s and letter_batch_id = %s",
        *(session.merchant_id, batch_id),
    )
    found = [Letter(*row) for row in rows]
    return sorted(found, key=lambda one: (one.address.split("\n")[::-1], one.message_id))


def finish_batch(
    session: Session, batch_id: UUID, pages: int, pdf: bytes, addresses: bytes, now: datetime
) -> int:
    """Note that a batch is ready for the printer, its letters with it; answers how many."""
    session.execute(
        "update letter_batch set state = 'ready', pages = %s, pdf_sha256 = %s, list_sha256 = %s,"
        " ready_at = %s where merchant_id = %s and id = %s and state = 'making'",
        *(pages, pdf, addresses, now, session.merchant_id, batch_id),
    )
    return session.execute(
        "update message set state = 'sent', sent_at = %s where merchant_id = %s"
        " and letter_batch_id = %s and state = 'sending'",
        *(now, session.merchant_id, batch_id),
    )
