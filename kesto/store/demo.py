"""What the demo asks of the database beyond the flows: its invoices, and the truth of payments."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session


class BilledInvoice(Struct, frozen=True, gc=False):
    """An invoice with its payer, as the demo pays and sums it."""

    id: UUID
    invoice_on: date
    due_on: date
    reference: str
    customer: str
    payer_name: str
    total_minor: int
    net_minor: int
    tax_minor: int


class Comparison(Struct, frozen=True):
    """The matching against the truth; everything that is not matched stands in the queue."""

    payments: int
    matched: int
    wrong: int
    unmatched: int
    open_minor: int
    paid_minor: int


def billed_invoices(session: Session) -> list[BilledInvoice]:
    """All invoices in the order of their references."""
    rows = session.rows(
        "select n.id, n.invoice_on, n.due_on, n.reference, c.external_id, p.name, n.total_minor,"
        " n.net_minor, n.tax_minor from invoice n"
        " join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id"
        " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where n.merchant_id = %s and n.kind = 'invoice'"
        " order by length(n.reference), n.reference",
        session.merchant_id,
    )
    return [BilledInvoice(*row) for row in rows]


def usage_totals(session: Session) -> dict[str, tuple[int, Decimal, Decimal]]:
    """What was taken in from each source and counts: how many events, their sum and the highest."""
    rows = session.rows(
        "select source, count(*), sum(number), max(number) from usage_event"
        " where merchant_id = %s and problem = '' group by source",
        session.merchant_id,
    )
    return {source: (events, added, highest) for source, events, added, highest in rows}


def keep_truth(session: Session, truth: Sequence[tuple[str, str | None, int, str | None]]) -> None:
    """Keep what payments really are for, once."""
    columns: list[list[object]] = [list(column) for column in zip(*truth, strict=True)]
    session.execute(
        "insert into demo_truth (merchant_id, entry_key, reference, amount_minor, flaw)"
        " select %s, * from unnest(%s::text[], %s::text[], %s::bigint[], %s::text[])"
        " on conflict do nothing",
        *(session.merchant_id, *columns),
    )


def compare_with_truth(session: Session) -> Comparison:
    """Hold the matching against the truth: wrong is a payment for another invoice or customer."""
    row = session.row(
        "select count(*), count(m.id), count(*) filter (where m.id is not null"
        "   and (o.customer_id is distinct from m.customer_id"
        "    or n.reference <> d.reference)),"
        "  count(*) filter (where t.state = 'unmatched')"
        " from demo_truth d"
        " left join invoice o on o.merchant_id = d.merchant_id and o.reference = d.reference"
        " left join bank_transaction t on t.merchant_id = d.merchant_id"
        "  and t.entry_key = d.entry_key"
        " left join payment m on m.merchant_id = t.merchant_id and m.bank_transaction_id = t.id"
        " left join allocation a on a.merchant_id = m.merchant_id and a.payment_id = m.id"
        " left join invoice n on n.merchant_id = a.merchant_id and n.id = a.invoice_id"
        " where d.merchant_id = %s",
        session.merchant_id,
    )
    sums = session.row(
        "select coalesce(sum(n.total_minor - coalesce(s.settled_minor, 0)), 0)"
        "::bigint, coalesce(sum(s.paid_minor), 0)::bigint"
        " from invoice n left join settlement s"
        "  on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        " where n.merchant_id = %s and n.kind = 'invoice'",
        session.merchant_id,
    )
    return Comparison(*(row or (0,) * 4), *(sums or (0, 0)))
