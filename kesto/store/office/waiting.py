"""What waits for a person, and what shows that all goes as it should."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session

WAITING = """
    select
        (select count(*) from billing_group where merchant_id = %(own)s and parked_at is not null),
        (select count(*) from billing_group where merchant_id = %(own)s and parked_at is null
            and next_due_on <= %(today)s - grace_days),
        (select min(next_due_on) from billing_group where merchant_id = %(own)s
            and parked_at is null and next_due_on <= %(today)s - grace_days),
        (select count(*) from message where merchant_id = %(own)s and state = any(%(troubled)s)),
        (select count(*) from outbox where merchant_id = %(own)s)
            + (select count(*) from message where merchant_id = %(own)s
                and state in ('waiting', 'sending')),
        (select count(*) from job where merchant_id = %(own)s and state = 'dead'
            and finished_at > %(now)s - interval '30 days'),
        (select id from run_approval where merchant_id = %(own)s and state = 'waiting'),
        closed_through,
        (select min(booked_on) from journal_entry where merchant_id = %(own)s)
    from merchant where id = %(own)s
"""
OVERDUE = """
    select count(*), coalesce(sum(n.total_minor - coalesce(s.settled_minor, 0)),
        0)::bigint, min(n.due_on)
    from invoice n
    left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
    where n.merchant_id = %s and n.kind = 'invoice' and n.currency = %s and n.due_on < %s
      and n.total_minor > coalesce(s.settled_minor, 0)
"""
TROUBLED = ("failed", "undeliverable", "unknown")
"""States of messages that did not arrive, or may not have."""


class Waiting(Struct, frozen=True):
    """What waits: groups set aside, groups that are due and since when, messages and jobs.

    `approval_id` is a run that waits for approval. `to_send` is what goes out by itself soon.
    `closed_through` and `first_booked_on` say which month comes next.
    """

    parked: int
    due: int
    due_since: date | None
    troubled_messages: int
    to_send: int
    dead_jobs: int
    approval_id: UUID | None
    closed_through: date | None
    first_booked_on: date | None


class Overdue(Struct, frozen=True):
    """Invoices past their due date."""

    count: int
    open_minor: int
    oldest_due_on: date | None


class Health(Struct, frozen=True):
    """The latest bank file and billing run, and what all postings add up to: nothing."""

    file_name: str | None
    file_at: datetime | None
    file_entries: int | None
    file_waiting: int | None
    run_through: date | None
    run_finished_at: datetime | None
    ledger_minor: int


def waiting(session: Session, today: date, now: datetime) -> Waiting:
    """Everything that is counted for the list of a day's work."""
    words = {"own": session.merchant_id, "today": today, "now": now, "troubled": [*TROUBLED]}
    (found,) = session.named(WAITING, words)
    return Waiting(*found)


def overdue(session: Session, currency: str, today: date) -> Overdue:
    """How much is late."""
    row = session.row(OVERDUE, session.merchant_id, currency, today)
    return Overdue(*(row or (0, 0, None)))


def health(session: Session) -> Health:
    """What shows that files are read, runs finish and the ledger balances."""
    file = session.row(
        "select f.name, f.imported_at, f.entries, (select count(*) from bank_transaction t"
        "  where t.merchant_id = f.merchant_id and t.bank_file_id = f.id"
        "  and t.state = 'unmatched')"
        " from bank_file f where f.merchant_id = %s order by f.imported_at desc, f.id desc limit 1",
        session.merchant_id,
    )
    run = session.row(
        "select through, finished_at from billing_run where merchant_id = %s"
        " and group_id is null order by id desc limit 1",
        session.merchant_id,
    )
    ledger = session.row(
        "select coalesce(sum(amount_minor), 0)::bigint from posting where merchant_id = %s",
        session.merchant_id,
    )
    return Health(*(file or (None,) * 4), *(run or (None, None)), *(ledger or (0,)))
