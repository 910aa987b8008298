"""An invoice as it is kept: header, lines, VAT; its explanation document and its seal."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from kesto.core.ledger import Posting
from kesto.core.line import Explanation, Line, Rated
from kesto.core.tax import TaxGroup

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"


class Invoice(Struct, frozen=True, gc=False):
    """The header of an invoice or a credit note; dates are the billing entity's local days.

    `through`, `history_seq` and `usage_seen` say up to which day, to which event of its
    subscriptions' history and to which batch of usage it was made, so that it can be made again.
    """

    id: UUID
    kind: str
    billing_entity_id: UUID
    billing_group_id: UUID
    customer_id: UUID
    currency: str
    includes_tax: bool
    invoice_on: date
    due_on: date
    net_minor: int
    tax_minor: int
    total_minor: int
    reference: str
    seller_sha256: bytes
    buyer_sha256: bytes
    through: date
    history_seq: int
    credits_invoice_id: UUID | None
    reason: str
    created_at: datetime
    usage_seen: int = 0


class Document(Struct, frozen=True, gc=False):
    """An invoice with everything that is written together with it.

    A line of a credit note has the number of the line that it credits: `line_numbers`, where they
    are not simply 1, 2, 3. `claims` are what a credit note takes back of what was billed, by key,
    in amounts below zero; an invoice claims its lines.
    """

    invoice: Invoice
    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    postings: tuple[Posting, ...]
    line_numbers: tuple[int, ...] = ()
    claims: tuple[Line, ...] = ()


class Seller(Struct, frozen=True):
    """The billing entity as an invoice freezes it."""

    name: str
    business_id: str
    vat_id: str
    street: str
    postal_code: str
    city: str
    country: str
    email: str
    iban: str
    bic: str


class Buyer(Struct, frozen=True):
    """The payer as an invoice freezes it."""

    external_id: str
    kind: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str
    business_id: str
    vat_id: str
    buyer_reference: str
    order_number: str
    cost_centre: str


def frozen_bytes(party: Seller | Buyer) -> bytes:
    """A party's data in the one form that is hashed and kept."""
    return msgspec.json.encode(party)


def explanation_document(lines: Sequence[Line]) -> bytes:
    """One document per invoice: version 1, one entry per line in the order of the lines."""
    return explained([line.rated.explanation for line in lines])


def explained(entries: Sequence[bytes]) -> bytes:
    """The document of lines whose entries are at hand."""
    return b'{"version":1,"lines":[' + b",".join(entries) + b"]}"


def explanations(document: bytes | str) -> list[bytes]:
    """Take apart what `explanation_document` wrote: each line's entry, byte for byte."""
    return [bytes(raw) for raw in msgspec.json.decode(document, type=_Explanations).lines]


def read_explanation(entry: bytes) -> Explanation:
    """Read a line's entry."""
    return msgspec.json.decode(entry, type=Explanation)


def seal(number: str, invoice: Invoice, lines: Sequence[Line], taxes: Sequence[TaxGroup]) -> bytes:
    """The seal of an issued invoice: SHA-256 over its number and the hash of its content."""
    return sealed(number, content_hash(invoice, lines, taxes))


def sealed(number: str, content: bytes) -> bytes:
    """Seal a content that was hashed before its number was known."""
    return hashlib.sha256(content + number.encode()).digest()


def content_hash(invoice: Invoice, lines: Sequence[Line], taxes: Sequence[TaxGroup]) -> bytes:
    """SHA-256 over header, VAT, items, and the hash of what was computed for each (form 1)."""
    items = [line.item_id for line in lines]
    return hashed(invoice, taxes, items, [rated_hash(line.rated) for line in lines])


def hashed(
    invoice: Invoice, taxes: Sequence[TaxGroup], items: Sequence[UUID], rated: Sequence[bytes]
) -> bytes:
    """The same of lines that are taken apart: their items, and the `rated_hash` of each."""
    header = invoice
    if invoice.created_at.tzinfo is not UTC:
        # An instant is the same in whatever zone it is written; the database gives it in UTC.
        header = structs.replace(invoice, created_at=invoice.created_at.astimezone(UTC))
    in_order = taxes
    if len(taxes) > 1:
        in_order = sorted(taxes, key=lambda group: (group.category, group.rate_percent))
    content = bytearray()
    _encoder.encode_into((1, header, in_order, items), content)
    content += b"".join(rated)
    return hashlib.sha256(content).digest()


def rated_hash(rated: Rated) -> bytes:
    """SHA-256 over a computed line with its explanation; a writer of many remembers it."""
    return hashlib.sha256(msgspec.json.encode(rated)).digest()


_encoder = msgspec.json.Encoder()


class _Explanations(Struct, frozen=True):
    version: int
    lines: list[msgspec.Raw]
