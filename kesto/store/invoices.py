"""Invoices out of the database: for people, for credit notes, and for the proof."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.by_hand import NO_ITEM
from kesto.core.crediting import Creditable, CreditableLine, added
from kesto.core.exact import plain
from kesto.core.invoice import Buyer, Invoice, Seller, explanations
from kesto.core.line import CREDIT, Line, Rated
from kesto.core.refusals import NotFound
from kesto.core.tax import TaxGroup
from kesto.store.invoice_writer import shown_number
from kesto.store.session import Session

LONGEST_NUMBER = 18
INVOICE = ", ".join(f"n.{name}" for name in Invoice.__struct_fields__)
LINE = (
    "l.invoice_id, l.line_no, l.item_id, l.price_id, l.product_id, l.kind, l.period_start,"
    " l.period_end, l.part, l.revision, l.quantity, l.amount_minor, l.tax_category,"
    " l.tax_rate_percent, p.revenue_account"
)


class Stored(Struct, frozen=True, gc=False):
    """An invoice as it stands in the database; `number` is empty when it has none.

    `line_numbers` are those of the lines; a credit note has those of the lines that it credits.
    """

    invoice: Invoice
    number: str
    sha256: bytes
    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    line_numbers: tuple[int, ...] = ()

    @property
    def numbered(self) -> dict[int, Line]:
        """The lines by their numbers."""
        return dict(zip(self.line_numbers, self.lines, strict=True))


class Parties(Struct, frozen=True):
    """Who an invoice is from and to, as it froze them."""

    seller: Seller
    buyer: Buyer


def numbers_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of invoices by id."""
    rows = session.rows(
        "select i.invoice_id, s.prefix, i.number from issued i join number_series s"
        " on s.merchant_id = i.merchant_id and s.id = i.series_id"
        " where i.merchant_id = %s and i.invoice_id = any(%s)",
        *(session.merchant_id, list(ids)),
    )
    return {row[0]: shown_number(row[1], row[2]) for row in rows}


def id_of_number(session: Session, number: str) -> UUID:
    """The invoice with a number as it stands on the paper. Raises NotFound."""
    prefix, _, digits = number.strip().rpartition("-")
    row = None
    if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER:
        row = session.row(
            "select i.invoice_id from issued i join number_series s"
            " on s.merchant_id = i.merchant_id and s.id = i.series_id"
            " where i.merchant_id = %s and s.prefix = %s and i.number = %s",
            *(session.merchant_id, f"{prefix}-", int(digits)),
        )
    if row is None:
        raise NotFound(
            f"there is no invoice {number!r}; a number looks like 2026-000123",
            code="unknown_invoice",
            field="invoice",
        )
    found: UUID = row[0]
    return found


def load(session: Session, ids: Sequence[UUID]) -> list[Stored]:
    """Invoices with lines, explanations, VAT and number, in the order of their ids."""
    wanted = list(ids)
    heads = session.rows(
        f"select {INVOICE}, s.prefix, i.number, i.sha256, e.document::text from invoice n"
        " left join explanation e on e.merchant_id = n.merchant_id and e.invoice_id = n.id"
        " left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id"
        " left join number_series s on s.merchant_id = i.merchant_id and s.id = i.series_id"
        " where n.merchant_id = %s and n.id = any(%s) order by n.id",
        *(session.merchant_id, wanted),
    )
    lines = _lines(session, wanted)
    taxes = _taxes(session, wanted)
    width = len(Invoice.__struct_fields__)
    found = []
    for head in heads:
        prefix, number, sha256, document = head[width:]
        invoice = Invoice(*head[:width])
        reasons = explanations(document) if document else []
        numbered = lines.get(invoice.id, [])
        found.append(
            Stored(
                invoice,
                shown_number(prefix, number) if prefix is not None else "",
                sha256 or b"",
                tuple(_explained([line for _, line in numbered], reasons)),
                tuple(taxes.get(invoice.id, [])),
                tuple(number for number, _ in numbered),
            )
        )
    return found


def parties(session: Session, invoice: Invoice) -> Parties:
    """Seller and buyer as the invoice froze them. Raises NotFound when a snapshot is gone."""
    rows = session.rows(
        "select sha256, document from snapshot where merchant_id = %s and sha256 = any(%s)",
        *(session.merchant_id, [invoice.seller_sha256, invoice.buyer_sha256]),
    )
    documents: Mapping[bytes, str] = {row[0]: row[1] for row in rows}
    try:
        return Parties(
            msgspec.json.decode(documents[invoice.seller_sha256], type=Seller),
            msgspec.json.decode(documents[invoice.buyer_sha256], type=Buyer),
        )
    except KeyError:
        raise NotFound("the names on this invoice have been erased", field="invoice") from None


def credit_notes_of(session: Session, invoice_id: UUID) -> list[UUID]:
    """The credit notes that an invoice has, the first one first."""
    rows = session.rows(
        "select n.id from invoice o join invoice n on n.merchant_id = o.merchant_id"
        " and n.billing_group_id = o.billing_group_id and n.credits_invoice_id = o.id"
        " left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id"
        " where o.merchant_id = %s and o.id = %s order by n.invoice_on, i.number",
        *(session.merchant_id, invoice_id),
    )
    return [row[0] for row in rows]


def creditable(stored: Stored, notes: Sequence[Stored]) -> Creditable:
    """What is left of an invoice to credit, after these credit notes on it."""
    taken: dict[int, int] = {}
    taxes: tuple[TaxGroup, ...] = ()
    for note in notes:
        taxes = added(taxes, note.taxes)
        for number, line in note.numbered.items():
            taken[number] = taken.get(number, 0) + line.rated.amount_minor
    lines = {
        number: CreditableLine(
            line.rated.amount_minor,
            line.rated.tax_category,
            line.rated.tax_rate_percent,
            line.rated.revenue_account,
            taken.get(number, 0),
            is_credit=line.rated.kind == CREDIT,
        )
        for number, line in stored.numbered.items()
    }
    return Creditable(stored.invoice.includes_tax, lines, stored.taxes, taxes)


def product_names(session: Session) -> dict[UUID, dict[str, str]]:
    """The names of the merchant's products by language."""
    rows = session.rows("select id, names from product where merchant_id = %s", session.merchant_id)
    return {row[0]: row[1] for row in rows}


def _lines(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[int, Line]]]:
    rows = session.rows(
        f"select {LINE} from invoice_line l"
        " join product p on p.merchant_id = l.merchant_id and p.id = l.product_id"
        " where l.merchant_id = %s and l.invoice_id = any(%s) order by l.invoice_id, l.line_no",
        *(session.merchant_id, list(ids)),
    )
    found: dict[UUID, list[tuple[int, Line]]] = {}
    for (
        invoice_id,
        number,
        item_id,
        price_id,
        *head,
        quantity,
        amount,
        category,
        rate,
        account,
    ) in rows:
        # Its explanation stands in the invoice's document.
        values = [
            price_id or NO_ITEM,
            *head,
            plain(quantity),
            amount,
            category,
            plain(rate),
            account,
            b"",
        ]
        line = (number, Line(item_id or NO_ITEM, Rated(*values)))
        found.setdefault(invoice_id, []).append(line)
    return found


def _taxes(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[TaxGroup]]:
    rows = session.rows(
        "select invoice_id, tax_category, tax_rate_percent, net_minor, tax_minor from invoice_tax"
        " where merchant_id = %s and invoice_id = any(%s)"
        " order by invoice_id, tax_category, tax_rate_percent",
        *(session.merchant_id, list(ids)),
    )
    found: dict[UUID, list[TaxGroup]] = {}
    for invoice_id, category, rate, *amounts in rows:
        group = TaxGroup(category, plain(rate), *amounts)
        found.setdefault(invoice_id, []).append(group)
    return found


def _explained(lines: Sequence[Line], reasons: Sequence[Any]) -> list[Line]:
    """Give each line its explanation; a line without one keeps an empty one."""
    bodies = [bytes(reason) for reason in reasons]
    bodies += [b""] * (len(lines) - len(bodies))
    return [
        Line(line.item_id, msgspec.structs.replace(line.rated, explanation=body))
        for line, body in zip(lines, bodies, strict=False)
    ]


def usage_seen_before(session: Session, line: Line, invoice_id: UUID) -> int | None:
    """The last batch of usage that an earlier invoice counted for a line's key, if any did."""
    row = session.row(
        "select max(n.usage_seen) from claim c join invoice n"
        "  on n.merchant_id = c.merchant_id and n.id = c.invoice_id and n.kind = 'invoice'"
        " where c.merchant_id = %s and c.item_id = %s and c.price_id = %s and c.kind = %s"
        "  and c.period_start = %s and c.part = %s and c.revision < %s and n.id <> %s",
        *(session.merchant_id, *line.key, line.rated.revision, invoice_id),
    )
    return row[0] if row else None
