"""Invoices into the database: encoded once, brought in by COPY, numbered last."""

import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, get_type_hints
from uuid import UUID

from kesto.core.invoice import (
    CREDIT_NOTE,
    INVOICE,
    Document,
    Invoice,
    explained,
    hashed,
    rated_hash,
    sealed,
)
from kesto.core.ledger import Posting
from kesto.core.line import Rated
from kesto.core.remembered import Remembered
from kesto.store import copying
from kesto.store.copying import ID, NULL, Id, Known, Medium, Small, Word
from kesto.store.ids import new_id
from kesto.store.session import Session, crash_point

# What many rows share stands in front and is encoded once; an invoice's own follows.
_INVOICE = copying.fixed_last(get_type_hints(Invoice) | {"kind": Word, "currency": Word})
_RATED: dict[str, object] = {
    "price_id": Known,
    "product_id": UUID,
    "kind": Word,
    "period_start": date,
    "period_end": date,
    "part": Small,
    "revision": Small,
    "quantity": Decimal,
    "amount_minor": int,
    "tax_category": Word,
    "tax_rate_percent": Decimal,
}
_CLAIMED: dict[str, object] = {
    "price_id": UUID,
    "kind": Word,
    "period_start": date,
    "part": Small,
    "revision": Small,
    "period_end": date,
    "amount_minor": int,
}

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "invoice": ("merchant_id", *_INVOICE),
    "invoice_line": ("merchant_id", *_RATED, "line_no", "item_id", "invoice_id"),
    "invoice_tax": (
        "merchant_id",
        "tax_category",
        "tax_rate_percent",
        "invoice_id",
        "net_minor",
        "tax_minor",
    ),
    "explanation": ("merchant_id", "invoice_id", "document"),
    "claim": ("merchant_id", *_CLAIMED, "item_id", "invoice_id"),
    "journal_entry": (
        "merchant_id",
        "kind",
        "created_at",
        "id",
        "billing_entity_id",
        "customer_id",
        "booked_on",
    ),
    "posting": ("merchant_id", "account", "currency", "line_no", "entry_id", "amount_minor"),
    "outbox": ("merchant_id", "topic", "created_at", "subject_id"),
    "issued": ("merchant_id", "series_id", "issued_at", "number", "invoice_id", "sha256"),
}

_invoice = copying.encoder(_INVOICE)
_rated = copying.encoder(_RATED)
_claimed = copying.encoder(_CLAIMED)
_line_no = Remembered(copying.packer(Medium))
_posting_no = copying.packer(Small)
_amount = struct.Struct("!iq").pack
_tax = copying.packer(Word, Decimal, Id, int, int)
_entry = copying.packer(Id, UUID, UUID, date)
_issued = copying.packer(int, Id, bytes)


class _Shown(NamedTuple):
    """What many invoices share of a line: how its row and its claim's begin, hash, explanation."""

    line: bytes
    claim: bytes
    sha256: bytes
    explanation: bytes


@lru_cache(maxsize=8)
def _begun(line: bytes, claim: bytes) -> Remembered[Rated, _Shown]:
    """A merchant's lines as they are shown, by what was computed for them."""

    def shown(rated: Rated) -> _Shown:
        own = rated_hash(rated)
        return _Shown(line + _rated(rated), claim + _claimed(rated), own, rated.explanation)

    return Remembered(shown)


class Writer:
    """Encodes documents table by table and brings them in, in the order of the foreign keys.

    A price that was computed once is encoded once, however many lines show it. A table's rows are
    kept as the pieces they are made of, and put together when they are sent.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.invoices = 0
        self.total_minor = 0
        self.made: list[Invoice] = []
        merchant = copying.uuid_field(session.merchant_id)
        self._heads = {
            table: copying.row(len(columns)) + merchant for table, columns in COLUMNS.items()
        }
        self._rows: dict[str, list[bytes]] = {table: [] for table in COLUMNS}
        self._rated = _begun(self._heads["invoice_line"], self._heads["claim"])
        self._postings: dict[tuple[str, str, int], bytes] = {}
        self._issuing: dict[tuple[str, datetime], tuple[bytes, bytes]] = {}
        self._series: dict[tuple[int, str, int], list[tuple[bytes, bytes]]] = {}

    def add(self, document: Document) -> None:
        """Take in one document; nothing is written before `write`."""
        invoice, heads, rows = document.invoice, self._heads, self._rows
        own, kind = invoice.id.int.to_bytes(16), invoice.kind
        if kind == INVOICE:
            self.invoices += 1
            self.total_minor += invoice.total_minor
        self.made.append(invoice)
        rows["invoice"] += (heads["invoice"], _invoice(invoice))
        content = self._add_lines(document, own)
        for group in document.taxes:
            tax = _tax(group.category, group.rate_percent, own, group.net_minor, group.tax_minor)
            rows["invoice_tax"] += (heads["invoice_tax"], tax)
        entry, outbox = self._begun_with(kind, invoice.created_at)
        whose = _entry(own, invoice.billing_entity_id, invoice.customer_id, invoice.invoice_on)
        rows["journal_entry"] += (entry, whose)
        rows["outbox"] += (outbox, ID + own)
        self._add_postings(document.postings, ID + own)
        series = (invoice.billing_entity_id.int, kind, invoice.invoice_on.year)
        self._series.setdefault(series, []).append((own, content))

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
        for (entity, kind, year), contents in self._series.items():
            seller = UUID(int=entity)
            taken = take_numbers(self.session, seller, kind, year, len(contents), now)
            instant = copying.instant_field(taken.issued_at)
            head = self._heads["issued"] + copying.uuid_field(taken.series_id) + instant
            for number, (own, content) in enumerate(contents, taken.first):
                sha256 = sealed(shown_number(taken.prefix, number), content)
                rows += (head, _issued(number, own, sha256))
        if rows:
            self.session.copy("issued", COLUMNS["issued"], copying.file(rows))
        crash_point("bill.after_numbers")

    def _add_lines(self, document: Document, own: bytes) -> bytes:
        """Take in lines, claims and the explanation; answers the hash of the document's content."""
        is_claiming = document.invoice.kind == INVOICE
        invoice = ID + own
        lines, claims, rated = self._rows["invoice_line"], self._rows["claim"], self._rated
        items: list[UUID] = []
        hashes: list[bytes] = []
        entries: list[bytes] = []
        numbers = document.line_numbers or range(1, len(document.lines) + 1)
        for number, line in zip(numbers, document.lines, strict=True):
            item = line.item_id
            shown, claimed, sha256, explanation = rated[line.rated]
            items.append(item)
            hashes.append(sha256)
            entries.append(explanation)
            if not item.int:  # no item
                lines += (shown, _line_no[number], NULL, invoice)
                continue
            of_item = ID + item.int.to_bytes(16) + invoice
            lines += (shown, _line_no[number], of_item)
            if is_claiming:
                claims += (claimed, of_item)
        for line in document.claims:
            claims += (rated[line.rated].claim, ID, line.item_id.int.to_bytes(16), invoice)
        document_field = copying.bytes_field(explained(entries))
        self._rows["explanation"] += (self._heads["explanation"], invoice, document_field)
        return hashed(document.invoice, document.taxes, items, hashes)

    def _begun_with(self, kind: str, created_at: datetime) -> tuple[bytes, bytes]:
        """How the rows of journal and outbox begin: the same for all that is issued together."""
        begun = self._issuing.get((kind, created_at))
        if begun is None:
            instant = copying.instant_field(created_at)
            begun = self._issuing[kind, created_at] = (
                self._heads["journal_entry"] + copying.word_field(kind) + instant,
                self._heads["outbox"] + copying.word_field(f"{kind}.issued") + instant,
            )
        return begun

    def _add_postings(self, postings: Sequence[Posting], entry: bytes) -> None:
        """Take in an entry's postings; how a row begins is the same for many invoices."""
        rows, begun = self._rows["posting"], self._postings
        for number, posting in enumerate(postings, 1):
            key = (posting.account, posting.currency, number)
            begin = begun.get(key)
            if begin is None:
                account, currency = map(copying.word_field, key[:2])
                begin = self._heads["posting"] + account + currency + _posting_no(number)
                begun[key] = begin
            rows += (begin, entry, _amount(8, posting.amount_minor))


class NumberRange(NamedTuple):
    """Numbers taken from a series, and the moment of their issue."""

    series_id: UUID
    prefix: str
    first: int
    issued_at: datetime


def take_numbers(
    session: Session, billing_entity_id: UUID, kind: str, year: int, count: int, now: datetime
) -> NumberRange:
    """Take a range of numbers from a series' counter.

    The counter's row stays locked until the transaction ends, so that no number is ever lost.
    Moments rise with the numbers, also when a worker's clock is behind another's.
    """
    taken = _take(session, (billing_entity_id, kind, year), count, now)
    if taken is None:  # the first of the series
        session.execute(
            "insert into number_series (merchant_id, id, billing_entity_id, kind, year, prefix,"
            " next_number) values (%s, %s, %s, %s, %s, %s, 1) on conflict do nothing",
            *(session.merchant_id, new_id(), billing_entity_id, kind, year),
            f"{year}-" if kind == INVOICE else f"{'C' if kind == CREDIT_NOTE else kind}{year}-",
        )
        taken = _take(session, (billing_entity_id, kind, year), count, now)
    if taken is None:
        raise LookupError("the number series vanished while it was locked")
    return NumberRange(*taken)


def _take(
    session: Session, series: tuple[UUID, str, int], count: int, now: datetime
) -> tuple[UUID, str, int, datetime] | None:
    row = session.row(
        "update number_series set next_number = next_number + %s,"
        " last_issued_at = greatest(last_issued_at, %s)"
        " where merchant_id = %s and billing_entity_id = %s and kind = %s and year = %s"
        " returning id, prefix, next_number - %s, last_issued_at",
        *(count, now, session.merchant_id, *series, count),
    )
    return (row[0], row[1], row[2], row[3]) if row else None


def shown_number(prefix: str, number: int) -> str:
    """A number as it stands on the invoice: `2026-000123`."""
    return f"{prefix}{number:06}"


def take_references(session: Session, count: int) -> list[int]:
    """Fresh bases for bank references, unique for all time; gaps are allowed here."""
    row = session.row(
        "select array_agg(nextval('bank_reference_seq')) from generate_series(1, %s)", count
    )
    return (row[0] or []) if row else []
