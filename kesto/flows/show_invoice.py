"""Show an invoice: everything that stands on it, with what is left to pay now; reads only."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kesto.adapters.banking.references import printed
from kesto.core.invoice import CREDIT_NOTE, Buyer, Seller, read_explanation
from kesto.core.rating import Line
from kesto.store import invoices, merchants, payments
from kesto.store.invoices import Stored
from kesto.store.session import Session, reading
from kesto.words.views import InvoiceView, LineView, PartyView, TaxView


def show_invoice(merchant_id: UUID, number: str, language: str) -> InvoiceView:
    """The invoice with a number, its products named in a language. Raises NotFound."""
    with reading(merchant_id) as session:
        (stored,) = invoices.load(session, [invoices.id_of_number(session, number)])
        return _view(session, stored, language)


def _view(session: Session, stored: Stored, language: str) -> InvoiceView:
    invoice = stored.invoice
    parties = invoices.parties(session, invoice)
    names = invoices.product_names(session)
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    scheme = entities[invoice.billing_entity_id].reference_scheme
    credited = invoice.credits_invoice_id
    return InvoiceView(
        number=stored.number,
        issued_on=invoice.invoice_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        includes_tax=invoice.includes_tax,
        seller=_party(parties.seller),
        buyer=_party(parties.buyer),
        lines=tuple(_line(line, names, language) for line in stored.lines),
        taxes=tuple(
            TaxView(group.rate_percent, group.net_minor, group.tax_minor) for group in stored.taxes
        ),
        open_minor=0 if credited else payments.open_minor(session, invoice.id),
        reference=printed(scheme, invoice.reference) if invoice.reference else "",
        iban=parties.seller.iban,
        kind="credit_note" if invoice.kind == CREDIT_NOTE else "invoice",
        credits=invoices.numbers_of(session, [credited])[credited] if credited else "",
        order_number=parties.buyer.order_number,
        buyer_reference=parties.buyer.buyer_reference,
    )


def _party(party: Seller | Buyer) -> PartyView:
    town = f"{party.postal_code} {party.city}".strip()
    lines = tuple(line for line in (party.street, town) if line)
    return PartyView(party.name, lines, party.business_id, party.vat_id)


def _line(line: Line, names: Mapping[UUID, Mapping[str, str]], language: str) -> LineView:
    rated = line.rated
    explanation = read_explanation(rated.explanation) if rated.explanation else None
    parts = explanation.parts if explanation else ()
    return LineView(
        name=_name(names[rated.product_id], language),
        period_start=rated.period_start,
        period_end=rated.period_end,
        quantity=rated.quantity,
        amount_minor=rated.amount_minor,
        tax_rate_percent=rated.tax_rate_percent,
        unit_amount=Decimal(parts[0].unit_amount) if len(parts) == 1 else None,
        kind=rated.kind,
        explanation=explanation,
    )


def _name(names: Mapping[str, str], language: str) -> str:
    """The product's name in the language, else in the first one that it has."""
    return names.get(language) or next(iter(names.values()), "")
