"""Invoices into the database: encoded once, brought in by COPY, numbered last."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kesto.core.invoice import CREDIT_NOTE, INVOICE, Document, Invoice, explanation_document, seal
from kesto.core.rating import Rated
from kesto.store import copying
from kesto.store.copying import Small
from kesto.store.ids import new_id
from kesto.store.session import Session, crash_point

_INVOICE = copying.Encoder(Invoice)
_RATED_TYPES: dict[str, object] = {
    "price_id": UUID,
    "product_id": UUID,
    "kind": str,
    "period_start": date,
    "period_end": date,
    "part": Small,
    "revision": Small,
    "quantity": Decimal,
    "amount_minor": int,
    "tax_category": str,
    "tax_rate_percent": Decimal,
}
_CLAIM_TYPES: dict[str, object] = {
    "price_id": UUID,
    "kind": str,
    "period_start": date,
    "part": Small,
    "revision": Small,
    "period_end": date,
    "amount_minor": int,
}
_rated = copying.compiled(_RATED_TYPES)
_claimed = copying.compiled(_CLAIM_TYPES)
_tax = copying.compiled(
    {"category": str, "rate_percent": Decimal, "net_minor": int, "tax_minor": int}
)
_posting = copying.compiled({"account": str, "amount_minor": int, "currency": str})
_entry = copying.compiled(
    {"id": UUID, "billing_entity_id": UUID, "kind": str, "customer_id": UUID}
)

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "invoice": ("merchant_id", *_INVOICE.columns),
    "invoice_line": ("merchant_id", "invoice_id", "line_no", "item_id", *_RATED_TYPES),
    "invoice_tax": (
        "merchant_id",
        "invoice_id",
        "tax_category",
        "tax_rate_percent",
        "net_minor",
        "tax_minor",
    ),
    "explanation": ("merchant_id", "invoice_id", "document"),
    "claim": ("merchant_id", "invoice_id", "item_id", *_CLAIM_TYPES),
    "journal_entry": (
        "merchant_id",
        "id",
        "billing_entity_id",
        "kind",
        "customer_id",
        "booked_on",
        "created_at",
    ),
    "posting": ("merchant_id", "entry_id", "line_no", "account", "amount_minor", "currency"),
    "outbox": ("merchant_id", "subject_id", "topic", "created_at"),
    "issued": ("merchant_id", "series_id", "number", "invoice_id", "issued_at", "sha256"),
}


class Writer:
    """Encodes documents table by table and brings them in, in the order of the foreign keys.

    A price that was computed once is encoded once, however many lines show it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        merchant = copying.uuid_field(session.merchant_id)
        self._heads = {
            table: copying.row(len(columns)) + merchant for table, columns in COLUMNS.items()
        }
        self._lines: dict[int, tuple[Rated, bytes, bytes]] = {}
        self._rows: dict[str, list[bytes]] = {table: [] for table in COLUMNS}
        self._documents: list[Document] = []

    def add(self, document: Document) -> None:
        """Take in one document; nothing is written before `write`."""
        invoice, rows = document.invoice, self._rows
        heads = self._heads
        own = copying.uuid_field(invoice.id)
        created = copying.instant_field(invoice.created_at)
        self._documents.append(document)
        rows["invoice"].append(heads["invoice"] + _INVOICE.encode(invoice))
        line_head, claim_head = heads["invoice_line"] + own, heads["claim"] + own
        claims, lines = rows["claim"], rows["invoice_line"]
        is_claiming = invoice.kind == INVOICE
        for number, line in enumerate(document.lines, 1):
            shown, claimed = self._encoded(line.rated)
            item = copying.uuid_field(line.item_id)
            lines.append(line_head + copying.int_field(number) + item + shown)
            if is_claiming:
                claims.append(claim_head + item + claimed)
        tax_head = heads["invoice_tax"] + own
        rows["invoice_tax"].extend([tax_head + _tax(group) for group in document.taxes])
        explanation = copying.bytes_field(explanation_document(document.lines))
        rows["explanation"].append(heads["explanation"] + own + explanation)
        booking = copying.date_field(invoice.invoice_on) + created
        rows["journal_entry"].append(
            heads["journal_entry"]
            + own
            + copying.uuid_field(invoice.billing_entity_id)
            + copying.text_field(invoice.kind)
            + copying.uuid_field(invoice.customer_id)
            + booking
        )
        posting_head = heads["posting"] + own
        rows["posting"].extend(
            [
                posting_head + copying.smallint_field(number) + _posting(posting)
                for number, posting in enumerate(document.postings, 1)
            ]
        )
        topic = copying.text_field(f"{invoice.kind}.issued")
        rows["outbox"].append(heads["outbox"] + own + topic + created)

    def write(self) -> None:
        """Bring everything in but the numbers."""
        crash_point("bill.before_copy")
        for table, columns in COLUMNS.items():
            if table != "issued" and self._rows[table]:
                self.session.copy(table, columns, copying.file(self._rows[table]))
                crash_point("bill.between_tables")

    def number(self, now: datetime) -> None:
        """Take the numbers, the last thing but the commit: the counters are held for a moment."""
        crash_point("bill.before_numbers")
        rows = self._rows["issued"]
        head = self._heads["issued"]
        instant = copying.instant_field(now)
        for series_key, documents in self._by_series().items():
            series_id, prefix, first = take_numbers(self.session, *series_key, len(documents))
            series = head + copying.uuid_field(series_id)
            for number, document in enumerate(documents, first):
                invoice = document.invoice
                sha256 = seal(
                    shown_number(prefix, number), invoice, document.lines, document.taxes
                )
                rows.append(
                    series
                    + copying.bigint_field(number)
                    + copying.uuid_field(invoice.id)
                    + instant
                    + copying.bytes_field(sha256)
                )
        if rows:
            self.session.copy("issued", COLUMNS["issued"], copying.file(rows))
        crash_point("bill.after_numbers")

    def _by_series(self) -> dict[tuple[UUID, str, int], list[Document]]:
        series: dict[tuple[UUID, str, int], list[Document]] = {}
        for document in self._documents:
            invoice = document.invoice
            key = (invoice.billing_entity_id, invoice.kind, invoice.invoice_on.year)
            series.setdefault(key, []).append(document)
        return series

    def _encoded(self, rated: Rated) -> tuple[bytes, bytes]:
        found = self._lines.get(id(rated))
        if found is None:
            # The value is kept with its bytes, so that its identity stays its own.
            found = self._lines[id(rated)] = (rated, _rated(rated), _claimed(rated))
        return found[1], found[2]


def take_numbers(
    session: Session, billing_entity_id: UUID, kind: str, year: int, count: int
) -> tuple[UUID, str, int]:
    """Take a range of numbers from a series' counter: its id, its prefix, the first number.

    The counter's row stays locked until the transaction ends, so that no number is ever lost.
    """
    session.execute(
        "insert into number_series (merchant_id, id, billing_entity_id, kind, year, prefix,"
        " next_number) values (%s, %s, %s, %s, %s, %s, 1) on conflict do nothing",
        *(session.merchant_id, new_id(), billing_entity_id, kind, year),
        f"{year}-" if kind == INVOICE else f"{'C' if kind == CREDIT_NOTE else kind}{year}-",
    )
    taken = session.row(
        "update number_series set next_number = next_number + %s where merchant_id = %s"
        " and billing_entity_id = %s and kind = %s and year = %s"
        " returning id, prefix, next_number - %s",
        *(count, session.merchant_id, billing_entity_id, kind, year, count),
    )
    if taken is None:
        raise LookupError("the number series vanished while it was locked")
    series_id, prefix, first = taken
    return series_id, prefix, first


def shown_number(prefix: str, number: int) -> str:
    """A number as it stands on the invoice: `2026-000123`."""
    return f"{prefix}{number:06}"


def take_references(session: Session, count: int) -> list[int]:
    """Fresh bases for bank references, unique for all time; gaps are allowed here."""
    rows = session.rows(
        "select nextval('bank_reference_seq') from generate_series(1, %s)", count
    )
    return [base for (base,) in rows]

