"""Bank files and transactions in the database, and the invoices that payments may be for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.banking import BankEntry, BankFile
from kesto.core.matching import OpenItem
from kesto.store.ids import new_id, new_ids
from kesto.store.session import Session

ENTRY = (
    "t.account, t.entry_key, t.amount_minor, t.currency, t.direction, t.is_reversal, t.booked_on,"
    ' t.value_on, t."references", t.texts, t.end_to_end_id, t.payer_name, t.payer_iban,'
    " t.bank_reference, t.payments, t.return_reason"
)
OPEN_ITEM = (
    "select n.id, n.reference, n.total_minor - coalesce(s.settled_minor, 0),"
    " n.currency, n.customer_id, p.name,"
    " array(select distinct b.payer_iban from payment m join bank_transaction b"
    "   on b.merchant_id = m.merchant_id and b.id = m.bank_transaction_id"
    "  where m.merchant_id = n.merchant_id and m.customer_id = n.customer_id"
    "   and b.payer_iban <> ''),"
    " n.invoice_on"
    " from invoice n"
    " join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id"
    " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
    " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
    " where n.merchant_id = %s and n.kind = 'invoice'"
)


class Waiting(Struct, frozen=True):
    """A transaction in the queue: its entry, why it waits, and since which file."""

    id: UUID
    entry: BankEntry
    reason: str
    file_name: str


def add_file(session: Session, file: BankFile, name: str, now: datetime) -> UUID | None:
    """Note a file; None when the same bytes were imported before."""
    file_id = new_id()
    added = session.execute(
        "insert into bank_file (merchant_id, id, sha256, name, kind, message_id, entries,"
        " imported_at) values (%s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (merchant_id, sha256) do nothing",
        *(session.merchant_id, file_id, bytes.fromhex(file.sha256), name, file.kind),
        *(file.message_id, len(file.entries), now),
    )
    return file_id if added else None


def known_keys(session: Session, entries: Sequence[BankEntry]) -> set[tuple[str, str]]:
    """Which of the entries were reported before, as (account, key)."""
    rows = session.rows(
        "select account, entry_key from bank_transaction where merchant_id = %s"
        " and account = any(%s) and entry_key = any(%s)",
        session.merchant_id,
        sorted({entry.account for entry in entries}),
        [entry.entry_key for entry in entries],
    )
    return {(row[0], row[1]) for row in rows}


def add_transactions(
    session: Session, file_id: UUID, added: Sequence[tuple[BankEntry, str]]
) -> list[UUID]:
    """Write entries, each with the reason why it waits (empty: it is matched)."""
    ids = new_ids(len(added))
    session.add(
        "bank_transaction",
        [
            {
                "id": own,
                "bank_file_id": file_id,
                **{name: getattr(entry, name) for name in BankEntry.__struct_fields__},
                "state": "unmatched" if reason else "matched",
                "reason": reason,
            }
            for own, (entry, reason) in zip(ids, added, strict=True)
        ],
    )
    return ids


def queue(session: Session) -> list[Waiting]:
    """What waits for a person, the oldest first."""
    rows = session.rows(
        f"select t.id, t.reason, f.name, {ENTRY} from bank_transaction t join bank_file f"
        " on f.merchant_id = t.merchant_id and f.id = t.bank_file_id"
        " where t.merchant_id = %s and t.state = 'unmatched' order by t.booked_on, t.id",
        session.merchant_id,
    )
    return [Waiting(row[0], _entry(row[3:]), row[1], row[2]) for row in rows]


def waiting(session: Session, transaction_id: UUID) -> Waiting | None:
    """A transaction of the queue; None when it isn't there (any more)."""
    row = session.row(
        f"select t.id, t.reason, f.name, {ENTRY} from bank_transaction t join bank_file f"
        " on f.merchant_id = t.merchant_id and f.id = t.bank_file_id"
        " where t.merchant_id = %s and t.id = %s and t.state = 'unmatched'",
        *(session.merchant_id, transaction_id),
    )
    return Waiting(row[0], _entry(row[3:]), row[1], row[2]) if row else None


def lock_waiting(session: Session, transaction_id: UUID) -> BankEntry | None:
    """Lock a transaction of the queue; None when it isn't there (any more)."""
    row = session.row(
        f"select {ENTRY} from bank_transaction t where t.merchant_id = %s and t.id = %s"
        " and t.state = 'unmatched' for update",
        *(session.merchant_id, transaction_id),
    )
    return _entry(row) if row else None


def mark_matched(session: Session, transaction_id: UUID) -> None:
    """Take a transaction out of the queue."""
    session.execute(
        "update bank_transaction set state = 'matched', reason = ''"
        " where merchant_id = %s and id = %s",
        *(session.merchant_id, transaction_id),
    )


def items_named(session: Session, references: Sequence[str]) -> list[OpenItem]:
    """The invoices, paid or not, with the given references."""
    rows = session.rows(
        OPEN_ITEM + " and n.reference = any(%s)", session.merchant_id, list(references)
    )
    return [_item(row) for row in rows]


def items_with_ids(session: Session, ids: Sequence[UUID]) -> list[OpenItem]:
    """The invoices with the given ids."""
    rows = session.rows(OPEN_ITEM + " and n.id = any(%s)", session.merchant_id, list(ids))
    return [_item(row) for row in rows]


def items_open(session: Session) -> list[OpenItem]:
    """All invoices that are not settled yet."""
    rows = session.rows(
        OPEN_ITEM + " and n.total_minor > coalesce(s.settled_minor, 0)",
        session.merchant_id,
    )
    return [_item(row) for row in rows]


def items_like(session: Session, entry: BankEntry, limit: int = 50) -> list[OpenItem]:
    """Unsettled invoices with the entry's sum, or whose customer may be its payer."""
    words = [f"%{word}%" for word in entry.payer_name.replace("\\", "").split()] or ["-"]
    query = (
        "with likely as materialized ("
        "  select m.customer_id from bank_transaction b join payment m"
        "   on m.merchant_id = b.merchant_id and m.bank_transaction_id = b.id"
        "   where b.merchant_id = %s and b.payer_iban = %s and b.payer_iban <> ''"
        "  union select c.id from person p join customer c"
        "   on c.merchant_id = p.merchant_id and c.person_id = p.id"
        "   where p.merchant_id = %s and p.name ilike all (%s))"
        f" {OPEN_ITEM} and n.total_minor > coalesce(s.settled_minor, 0)"
        "  and n.currency = %s"
        "  and (n.total_minor - coalesce(s.settled_minor, 0) = %s"
        "   or n.customer_id in (select customer_id from likely))"
        " order by n.customer_id in (select customer_id from likely) desc, n.id limit %s"
    )
    rows = session.rows(
        query,
        *(session.merchant_id, entry.payer_iban, session.merchant_id, words),
        *(session.merchant_id, entry.currency, entry.amount_minor, limit),
    )
    return [_item(row) for row in rows]


def _entry(row: Sequence[object]) -> BankEntry:
    values = dict(zip(BankEntry.__struct_fields__, row, strict=True))
    values["references"] = tuple(values["references"])  # type: ignore[arg-type]  # an array column
    values["texts"] = tuple(values["texts"])  # type: ignore[arg-type]  # an array column
    return BankEntry(**values)  # type: ignore[arg-type]  # columns are named like the fields


def _item(row: Sequence[object]) -> OpenItem:
    values = dict(zip(OpenItem.__struct_fields__, row, strict=True))
    values["payer_ibans"] = tuple(values["payer_ibans"])  # type: ignore[arg-type]  # an array
    return OpenItem(**values)  # type: ignore[arg-type]  # the columns of OPEN_ITEM
