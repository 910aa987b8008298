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


def turnover(session: Session, first: date, last: date) -> list[tuple[str, str, int, int]]:
    """Debit and credit of each account from a day to a day, both included."""
    rows = session.rows(
        "select p.account, p.currency,"
        " coalesce(sum(p.amount_minor) filter (where p.amount_minor > 0), 0)::bigint,"
        " coalesce(-sum(p.amount_minor) filter (where p.amount_minor < 0), 0)::bigint"
        " from posting p"
        " join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id"
        " where p.merchant_id = %s and e.booked_on between %s and %s"
        " group by p.account, p.currency order by p.account, p.currency",
        *(session.merchant_id, first, last),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
