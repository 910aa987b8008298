"""The ledger in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.ledger import Posting
from kesto.store.session import Session


class Entry(Struct, frozen=True, gc=False):
    """The booking of one money event, under the id of that event."""

    id: UUID
    kind: str
    billing_entity_id: UUID
    customer_id: UUID | None
    booked_on: date
    postings: tuple[Posting, ...]


def book(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Write journal entries with their postings; the database checks that each sums to zero."""
    session.add(
        "journal_entry",
        [
            {
                "id": entry.id,
                "billing_entity_id": entry.billing_entity_id,
                "kind": entry.kind,
                "customer_id": entry.customer_id,
                "booked_on": entry.booked_on,
                "created_at": now,
            }
            for entry in entries
        ],
    )
    session.add(
        "posting",
        [
            {
                "entry_id": entry.id,
                "line_no": number,
                "account": posting.account,
                "amount_minor": posting.amount_minor,
                "currency": posting.currency,
            }
            for entry in entries
            for number, posting in enumerate(entry.postings, 1)
        ],
    )


def balances(session: Session, through: date | None = None) -> list[tuple[str, str, int]]:
    """The balance of each account (account, currency, minor units) through a day, or of all."""
    rows = session.rows(
        "select p.account, p.currency, sum(p.amount_minor)::bigint from posting p"
        " join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id"
        " where p.merchant_id = %s and (%s::date is null or e.booked_on <= %s::date)"
        " group by p.account, p.currency order by p.account, p.currency",
        *(session.merchant_id, through, through),
    )
    return [(row[0], row[1], row[2]) for row in rows]


class Turnover(Struct, frozen=True, gc=False):
    """An account in a span of days: both sides of it, and its balance at the end."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


def turnover(session: Session, first: date, last: date) -> list[Turnover]:
    """Every account that was ever used, with what happened from a day to a day, both included."""
    rows = session.rows(
        "select p.account, p.currency,"
        " coalesce(sum(p.amount_minor) filter (where p.amount_minor > 0"
        "  and e.booked_on >= %s), 0)::bigint,"
        " coalesce(-sum(p.amount_minor) filter (where p.amount_minor < 0"
        "  and e.booked_on >= %s), 0)::bigint,"
        " sum(p.amount_minor)::bigint"
        " from posting p"
        " join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id"
        " where p.merchant_id = %s and e.booked_on <= %s"
        " group by p.account, p.currency order by p.account, p.currency",
        *(first, first, session.merchant_id, last),
    )
    return [Turnover(*row) for row in rows]
