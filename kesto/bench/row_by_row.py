"""The naive baseline of a billing run: a job for each subscriber, row by row.

Each job is a transaction of its own: it reads one group, prices it by the same pure core, and
writes each row by an INSERT, as one does who has not thought about a billing day.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

import psycopg
from msgspec import Struct, structs
from psycopg.conninfo import make_conninfo

from kesto.bench import crew
from kesto.bench.crew import Worked
from kesto.bench.ground import Ground
from kesto.bench.subscribers import NOW, THROUGH
from kesto.core import ledger
from kesto.core.billing import BillingEntity, BillingGroup, bill_account
from kesto.core.calendar import local_date
from kesto.core.invoice import Document, Invoice, explanation_document, seal
from kesto.core.invoicing import Draft, due_date
from kesto.core.references import finnish
from kesto.countries.raters import rater_of
from kesto.store import billing, merchants
from kesto.store.catalogue import PriceList
from kesto.store.ids import new_id
from kesto.store.invoice_writer import shown_number, take_numbers, take_references
from kesto.store.session import Session

JOBS = 1_500


class Share(Struct, frozen=True):
    """The jobs of one process."""

    login: str
    merchant_id: UUID
    groups: list[UUID]


def work_off(ground: Ground, database: str, merchant_id: UUID) -> Worked:
    """Bill the first 1,500 groups, a job each."""
    login = make_conninfo(ground.superuser, dbname=database)
    with psycopg.connect(login) as connection:
        rows = connection.execute("select id from billing_group order by id limit %s", [JOBS])
        groups = [group_id for (group_id,) in rows]
    shares = [Share(login, merchant_id, groups[n :: crew.PROCESSES]) for n in range(crew.PROCESSES)]
    return crew.work(partial(ground.boot, database), _jobs, lambda: shares)


def work_jobs(connection: psycopg.Connection, merchant_id: UUID, groups: Sequence[UUID]) -> None:
    """Bill groups, each in a transaction."""
    session = Session(merchant_id, connection)
    for group_id in groups:
        with connection.transaction():
            _job(session, group_id)


def _jobs(share: Share) -> None:
    with psycopg.connect(share.login, autocommit=True) as connection:
        work_jobs(connection, share.merchant_id, share.groups)


def _job(session: Session, group_id: UUID) -> None:
    (account,) = billing.lock_accounts(session, group_id, group_id, THROUGH, PriceList())
    (entity,) = merchants.billing_entities(session)
    rater = rater_of(entity.country)
    outcome = bill_account(account, rater, THROUGH, 10**9)
    if outcome.draft is None:
        raise LookupError(f"group {group_id} owes nothing: it was billed before")
    document = _document(session, entity, account.group, outcome.draft)
    for table, row in _rows(document):
        _insert(session, table, row)
    # An entry's postings come in one statement, or the database finds it out of balance.
    _insert(session, "posting", *_postings(document))
    billing.move_cursors(session, [outcome.cursor], 0)
    invoice = document.invoice
    series = (invoice.billing_entity_id, invoice.kind, invoice.invoice_on.year)
    taken = take_numbers(session, *series, 1, NOW)
    number = shown_number(taken.prefix, taken.first)
    sha256 = seal(number, invoice, document.lines, document.taxes)
    own = {"series_id": taken.series_id, "number": taken.first, "invoice_id": invoice.id}
    _insert(session, "issued", {**own, "issued_at": taken.issued_at, "sha256": sha256})


def _document(
    session: Session, entity: BillingEntity, group: BillingGroup, made: Draft
) -> Document:
    (base,) = take_references(session, 1)
    today, totals = local_date(NOW, entity.zone), made.totals
    invoice = Invoice(
        id=new_id(),
        kind="invoice",
        billing_entity_id=entity.id,
        billing_group_id=group.id,
        customer_id=group.payer_id,
        currency=group.currency,
        includes_tax=group.includes_tax,
        invoice_on=today,
        due_on=due_date(today, group.due_days),
        net_minor=totals.net_minor,
        tax_minor=totals.tax_minor,
        total_minor=totals.total_minor,
        reference=finnish(base),
        seller_sha256=entity.snapshot_sha256,
        buyer_sha256=group.buyer_sha256,
        through=THROUGH,
        history_seq=group.history_seq,
        credits_invoice_id=None,
        reason="",
        created_at=NOW,
    )
    postings = ledger.invoice(totals.revenue, totals.tax_minor, group.currency)
    return Document(invoice, made.lines, totals.taxes, postings)


def _rows(document: Document) -> Sequence[tuple[str, Mapping[str, object]]]:
    invoice = document.invoice
    own = {"invoice_id": invoice.id}
    rows: list[tuple[str, Mapping[str, object]]] = [("invoice", structs.asdict(invoice))]
    for number, line in enumerate(document.lines, 1):
        rated = structs.asdict(line.rated)
        del rated["explanation"], rated["revenue_account"]
        row = {**own, "item_id": line.item_id, **rated}
        rows.append(("invoice_line", {**row, "line_no": number}))
        for name in ("product_id", "quantity", "tax_category", "tax_rate_percent"):
            del row[name]
        rows.append(("claim", row))
    for group in document.taxes:
        tax = {"tax_category": group.category, "tax_rate_percent": group.rate_percent}
        amounts = {"net_minor": group.net_minor, "tax_minor": group.tax_minor}
        rows.append(("invoice_tax", {**own, **tax, **amounts}))
    explanation = explanation_document(document.lines).decode()
    rows.append(("explanation", {**own, "document": explanation}))
    entry = {name: getattr(invoice, name) for name in ("id", "billing_entity_id", "customer_id")}
    booked = {"kind": invoice.kind, "booked_on": invoice.invoice_on, "created_at": NOW}
    rows.append(("journal_entry", {**entry, **booked}))
    outbox = {"topic": "invoice.issued", "subject_id": invoice.id, "created_at": NOW}
    return [*rows, ("outbox", outbox)]


def _postings(document: Document) -> list[Mapping[str, object]]:
    return [
        {"entry_id": document.invoice.id, "line_no": number, **structs.asdict(posting)}
        for number, posting in enumerate(document.postings, 1)
    ]


def _insert(session: Session, table: str, *rows: Mapping[str, object]) -> None:
    values = f"({', '.join(['%s'] * (1 + len(rows[0])))})"
    session.execute(
        f"insert into {table} (merchant_id, {', '.join(rows[0])})"  # noqa: S608 - our own names
        f" values {', '.join([values] * len(rows))}",
        *[value for row in rows for value in (session.merchant_id, *row.values())],
    )
