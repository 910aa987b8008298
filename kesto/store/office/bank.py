"""The bank in lists: payments that came in, and the files that they came in."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.papers import HAS_RECEIPT
from kesto.store.session import Session

PAYMENTS = f"""
    select p.id, p.received_on, p.currency, p.amount_minor, p.allocated_minor, p.customer_id,
        o.name, t.payer_name,
        array(select a.invoice_id from allocation a
            where a.merchant_id = p.merchant_id and a.payment_id = p.id order by a.id),
        {HAS_RECEIPT}
    from payment p
    join customer c on c.merchant_id = p.merchant_id and c.id = p.customer_id
    join person o on o.merchant_id = c.merchant_id and o.id = c.person_id
    join bank_transaction t on t.merchant_id = p.merchant_id and t.id = p.bank_transaction_id
    where p.merchant_id = %s and p.received_on >= %s and p.received_on < %s
    order by p.received_on desc, p.id desc limit %s offset %s
"""


class Payment(Struct, frozen=True):
    """A payment in a list; `invoices` are those that it settled."""

    id: UUID
    received_on: date
    currency: str
    amount_minor: int
    allocated_minor: int
    customer_id: UUID
    customer_name: str
    payer_name: str
    invoices: tuple[UUID, ...]
    has_receipt: bool

    @property
    def kept_minor(self) -> int:
        """What settled no invoice and is the customer's credit."""
        return self.amount_minor - self.allocated_minor


class File(Struct, frozen=True):
    """A bank file and what became of its entries."""

    id: UUID
    name: str
    kind: str
    imported_at: datetime
    entries: int
    new: int
    waiting: int


def payments(
    session: Session, first_on: date, end_on: date, *, limit: int, offset: int = 0
) -> list[Payment]:
    """Payments received from a day to before a day, the latest first."""
    rows = session.rows(PAYMENTS, session.merchant_id, first_on, end_on, limit, offset)
    return [Payment(*(*row[:-2], tuple(row[-2]), row[-1])) for row in rows]


def last_paid_on(session: Session) -> date | None:
    """The day of the latest payment, if there is one."""
    row = session.row(
        "select max(received_on) from payment where merchant_id = %s", session.merchant_id
    )
    return row[0] if row else None


def payments_sum(
    session: Session, first_on: date, end_on: date, currency: str
) -> tuple[int, int, int]:
    """How many payments came in, their sum, and how much of it settled invoices."""
    row = session.row(
        "select count(*), coalesce(sum(amount_minor) filter (where currency = %s), 0)::bigint,"
        " coalesce(sum(allocated_minor) filter (where currency = %s), 0)::bigint from payment"
        " where merchant_id = %s and received_on >= %s and received_on < %s",
        *(currency, currency, session.merchant_id, first_on, end_on),
    )
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


def files(session: Session, limit: int) -> list[File]:
    """The latest bank files."""
    rows = session.rows(
        "select f.id, f.name, f.kind, f.imported_at, f.entries, count(t.id),"
        " count(t.id) filter (where t.state = 'unmatched')"
        " from (select * from bank_file where merchant_id = %s"
        "  order by imported_at desc, id desc limit %s) f"
        " left join bank_transaction t on t.merchant_id = f.merchant_id and t.bank_file_id = f.id"
        " group by f.id, f.name, f.kind, f.imported_at, f.entries"
        " order by f.imported_at desc, f.id desc",
        *(session.merchant_id, limit),
    )
    return [File(*row) for row in rows]
