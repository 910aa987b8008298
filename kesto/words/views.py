"""What an invoice shows, gathered for its words: names, texts and sums, nothing to look up."""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from kesto.core.rating import Explanation


class PartyView(Struct, frozen=True):
    """The seller or the buyer as frozen in the invoice; `lines` is the address, line by line."""

    name: str
    lines: tuple[str, ...] = ()
    business_id: str = ""
    vat_id: str = ""


class LineView(Struct, frozen=True):
    """An invoice line; its period is half-open, `unit_amount` is in major units if there is one."""

    name: str
    period_start: date
    period_end: date
    quantity: Decimal
    amount_minor: int
    tax_rate_percent: Decimal
    unit_amount: Decimal | None = None
    kind: str = "recurring"
    explanation: Explanation | None = None


class TaxView(Struct, frozen=True):
    """The sums of one VAT rate."""

    rate_percent: Decimal
    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """Net and VAT together."""
        return self.net_minor + self.tax_minor


class InvoiceView(Struct, frozen=True):
    """An issued invoice or credit note with all that stands on it.

    `reference` is printed as it is given. `credits` is the number of the invoice that a credit
    note is for. `open_minor` is what is left to pay now.
    """

    number: str
    issued_on: date
    due_on: date
    currency: str
    includes_tax: bool
    seller: PartyView
    buyer: PartyView
    lines: tuple[LineView, ...]
    taxes: tuple[TaxView, ...]
    open_minor: int
    reference: str = ""
    iban: str = ""
    kind: Literal["invoice", "credit_note"] = "invoice"
    credits: str = ""
    order_number: str = ""
    buyer_reference: str = ""

    @property
    def net_minor(self) -> int:
        """The sum without VAT."""
        return sum(tax.net_minor for tax in self.taxes)

    @property
    def tax_minor(self) -> int:
        """The VAT of all rates."""
        return sum(tax.tax_minor for tax in self.taxes)

    @property
    def total_minor(self) -> int:
        """The sum with VAT."""
        return self.net_minor + self.tax_minor
