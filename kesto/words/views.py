"""What a document shows, gathered for its words: names, texts and sums, nothing to look up.

The amounts of a credit note are positive here, as they are kept; its words show them taken back.
"""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.line import USAGE, Explanation
from kesto.core.pricing import Unpriced
from kesto.core.reasons import Reason

InvoiceKind = Literal["invoice", "credit_note"]


class PartyView(Struct, frozen=True):
    """The seller or the buyer as frozen in the invoice; `lines` is the address, line by line."""

    name: str
    lines: tuple[str, ...] = ()
    business_id: str = ""
    vat_id: str = ""
    email: str = ""


class ServiceView(Struct, frozen=True):
    """What lines belong together for: a subscription by its plan, and whose it is."""

    key: str
    title: str
    note: str = ""


class UsageView(Struct, frozen=True):
    """The meter that a line of usage was counted by: its name and unit.

    `before` is what an earlier line counted for the same days, where more came after it; what is
    `unpriced` is not in the line yet.
    """

    name: str
    unit: str = ""
    before: Decimal | None = None
    unpriced: Unpriced | None = None


class LineView(Struct, frozen=True):
    """An invoice line; its period is half-open, `unit_amount` is in major units if there is one.

    What is priced by usage says by which meter in `usage`, a discount by which `coupon`: its name.
    """

    name: str
    period_start: date
    period_end: date
    quantity: Decimal
    amount_minor: int
    tax_rate_percent: Decimal
    unit_amount: Decimal | None = None
    kind: str = "recurring"
    explanation: Explanation | None = None
    service: ServiceView | None = None
    usage: UsageView | None = None
    line_no: int = 0
    coupon: str = ""

    @property
    def is_corrected(self) -> bool:
        """Whether it corrects an earlier line."""
        return self.explanation is not None and bool(self.explanation.corrects)


class TaxView(Struct, frozen=True):
    """The sums of one VAT rate."""

    rate_percent: Decimal
    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """Net and VAT together."""
        return self.net_minor + self.tax_minor


class PreviousView(Struct, frozen=True):
    """The invoice before this one, and what made the difference, the weightiest first.

    `names` are the products of the reasons; `meters`, `plans` and `coupons` are by their codes.
    """

    number: str
    issued_on: date
    total_minor: int
    reasons: tuple[Reason, ...]
    names: dict[UUID, str]
    meters: dict[str, UsageView] = {}
    plans: dict[str, str] = {}
    coupons: dict[str, str] = {}


class CreditedView(Struct, frozen=True):
    """The invoice that a credit note takes back, as it stood at that moment.

    `taken_minor` came off what was still owed, `credited_minor` had been credited before, and
    `left_minor` stayed to be paid.
    """

    issued_on: date
    total_minor: int
    taken_minor: int
    credited_minor: int = 0
    left_minor: int = 0

    @property
    def paid_minor(self) -> int:
        """What had been paid."""
        return self.total_minor - self.taken_minor - self.credited_minor - self.left_minor


class PastView(Struct, frozen=True):
    """One of the group's invoices for the picture of the latest ones."""

    issued_on: date
    total_minor: int


class InvoiceView(Struct, frozen=True):
    """An issued invoice or credit note with all that stands on it.

    `reference` is printed as it is given. `credits` is the number of the invoice that a credit
    note is for. `credit_used_minor` was paid from the customer's credit when it was issued,
    `written_off_minor` was given up. `open_minor` is what is left to pay: now, or on the day of
    issue in a view that was asked for as issued. `history` ends with this invoice.
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
    kind: InvoiceKind = "invoice"
    credits: str = ""
    order_number: str = ""
    buyer_reference: str = ""
    language: str = "en"
    bic: str = ""
    customer_number: str = ""
    credited: CreditedView | None = None
    previous: PreviousView | None = None
    history: tuple[PastView, ...] = ()
    credit_used_minor: int = 0
    written_off_minor: int = 0

    @property
    def settled_minor(self) -> int:
        """What is not to be paid any more, beside what the customer's credit paid at once."""
        return self.total_minor - self.open_minor - self.credit_used_minor - self.written_off_minor

    @property
    def usage_until(self) -> date | None:
        """The day on which the last period of usage in it ends; None where it holds no usage."""
        ends = [one.period_end for one in self.lines if one.kind == USAGE and not one.is_corrected]
        return max(ends, default=None)

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


class PaidView(Struct, frozen=True):
    """An invoice and how much of it a payment settled."""

    number: str
    issued_on: date
    total_minor: int
    paid_minor: int


class ReceiptView(Struct, frozen=True):
    """A payment as it was received: what it settled, and by what is left what it leaves over."""

    number: str
    received_on: date
    currency: str
    amount_minor: int
    seller: PartyView
    buyer: PartyView
    paid: tuple[PaidView, ...]
    language: str = "en"
    customer_number: str = ""

    @property
    def kind(self) -> Literal["receipt"]:
        """Which document it is, as invoices say it too."""
        return "receipt"

    @property
    def kept_minor(self) -> int:
        """What settled no invoice and is kept as the customer's credit."""
        return self.amount_minor - sum(paid.paid_minor for paid in self.paid)


class PriceView(Struct, frozen=True):
    """What a period costs, and how long it is: so many days, weeks, months or years."""

    minor: int
    unit: str
    count: int


class ReachedView(Struct, frozen=True, gc=False):
    """A threshold of usage that was reached: a quantity, a percentage, or minor units."""

    meter: str
    unit: str
    kind: str
    threshold: Decimal
    used: Decimal
    amount_minor: int


class NoticeView(Struct, frozen=True):
    """What a subscriber is told about their contract.

    `told` says which kind of notice it is: a change (`subscribed`, `changed`, `cancelled`), a
    price to come or a day that comes nearer. `happened` are the changes in words, each with its
    day. `next_on` and `next_minor` are of the next invoice, where there is one to be told of.
    `until` is the first day after a term that renews.
    """

    told: str
    number: str
    on: date
    written_on: date
    plan: str
    currency: str
    includes_tax: bool
    seller: PartyView
    buyer: PartyView
    language: str
    happened: tuple[tuple[str, date], ...] = ()
    price: PriceView | None = None
    before: PriceView | None = None
    leave_by: date | None = None
    discount: str = ""
    reason: str = ""
    next_on: date | None = None
    next_minor: int = 0
    until: date | None = None
    reached: ReachedView | None = None

    @property
    def kind(self) -> Literal["notice"]:
        """Which document it is."""
        return "notice"


DocumentView = InvoiceView | ReceiptView | NoticeView
"""What a document is made from."""
