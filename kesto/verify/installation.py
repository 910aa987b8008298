"""Invariants of the whole installation: the guards stand, and no row is another merchant's."""

from collections.abc import Iterator
from uuid import UUID

from kesto.store import proof
from kesto.store.session import Session
from kesto.verify.finding import Finding, Invariant

PLACED = ("customer", "subscription", "subscription_item", "meter", "price", "billing_entity")
"""Tables whose changes are noted for what remembers where usage belongs."""

GUARDS = (
    *(("add_on", "frozen"), ("allocation", "frozen"), ("archived_document", "frozen")),
    *(("audit", "frozen"), ("bank_file", "frozen"), ("claim", "frozen"), ("claim", "apart")),
    *(("explanation", "frozen"), ("invoice", "frozen"), ("invoice_line", "frozen")),
    *(("invoice_tax", "frozen"), ("issued", "frozen"), ("journal_entry", "frozen")),
    *(("journal_entry", "month_is_open"), ("plan_version", "frozen"), ("posting", "frozen")),
    *(
        ("invoice_line", "of_an_invoice"),
        ("posting", "balanced"),
        ("price", "frozen"),
        ("snapshot", "frozen"),
    ),
    *(("delivery_address", "frozen"), ("delivery_event", "frozen")),
    *(("notice", "frozen"), ("subscription_event", "frozen")),
    *(("event_key", "frozen"), ("usage_event", "frozen")),
    ("credit_taken", "frozen"),
    *(("price_series", "frozen"), ("price_value", "frozen")),
    *(("wallet_use", "frozen"), ("write_off", "frozen"), ("recovery", "frozen")),
    *(
        (table, f"placed_{when}")
        for table in PLACED
        for when in ("added", "changed", "before", "removed")
    ),
)
"""The triggers that stand guard, by table; a test compares them with the database."""

L3 = Invariant(
    "L3",
    "What is written once can't be changed, and postings can't be unbalanced: the triggers stand.",
    """
    select guarded as "table", guard as missing
    from unnest(%(tables)s::text[], %(guards)s::text[]) as t (guarded, guard)
    where not exists (select from pg_trigger where tgrelid = to_regclass('public.' || guarded)
        and tgname = guard and tgenabled in ('O', 'A'))
    """,
)
N1 = Invariant("N1", "No row refers to a row that its merchant has not got.")
N2 = Invariant(
    "N2",
    "Every table of the merchants is behind forced row-level security.",
    """
    select c.relname as "table"
    from pg_class c join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'public'
    where c.relkind in ('r', 'p') and c.relname <> 'entry'
        and (c.relname = 'merchant' or exists (select from pg_attribute a
            where a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped))
        and not (c.relrowsecurity and c.relforcerowsecurity
            and exists (select from pg_policy p where p.polrelid = c.oid))
    """,
)

INSTALLATION = (L3, N1, N2)


def check_installation(session: Session, only: UUID | None) -> Iterator[Finding]:
    """What is wrong across merchants; with a merchant given, of the rows only those it misses."""
    tables, guards = (list(names) for names in zip(*GUARDS, strict=True))
    for row in proof.evidence(session, L3.query, tables=tables, guards=guards):
        yield Finding(L3.id, L3.sentence, row)
    for row in proof.evidence(session, N2.query):
        yield Finding(N2.id, N2.sentence, row)
    rows = proof.rows_out_of_place(session, only)
    if only is None:
        rows += proof.rows_of_no_merchant(session)
    for row in rows:
        yield Finding(N1.id, N1.sentence, row)
