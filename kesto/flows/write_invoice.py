"""Write an invoice: staff sell a customer something that no subscription has, and bill it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.adapters.banking.references import reference
from kesto.core import ledger
from kesto.core.billing import BillingEntity
from kesto.core.by_hand import WrittenLine, line_of
from kesto.core.calendar import local_date
from kesto.core.credit_lines import Day
from kesto.core.invoice import INVOICE, Document, Invoice
from kesto.core.invoicing import Draft, due_date, totals
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, RefusedTogether
from kesto.core.wallets import WalletKey
from kesto.countries import vat_rate
from kesto.flows.take_credit import Purses, Reduced, purses_of, take_credit
from kesto.flows.use_credit import use_credit
from kesto.store import audit, by_hand, catalogue, invoices, merchants
from kesto.store.ids import new_id
from kesto.store.invoice_writer import Writer, take_references
from kesto.store.session import Session, reading, writing

MOST_LINES = 100
LONGEST_TEXT = 200
MOST = Decimal(10) ** 9
MOST_PLACES = 6


class NewLine(Struct, frozen=True):
    """A line as it is asked for; `product` is a code, it gives VAT category and account."""

    text: str
    product: str
    quantity: Decimal
    unit_amount: Decimal


class NewInvoice(Struct, frozen=True):
    """What is to be invoiced; `includes_tax` says whether the unit amounts include VAT."""

    lines: tuple[NewLine, ...]
    includes_tax: bool


def preview_invoice(
    merchant_id: UUID, customer_id: UUID, wanted: NewInvoice, now: datetime
) -> Draft:
    """What `write_invoice` would issue; reads only, and refuses what it refuses."""
    with reading(merchant_id) as session:
        _buyer(session, customer_id)
        entity = merchants.billing_entities(session)[0]
        draft = _drafted(session, entity, wanted, now)
        purses = purses_of(session, [customer_id])
        return _reduced(purses, draft, entity, customer_id, wanted, now)


def write_invoice(
    merchant_id: UUID,
    customer_id: UUID,
    wanted: NewInvoice,
    now: datetime,
    actor: str,
    *,
    once: str = "",
) -> str:
    """Issue an invoice that is written by hand; answers its number.

    It has a number, a reference and a due date as any other, is delivered as any other, and is
    paid from the customer's credit first. What is asked for under the same key `once` again is
    refused (Conflict), so that a form sent twice makes one invoice. Raises NotFound for an unknown
    customer, RefusedTogether with a refusal for each field that is wrong (`lines.0.text` and so
    on), NotAllowed when today is in a closed month.
    """
    with writing(merchant_id) as session:
        entity = merchants.billing_entities(session)[0]
        draft = _drafted(session, entity, wanted, now)
        buyer_sha256 = _buyer(session, customer_id)
        purses = purses_of(session, [customer_id], is_writing=True)
        draft = _reduced(purses, draft, entity, customer_id, wanted, now)
        document = _document(
            session, entity, customer_id, buyer_sha256, draft, wanted.includes_tax, now
        )
        invoice = document.invoice
        if once and not by_hand.is_first(session, once, invoice.id, now):
            raise Conflict(
                "this invoice is issued already; begin anew for another one",
                code="issued_already",
                field="once",
            )
        by_hand.add_group(session, invoice, entity.due_days)
        writer = Writer(session)
        writer.add(document)
        writer.write()
        take_credit(session, [Reduced(invoice.id, draft.credit)], now)
        use_credit(session, writer.made, now)
        writer.number(now)
        number = invoices.numbers_of(session, [invoice.id])[invoice.id]
        data = {"invoice": number, "customer": customer_id, "total_minor": invoice.total_minor}
        audit.record(session, "write_invoice", data, now, actor)
    return number


def _drafted(session: Session, entity: BillingEntity, wanted: NewInvoice, now: datetime) -> Draft:
    today = local_date(now, entity.zone)
    merchant = merchants.merchant(session)
    if merchant.closed_through is not None and today <= merchant.closed_through:
        raise NotAllowed(
            f"the books are closed through {merchant.closed_through}", code="month_closed"
        )
    products = catalogue.products(session)
    refusals = [*_refusals(wanted, set(products))]
    if refusals:
        raise RefusedTogether(refusals)
    lines = []
    for place, one in enumerate(wanted.lines):
        product = products[one.product]
        written = WrittenLine(one.text.strip(), product, one.quantity, one.unit_amount)
        rate = vat_rate(entity.country, product.tax_category, today)
        lines.append(line_of(written, place, today, rate, entity.currency))
    made = Draft(tuple(lines), totals(lines, includes_tax=wanted.includes_tax))
    if made.totals.total_minor <= 0:
        raise Invalid(
            "an invoice asks for more than zero; credit what is to be given back",
            code="not_above_zero",
            field="lines",
        )
    return made


def _reduced(
    purses: Purses,
    draft: Draft,
    entity: BillingEntity,
    customer_id: UUID,
    wanted: NewInvoice,
    now: datetime,
) -> Draft:
    """The draft less the credit that comes off before tax."""
    today = local_date(now, entity.zone)
    day = Day(today, entity.zone, entity.currency, wanted.includes_tax)
    return purses.less(draft, WalletKey(customer_id, entity.id, entity.currency), day)


def _buyer(session: Session, customer_id: UUID) -> bytes:
    found = by_hand.buyer_of(session, customer_id)
    if found is None:
        raise NotFound("there is no such customer", code="unknown_customer", field="customer")
    return found


def _refusals(wanted: NewInvoice, products: set[str]) -> list[Refused]:
    found: list[Refused] = []

    def refuse(place: int, name: str, code: str, detail: str) -> None:
        found.append(Invalid(detail, code=code, field=f"lines.{place}.{name}"))

    if not 1 <= len(wanted.lines) <= MOST_LINES:
        found.append(Invalid(f"write 1 to {MOST_LINES} lines", code="bad_lines", field="lines"))
    for place, one in enumerate(wanted.lines):
        if not one.text.strip() or len(one.text) > LONGEST_TEXT or not one.text.isprintable():
            refuse(place, "text", "bad_text", f"write on one line, up to {LONGEST_TEXT} characters")
        if one.product not in products:
            refuse(place, "product", "unknown_product", f"there is no product {one.product!r}")
        if not _fits(one.quantity) or one.quantity <= 0:
            refuse(place, "quantity", "bad_quantity", "give a quantity above zero")
        if not _fits(one.unit_amount):
            refuse(place, "unit_amount", "bad_amount", "give an amount with up to 6 decimals")
    return found


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and abs(value) <= MOST and -exponent <= MOST_PLACES


def _document(
    session: Session,
    entity: BillingEntity,
    customer_id: UUID,
    buyer_sha256: bytes,
    draft: Draft,
    includes_tax: bool,  # noqa: FBT001 - as the invoice has it
    now: datetime,
) -> Document:
    own, today, sums = new_id(), local_date(now, entity.zone), draft.totals
    (base,) = take_references(session, 1)
    invoice = Invoice(
        id=own,
        kind=INVOICE,
        billing_entity_id=entity.id,
        billing_group_id=new_id(),
        customer_id=customer_id,
        currency=entity.currency,
        includes_tax=includes_tax,
        invoice_on=today,
        due_on=due_date(today, entity.due_days),
        net_minor=sums.net_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        reference=reference(entity.reference_scheme, str(base)),
        seller_sha256=entity.snapshot_sha256,
        buyer_sha256=buyer_sha256,
        through=today,
        history_seq=0,
        credits_invoice_id=None,
        reason="",
        created_at=now,
    )
    postings = ledger.invoice(sums.revenue, sums.tax_minor, entity.currency)
    return Document(invoice, draft.lines, sums.taxes, postings)
