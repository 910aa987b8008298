"""What the proof reads: evidence, rows out of place, and billing groups with all they came from."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from kesto.core.billing import BillingGroup
from kesto.core.ledger import Posting
from kesto.core.line import Key
from kesto.core.wallets import Used
from kesto.store import billing, invoices
from kesto.store.billed import TakenBack
from kesto.store.credit_taken import of_invoices
from kesto.store.invoices import Stored
from kesto.store.references import ITS_OWN, REFERENCES, SUBJECTS
from kesto.store.session import Session

MOST_ROWS = 1_000  # of evidence for one invariant: whoever breaks more has seen enough
AUDIT_ROWS = 5_000
EVENT = ("seq", "subscription_id", "kind", "effective_on", "data::text")
SUBSCRIPTION = (
    *("id", "external_id", "payer_id", "zone", "alignment", "billing_day", "anchor"),
    *("start_on", "end_on", "billing_group_id"),
)
ITEM = (
    *("id", "subscription_id", "plan_version_id", "add_on_id", "quantity"),
    *("start_on", "end_on", "billed_from", "billing_group_id", "phase"),
    *("course::text", "extra::text", "rhythm::text"),
)
TERM = ("subscription_id", "start_on", "minimum_months", "minimum_until", "notice_days")
DISCOUNT = (
    *("id", "subscription_id", "number", "code", "coupon_id", "start_on", "until_on", "scope"),
    "document::text",
)


class Written(Struct, frozen=True):
    """An invoice or credit note, with what was written beside it.

    `credited_minor` is what a credit note took off what was still open; `claims` are what a run
    took back with it. `credit` came off an invoice before tax; what each use left of its grant and
    what it took together are the grant's `left_minor`.
    """

    stored: Stored
    explanations: str
    postings: tuple[Posting, ...]
    credited_minor: int
    claims: tuple[TakenBack, ...] = ()
    credit: tuple[Used, ...] = ()


class Case(Struct, frozen=True):
    """A billing group with all that it came from and all that came from it, as rows.

    `events` are the oldest first: number, subscription, kind, day, document. `subscriptions`,
    `items`, `terms` and `discounts` have the columns of SUBSCRIPTION, ITEM, TERM and DISCOUNT;
    they are of every subscription that has, or had, an item in the group.
    """

    group: BillingGroup
    payer: str
    events: Sequence[tuple[Any, ...]]
    subscriptions: Sequence[tuple[Any, ...]]
    items: Sequence[tuple[Any, ...]]
    terms: Sequence[tuple[Any, ...]]
    discounts: Sequence[tuple[Any, ...]]
    documents: Sequence[Written]


def plan_for_many(session: Session) -> None:
    """Keep plans for a handful of rows away: they take minutes where there are many.

    Rows that came in a moment ago have no statistics, and by the merchant alone all are alike: a
    merge join would compare each with each.
    """
    session.execute("set local enable_mergejoin = off")


def evidence(session: Session, query: str, **names: object) -> list[dict[str, object]]:
    """The first rows of a query, as plain values; `%(merchant)s` in it is the merchant."""
    cursor = psycopg.Cursor(session.connection)
    cursor.execute("set local enable_nestloop = off")
    whole = f"select to_jsonb(found)::text from ({query}) as found limit {MOST_ROWS}"
    cursor.execute(whole.encode(), {"merchant": session.merchant_id, **names}, binary=True)
    rows = cursor.fetchall()
    cursor.execute("set local enable_nestloop = on")
    return [msgspec.json.decode(text, type=dict[str, object]) for (text,) in rows]


def rows_out_of_place(session: Session, only: UUID | None) -> list[dict[str, object]]:
    """Rows that refer to what their merchant hasn't got, of a merchant (None: of all).

    A row that was given to another merchant is one of these, on whichever side it is missed.
    """
    found = []
    wanted = [(*one, _unless_its_own(*one[:2])) for one in REFERENCES] + [
        (table, "subject_id", parent, f"and child.{said_by} = '{kind}'")
        for table, said_by, kind, parent in SUBJECTS
    ]
    for table, column, parent, condition in wanted:
        key = "sha256" if parent == "snapshot" else "id"
        owners = f"array(select t.merchant_id from {parent} t where t.id = astray.refers_to)"
        if parent == "snapshot":
            # Several merchants may have equal ones: whose it is can't be told.
            owners = "array[]::uuid[]"
        query = f"""
            with astray as materialized (
                select distinct child.merchant_id as merchant, child.{column} as refers_to
                from {table} child where child.{column} is not null {condition}
                and not exists (
                    select from {parent} parent where parent.merchant_id = child.merchant_id
                        and parent.{key} = child.{column}))
            select * from (
                select '{table}' as "table", '{column}' as column, *, {owners} as belongs_to
                from astray) t
            where %(only)s::uuid is null or merchant = %(only)s or %(only)s = any (belongs_to)"""
        found += evidence(session, query, only=only)
    return found


def _unless_its_own(table: str, column: str) -> str:
    other = ITS_OWN.get((table, column))
    return f"and child.{column} is distinct from child.{other}" if other else ""


def rows_of_no_merchant(session: Session) -> list[dict[str, object]]:
    """Rows whose merchant isn't there, one per table and merchant."""
    tables = session.rows(
        "select table_name::text from information_schema.columns where table_schema = 'public'"
        " and column_name = 'merchant_id' order by table_name"
    )
    found = []
    for (table,) in tables:
        query = f"""
            select '{table}' as "table", 'merchant_id' as column, merchant_id as merchant
            from (select distinct merchant_id from {table}) t
            where not exists (select from merchant where merchant.id = t.merchant_id)"""
        found += evidence(session, query)
    return found


def group_ids(session: Session) -> list[UUID]:
    """All billing groups of the merchant in the order of their ids."""
    rows = session.rows(
        "select id from billing_group where merchant_id = %s order by id", session.merchant_id
    )
    return [group_id for (group_id,) in rows]


def cases(session: Session, groups: Sequence[UUID]) -> list[Case]:
    """Billing groups with everything needed to compute them anew, read set by set."""
    wanted = list(groups)
    here = (
        "(select billing_group_id as group_id, id as subscription_id from subscription"
        "  where merchant_id = %s and billing_group_id = any(%s)"
        " union select billing_group_id, subscription_id from subscription_item"
        "  where merchant_id = %s and billing_group_id = any(%s)) h"
    )

    def parts(
        columns: Sequence[str], table: str, order: str, own: str = "subscription_id"
    ) -> dict[UUID, list[tuple[Any, ...]]]:
        names = ", ".join(f"t.{column}" for column in columns)
        rows = session.rows(
            f"select h.group_id, {names} from {here}"
            f" join {table} t on t.merchant_id = %s and t.{own} = h.subscription_id"
            f" order by {order}",
            *(session.merchant_id, wanted, session.merchant_id, wanted, session.merchant_id),
        )
        return _by_group(rows)

    subscriptions = parts(SUBSCRIPTION, "subscription", "t.id", "id")
    events = parts(EVENT, "subscription_event", "t.seq")
    items = parts(ITEM, "subscription_item", "t.id")
    terms = parts(TERM, "contract_term", "t.start_on, t.id")
    discounts = parts(DISCOUNT, "discount", "t.id")
    documents = _documents(session, wanted)
    rows = session.rows(
        f"select {billing.GROUP}, coalesce(c.external_id, '') from billing_group g"
        " left join customer c on c.merchant_id = g.merchant_id and c.id = g.payer_id"
        " where g.merchant_id = %s and g.id = any(%s) order by g.id",
        *(session.merchant_id, wanted),
    )
    return [
        Case(
            group=BillingGroup(*row[:-1]),
            payer=row[-1],
            events=events.get(row[0], ()),
            subscriptions=subscriptions.get(row[0], ()),
            items=items.get(row[0], ()),
            terms=terms.get(row[0], ()),
            discounts=discounts.get(row[0], ()),
            documents=documents.get(row[0], ()),
        )
        for row in rows
    ]


def audit_entries(session: Session) -> Iterator[tuple[Any, ...]]:
    """The merchant's audit chain from its beginning: number, time, actor, action, data, hash."""
    last = -1
    while True:
        rows = session.rows(
            "select seq, recorded_at, actor, action, data, sha256 from audit"
            " where merchant_id = %s and seq > %s order by seq limit %s",
            *(session.merchant_id, last, AUDIT_ROWS),
        )
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def audit_head(session: Session) -> tuple[int, bytes] | None:
    """The end of the merchant's audit chain as it is kept."""
    row = session.row(
        "select seq, sha256 from audit_head where merchant_id = %s", session.merchant_id
    )
    return (row[0], row[1]) if row else None


def _documents(session: Session, groups: Sequence[UUID]) -> dict[UUID, list[Written]]:
    rows = session.rows(
        "select n.id, e.document::text, s.credited_minor from invoice n"
        " left join explanation e on e.merchant_id = n.merchant_id and e.invoice_id = n.id"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        " where n.merchant_id = %s and n.billing_group_id = any(%s)",
        *(session.merchant_id, groups),
    )
    beside = {row[0]: (row[1] or "", row[2] or 0) for row in rows}
    ids = list(beside)
    postings = _postings(session, ids)
    claims = _claims_of_notes(session, ids)
    credit = of_invoices(session, ids)
    found: dict[UUID, list[Written]] = {}
    for stored in invoices.load(session, ids):
        own = stored.invoice.id
        explanations, credited_minor = beside[own]
        written = Written(
            stored,
            explanations,
            tuple(postings.get(own, ())),
            credited_minor,
            tuple(claims.get(own, ())),
            tuple(credit.get(own, ())),
        )
        found.setdefault(stored.invoice.billing_group_id, []).append(written)
    return found


def _postings(session: Session, entries: Sequence[UUID]) -> dict[UUID, list[Posting]]:
    found: dict[UUID, list[Posting]] = {}
    for entry_id, account, amount_minor, currency in session.rows(
        "select entry_id, account, amount_minor, currency from posting"
        " where merchant_id = %s and entry_id = any(%s) order by entry_id, line_no",
        *(session.merchant_id, entries),
    ):
        found.setdefault(entry_id, []).append(Posting(account, amount_minor, currency))
    return found


def _claims_of_notes(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[TakenBack]]:
    found: dict[UUID, list[TakenBack]] = {}
    for invoice_id, *named, revision, amount_minor, period_end in session.rows(
        "select c.invoice_id, c.item_id, c.price_id, c.kind, c.period_start, c.part, c.revision,"
        "  c.amount_minor, c.period_end from claim c join invoice n"
        "   on n.merchant_id = c.merchant_id and n.id = c.invoice_id and n.kind = 'credit_note'"
        " where c.merchant_id = %s and c.invoice_id = any(%s) order by c.revision",
        *(session.merchant_id, ids),
    ):
        taken = TakenBack(Key(*named), revision, amount_minor, period_end)
        found.setdefault(invoice_id, []).append(taken)
    return found


def _by_group(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for group_id, *row in rows:
        found.setdefault(group_id, []).append(tuple(row))
    return found
