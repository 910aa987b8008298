"""Invoices in lists: filtered, counted, summed, a page at a time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

from msgspec import Struct

from kesto.store.invoice_writer import shown_number
from kesto.store.session import Session

Filter = Literal["all", "open", "overdue", "paid", "credited", "written_off", "credit_notes"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
State = Literal["open", "partly", "overdue", "paid", "credited", "written_off", "credit_note"]

OPEN = "n.total_minor - coalesce(s.settled_minor, 0)"
CONDITIONS: dict[Filter, str] = {
    "all": "true",
    "open": f"n.kind = 'invoice' and {OPEN} > 0",
    "overdue": f"n.kind = 'invoice' and {OPEN} > 0 and n.due_on < %(today)s",
    "paid": f"n.kind = 'invoice' and {OPEN} = 0 and coalesce(s.written_off_minor, 0) = 0"
    " and (coalesce(s.credited_minor, 0) = 0 or s.paid_minor > s.credited_minor)",
    "written_off": "n.kind = 'invoice' and s.written_off_minor > 0",
    "credited": "n.kind = 'invoice' and exists (select from invoice c"
    " where c.merchant_id = n.merchant_id and c.billing_group_id = n.billing_group_id"
    " and c.credits_invoice_id = n.id)",
    "credit_notes": "n.kind = 'credit_note'",
}
LISTED = (
    "select n.id, x.prefix, i.number, n.kind, n.invoice_on, n.due_on, n.currency, n.total_minor,"
    f" {OPEN}, coalesce(s.credited_minor, 0), n.customer_id, p.name, c.external_id, p.city,"
    " n.reason, coalesce(s.written_off_minor, 0)"
)
JOINED = """
    from invoice n
    left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
"""
NAMED = """
    left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id
    left join number_series x on x.merchant_id = i.merchant_id and x.id = i.series_id
    join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
"""


class Wanted(Struct, frozen=True):
    """Which invoices a list shows: by state, month of issue, or the run between two ids."""

    state: Filter = "all"
    first_on: date | None = None
    end_on: date | None = None
    after_id: UUID | None = None
    before_id: UUID | None = None
    is_of_run: bool = False


class Listed(Struct, frozen=True):
    """An invoice or credit note in a list; `reason` says why a credit note was made."""

    id: UUID
    number: str
    kind: str
    invoice_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    credited_minor: int
    customer_id: UUID
    customer_name: str
    customer_number: str
    customer_town: str
    reason: str
    written_off_minor: int = 0

    def state(self, today: date) -> State:
        """How it stands on a day; settled in both ways, it is what the larger part was."""
        if self.kind != "invoice":
            return "credit_note"
        if self.written_off_minor:
            return "written_off"
        if self.open_minor <= 0:
            paid_minor = self.total_minor - self.credited_minor
            return (
                "credited" if self.credited_minor and paid_minor <= self.credited_minor else "paid"
            )
        if self.due_on < today:
            return "overdue"
        return "partly" if self.open_minor < self.total_minor else "open"


class Summed(Struct, frozen=True):
    """How many there are, and their sums in one currency; credit notes count against."""

    count: int
    total_minor: int
    open_minor: int


def summed(session: Session, wanted: Wanted, currency: str, today: date) -> Summed:
    """What the whole list comes to."""
    query = (
        "select count(*), coalesce(sum(case n.kind when 'invoice' then n.total_minor"
        "  else -n.total_minor end) filter (where n.currency = %(currency)s), 0)::bigint,"
        f" coalesce(sum({OPEN}) filter (where n.kind = 'invoice'"
        f"  and n.currency = %(currency)s), 0)::bigint {JOINED} where {_condition(wanted)}"
    )
    (found,) = session.named(query, _words(session, wanted, today, currency=currency))
    return Summed(*found)


def page(
    session: Session, wanted: Wanted, today: date, *, limit: int, offset: int = 0
) -> list[Listed]:
    """A page of the list, the newest first; what is overdue begins with the oldest."""
    order = "n.due_on, n.id" if wanted.state == "overdue" else "n.id desc"
    own = f"select n.id {JOINED} where {_condition(wanted)} order by {order}"
    query = (
        f"{LISTED} {JOINED} {NAMED} where n.merchant_id = %(own)s and n.id = any(array("
        f"{own} limit %(limit)s offset %(offset)s)) order by {order}"
    )
    words = _words(session, wanted, today, limit=limit, offset=offset)
    return [read(row) for row in session.named(query, words)]


def of_customer(session: Session, customer_id: UUID, limit: int) -> list[Listed]:
    """A payer's latest invoices and credit notes, the newest first."""
    query = (
        f"{LISTED} from billing_group g join invoice n on n.merchant_id = g.merchant_id"
        " and n.billing_group_id = g.id"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        f" {NAMED} where g.merchant_id = %s and g.payer_id = %s order by n.id desc limit %s"
    )
    return [read(row) for row in session.rows(query, session.merchant_id, customer_id, limit)]


def of_subscription(session: Session, subscription_id: UUID, limit: int) -> list[Listed]:
    """The latest invoices and credit notes that have lines of a subscription, the newest first."""
    query = (
        f"{LISTED} {JOINED} {NAMED} where n.merchant_id = %s and n.billing_group_id in ("
        "select o.billing_group_id from subscription_item o where o.merchant_id = %s"
        " and o.subscription_id = %s) and exists (select from invoice_line l"
        " join subscription_item o on o.merchant_id = l.merchant_id and o.id = l.item_id"
        " where l.merchant_id = n.merchant_id and l.invoice_id = n.id and o.subscription_id = %s)"
        " order by n.id desc limit %s"
    )
    own = session.merchant_id, subscription_id
    rows = session.rows(query, session.merchant_id, *own, subscription_id, limit)
    return [read(row) for row in rows]


def unpaid(session: Session, customer_id: UUID) -> list[Listed]:
    """All invoices of a payer that are not paid in full, the one that is due first first."""
    query = (
        f"{LISTED} from billing_group g join invoice n on n.merchant_id = g.merchant_id"
        " and n.billing_group_id = g.id and n.kind = 'invoice'"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        f" {NAMED} where g.merchant_id = %s and g.payer_id = %s and n.total_minor > coalesce("
        "s.paid_minor + s.credited_minor + s.written_off_minor, 0) order by n.due_on, n.id"
    )
    return [read(row) for row in session.rows(query, session.merchant_id, customer_id)]


def with_ids(session: Session, ids: Sequence[UUID]) -> dict[UUID, Listed]:
    """Invoices as lists show them, by id."""
    query = f"{LISTED} {JOINED} {NAMED} where n.merchant_id = %s and n.id = any(%s)"
    rows = session.rows(query, session.merchant_id, list(ids))
    return {row[0]: read(row) for row in rows}


def id_named(session: Session, text: str) -> UUID | None:
    """The invoice that a number or a bank reference names exactly, or None."""
    prefix, _, digits = text.strip().rpartition("-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004 - what fits into a bigint
    row = session.row(
        "select i.invoice_id from issued i join number_series x"
        " on x.merchant_id = i.merchant_id and x.id = i.series_id"
        " where i.merchant_id = %s and x.prefix = %s and i.number = %s"
        " union all select id from invoice where merchant_id = %s and reference = %s limit 1",
        *(session.merchant_id, f"{prefix}-", number),
        *(session.merchant_id, "".join(text.split()).lstrip("0") or "-"),
    )
    return row[0] if row else None


def read(row: Sequence[Any]) -> Listed:
    """A row of `LISTED`."""
    own, prefix, number, *rest = row
    return Listed(own, shown_number(prefix, number) if prefix is not None else "", *rest)


def _condition(wanted: Wanted) -> str:
    parts = ["n.merchant_id = %(own)s", CONDITIONS[wanted.state]]
    if wanted.first_on is not None:
        parts.append("n.invoice_on >= %(first_on)s and n.invoice_on < %(end_on)s")
    if wanted.after_id is not None:
        parts.append("n.id > %(after_id)s")
    if wanted.before_id is not None:
        parts.append("n.id < %(before_id)s")
    if wanted.is_of_run:
        parts.append("n.kind = 'invoice' and n.history_seq > 0")  # none that is written by hand
    return " and ".join(parts)


def _words(session: Session, wanted: Wanted, today: date, **more: object) -> dict[str, object]:
    words: dict[str, object] = {
        "own": session.merchant_id,
        "today": today,
        "first_on": wanted.first_on,
        "end_on": wanted.end_on,
        "after_id": wanted.after_id,
        "before_id": wanted.before_id,
    }
    return words | more
