"""What must hold after any crash, asked of the tables directly: each row found is something broken.

The queries know nothing of the flows' code, and are themselves tried on flows that were made wrong
on purpose (crash_canary_test.py). `kesto verify` looks deeper; both must find nothing.
"""

from datetime import date
from uuid import UUID

from kesto.store.session import Session, reading
from kesto.verify import verify

KEY = "invoice_id, item_id, price_id, kind, period_start, period_end, part, revision, amount_minor"

# Row-level security keeps each query to the merchant that is looked at.
BROKEN = {
    "entry out of balance": (
        "select entry_id, currency, sum(amount_minor) from posting"
        " group by entry_id, currency having sum(amount_minor) <> 0"
    ),
    "ledger out of balance": (
        "select currency, sum(amount_minor) from posting"
        " group by currency having sum(amount_minor) <> 0"
    ),
    "money event not booked": (
        "select id from (select id from invoice"
        "  union all select id from payment"
        "  union all select id from wallet_use union all select id from write_off"
        "  union all select id from recovery"
        "  union all select id from bank_transaction where amount_minor > 0) event"
        " where id not in (select entry_id from posting)"
    ),
    "booking of nothing": (
        "select id from journal_entry where id not in (select entry_id from posting)"
        " or id not in (select id from invoice union all select id from payment"
        "  union all select id from wallet_use union all select id from write_off"
        "  union all select id from recovery union all select id from bank_transaction"
        "  union all select id from credit_grant union all select id from payout"
        "  union all select clearing_id from payout where clearing_id is not null)"
    ),
    "invoice half written": (
        "select id from invoice where id not in (select invoice_id from issued)"
        " or id not in (select invoice_id from explanation)"
        " or id not in (select subject_id from outbox"
        "  union all select subject_id from message where subject_id is not null)"
        " or (id, net_minor, tax_minor) not in (select invoice_id, sum(net_minor)::bigint,"
        "  sum(tax_minor)::bigint from invoice_tax group by invoice_id)"
        " or (id, case when includes_tax then total_minor else net_minor end) not in (select"
        "  invoice_id, sum(amount_minor)::bigint from invoice_line group by invoice_id)"
    ),
    "line without its claim": (
        f"select {KEY} from invoice_line where invoice_id in (select id from invoice"  # noqa: S608 - our own columns
        f"  where kind = 'invoice') and item_id is not null except select {KEY} from claim"
    ),
    "claim without its line": (
        f"select {KEY} from claim except select {KEY} from invoice_line"  # noqa: S608 - our own columns
    ),
    "number of nothing": (
        "select invoice_id from issued where invoice_id not in (select id from invoice)"
    ),
    "billed twice": (
        "select l.item_id, l.price_id, l.kind, l.period_start, l.part, count(*)"
        " from invoice_line l join invoice n on n.id = l.invoice_id and n.kind = 'invoice'"
        " where l.item_id is not null"
        " group by l.item_id, l.price_id, l.kind, l.period_start, l.part, l.revision"
        " having count(*) > 1"
    ),
    "numbers with a gap": (
        "select s.prefix, s.next_number, min(i.number), max(i.number), count(i.number)"
        " from number_series s left join issued i on i.series_id = s.id"
        " group by s.id, s.prefix, s.next_number"
        " having (coalesce(min(i.number), 1), coalesce(max(i.number), 0), count(i.number))"
        "  <> (1, s.next_number - 1, s.next_number - 1)"
    ),
    "chunk not whole": (
        "select c.chunk_no, c.is_done, c.groups, c.parked, c.invoices, made.invoices"
        " from billing_chunk c join billing_run r on r.id = c.run_id"
        " cross join lateral (select count(*) as invoices, coalesce(sum(total_minor), 0) as total"
        "  from invoice n where n.kind = 'invoice' and n.through = r.through"
        "  and n.billing_group_id between c.first_group_id and c.last_group_id) made"
        " where (c.invoices, c.total_minor) <> (made.invoices, made.total)"
        " or made.invoices <> case when c.is_done then c.groups - c.parked else 0 end"
    ),
    "cursor without its invoice": (
        "select id from billing_group g where billed_through is not null and not exists"
        " (select from invoice n where n.billing_group_id = g.id and n.through = g.billed_through)"
    ),
    "invoice without its cursor": (
        "select n.id from invoice n join billing_group g on g.id = n.billing_group_id"
        " where n.kind = 'invoice' and (g.billed_through is null or g.billed_through < n.through)"
    ),
    "group set aside": "select id, parked_reason from billing_group where parked_at is not null",
    "settlement that is not its payments": (
        "select s.invoice_id, s.paid_minor from settlement s where s.paid_minor <> (select"
        "  coalesce(sum(a.amount_minor), 0) from allocation a where a.invoice_id = s.invoice_id)"
        "  + (select coalesce(sum(u.amount_minor), 0) from wallet_use u"
        "  where u.invoice_id = s.invoice_id)"
        " union all select a.invoice_id, a.amount_minor from allocation a where not exists"
        "  (select from settlement s where s.invoice_id = a.invoice_id)"
    ),
    "payment that is not its parts": (
        "select p.id, p.allocated_minor from payment p where p.allocated_minor <> (select"
        "  coalesce(sum(a.amount_minor), 0) from allocation a where a.payment_id = p.id)"
    ),
    "matched without a payment": (
        "select t.id from bank_transaction t where (t.state = 'matched')"
        " <> exists (select from payment p where p.bank_transaction_id = t.id"
        "  union all select from payout o where o.bank_transaction_id = t.id)"
    ),
    "credited without a note": (
        "select n.id from invoice n join settlement s on s.invoice_id = n.id"
        " where n.kind = 'invoice' and (s.credited_minor > 0) and not exists"
        "  (select from invoice c where c.credits_invoice_id = n.id)"
    ),
    "subscription half begun": (
        "select id from subscription where id not in (select subscription_id from contract_term)"
        " or id not in (select subscription_id from subscription_item)"
        " or id not in (select e.subscription_id from subscription_event e"
        "  join subscription s on s.id = e.subscription_id"
        "  join billing_group g on g.id = s.billing_group_id and g.history_seq >= e.seq)"
        " union all select id from billing_group"
        "  where id not in (select billing_group_id from subscription)"
        "  or next_due_on is null and billed_through is null"
    ),
    "audit chain with a gap": (
        "select h.seq from audit_head h"
        " where h.seq <> (select count(*) from audit) or h.seq <> (select max(seq) from audit)"
    ),
}

COUNTED = (
    *("invoice", "invoice_line", "claim", "issued", "journal_entry", "posting", "outbox"),
    *("bank_file", "bank_transaction", "payment", "allocation", "settlement"),
    *("wallet", "credit_grant", "wallet_use", "credit_taken", "payout", "write_off", "recovery"),
    *("customer", "subscription", "subscription_event", "subscription_item", "billing_group"),
    *("usage_event", "event_key", "usage_late"),
)

QUEUES = {"outbox", "usage_late"}
"""Those of them that are emptied by whoever has done what stands in them."""


OF_A_VILLAGE = {"chunk not whole", "cursor without its invoice"}
"""Laws of where each group has an invoice in each run: elsewhere some have nothing to bill."""


def broken(merchant_id: UUID, *, is_village: bool = True) -> list[str]:
    """What the queries find, each with its first rows."""
    asked = {
        name: query for name, query in BROKEN.items() if is_village or name not in OF_A_VILLAGE
    }
    with reading(merchant_id) as session:
        session.execute("set local statement_timeout = '10min'")  # a soak leaves much to look at
        session.execute("set local work_mem = '256MB'")  # so much that what is sought is hashed
        found = {name: session.rows(query) for name, query in asked.items()}
    return [f"{name}: {len(rows)}, such as {rows[:3]}" for name, rows in found.items() if rows]


def unfinished(merchant_id: UUID, through: date) -> list[str]:
    """What a finished run has left undone."""
    with reading(merchant_id) as session:
        due = session.rows(
            "select id from billing_group where next_due_on <= %s and parked_at is null", through
        )
        open_runs = session.rows("select id from billing_run where finished_at is null")
    return [f"due and not billed: {len(due)}"] * bool(due) + ["run not closed"] * bool(open_runs)


def findings(merchant_id: UUID) -> list[str]:
    """What `kesto verify` finds."""
    return [str(finding) for finding in verify(merchant_id)]


def counts(merchant_id: UUID) -> dict[str, int]:
    """How many rows there are in each table that a repetition must not add to."""
    with reading(merchant_id) as session:
        counted = {table: _count(session, f"count(*) from {table}") for table in COUNTED}
        closed = _count(session, "count(closed_through) from merchant")
    return {**counted, "closed": closed}


def billed(merchant_id: UUID, through: date) -> list[tuple[object, ...]]:
    """What each customer was billed, line by line, without numbers and ids; in a fixed order."""
    with reading(merchant_id) as session:
        return session.rows(
            "select c.external_id, n.kind, n.through, n.net_minor, n.tax_minor, n.total_minor,"
            " p.code, l.period_start, l.period_end, l.quantity, l.amount_minor"
            " from invoice n"
            " join customer c on c.merchant_id = n.merchant_id and c.id = n.customer_id"
            " join invoice_line l on l.merchant_id = n.merchant_id and l.invoice_id = n.id"
            " join product p on p.merchant_id = l.merchant_id and p.id = l.product_id"
            " where n.merchant_id = %s and n.through <= %s"
            " order by c.external_id, n.through, n.kind, p.code, l.period_start",
            *(merchant_id, through),
        )


def chunks_done(merchant_id: UUID) -> int:
    """How many chunks of all runs are committed."""
    with reading(merchant_id) as session:
        return len(session.rows("select from billing_chunk where is_done"))


def _count(session: Session, counted: str) -> int:
    ((count,),) = session.rows(f"select {counted}")
    return int(count)
