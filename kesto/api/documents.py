"""What invoices, credit notes and previews share: lines that explain themselves, and VAT."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import to_builtins

from kesto.api.schema import Schema
from kesto.api.values import amount, own_id, with_ids
from kesto.core.by_hand import NO_ITEM
from kesto.core.exact import shown as plain
from kesto.core.line import Line as StoredLine
from kesto.flows.preview_next import NextInvoice as Preview
from kesto.words.explanations import sentences
from kesto.words.reasons import Called, reason_text
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView, LineView, TaxView


class Line(Schema):
    """A line: its period is `[start, end)`, its amount net or with VAT as the invoice says.

    `explanation` is why it is this amount, as data; `words` says the same in sentences. Previews
    have no `product` and no `price`.
    """

    name: str
    kind: str
    subscription: str | None
    product: str | None
    price: str | None
    period_start: date
    period_end: date
    quantity: str
    unit_amount: str | None
    amount: str
    tax_rate_percent: str
    explanation: dict[str, Any] | None
    words: list[str]


class Tax(Schema):
    """The sums of one VAT rate."""

    rate_percent: str
    net: str
    tax: str


class InvoiceChange(Schema):
    """One thing that changed since the invoice before, and what it made of the sum.

    `what` says which facts `before` and `now` are: plans by their codes, quantities, prices, days
    and so on. `is_made` is true for what a customer or the seller changed. `words` says it all.
    """

    what: str
    amount: str
    before: str
    now: str
    product: str | None
    meter: str | None
    coupon: str | None
    is_made: bool
    words: str


class Previous(Schema):
    """The invoice before one in its billing group. The amounts of `changes` add up to the rest."""

    number: str
    issued_on: date
    total: str
    changes: list[InvoiceChange]


class NextInvoice(Schema):
    """The next invoice of a billing group. `is_checked`: a person looks at it before it is sent.

    `credit_used` of it will be paid from the customer's credit, and `to_pay` is what is left then.
    """

    bill_on: date
    due_on: date
    currency: str
    includes_tax: bool
    net: str
    tax: str
    total: str
    credit_used: str
    to_pay: str
    is_checked: bool
    lines: list[Line]
    taxes: list[Tax]


def next_invoice(found: Preview, language: str) -> NextInvoice:
    """A preview as the API shows it."""
    view = found.view
    return NextInvoice(
        bill_on=found.bill_on,
        due_on=view.due_on,
        currency=view.currency,
        includes_tax=view.includes_tax,
        net=amount(view.net_minor, view.currency),
        tax=amount(view.tax_minor, view.currency),
        total=amount(view.total_minor, view.currency),
        credit_used=amount(view.credit_used_minor, view.currency),
        to_pay=amount(found.to_pay_minor, view.currency),
        is_checked=found.is_checked,
        lines=lines_of(view, language),
        taxes=taxes_of(view.taxes, view.currency),
    )


def lines_of(view: InvoiceView, language: str, stored: Sequence[StoredLine] = ()) -> list[Line]:
    """The lines of a view, with product and price where they are stored."""
    origins = [_origin(line) for line in stored] or [{} for _ in view.lines]
    return [
        _line(line, view.currency, language, origin)
        for line, origin in zip(view.lines, origins, strict=True)
    ]


def previous_of(view: InvoiceView) -> Previous | None:
    """The invoice before, and all that changed since, the weightiest first."""
    before = view.previous
    if before is None:
        return None
    called = Called(before.names, before.meters, before.plans, before.coupons)
    tongue = Tongue(view.language, view.currency)
    return Previous(
        number=before.number,
        issued_on=before.issued_on,
        total=amount(before.total_minor, view.currency),
        changes=[
            InvoiceChange(
                what=one.what,
                amount=amount(one.amount_minor, view.currency),
                before=one.before,
                now=one.now,
                product=own_id("product", one.product_id) if one.product_id else None,
                meter=one.meter or None,
                coupon=one.coupon or None,
                is_made=one.is_made,
                words=reason_text(one, called, tongue),
            )
            for one in before.reasons
        ],
    )


def taxes_of(taxes: Sequence[TaxView], currency: str) -> list[Tax]:
    """VAT by rate."""
    return [
        Tax(
            rate_percent=plain(tax.rate_percent),
            net=amount(tax.net_minor, currency),
            tax=amount(tax.tax_minor, currency),
        )
        for tax in taxes
    ]


def _origin(line: StoredLine) -> dict[str, str]:
    """The product of a stored line, and its price where it has one."""
    rated = line.rated
    own = {"product": own_id("product", rated.product_id)}
    return own if rated.price_id == NO_ITEM else {**own, "price": own_id("price", rated.price_id)}


def _line(line: LineView, currency: str, language: str, origin: Mapping[str, str]) -> Line:
    explanation = line.explanation
    return Line(
        name=line.name,
        kind=line.kind,
        subscription=own_id("subscription", UUID(line.service.key)) if line.service else None,
        product=origin.get("product"),
        price=origin.get("price"),
        period_start=line.period_start,
        period_end=line.period_end,
        quantity=plain(line.quantity),
        unit_amount=plain(line.unit_amount) if line.unit_amount is not None else None,
        amount=amount(line.amount_minor, currency),
        tax_rate_percent=plain(line.tax_rate_percent),
        explanation=with_ids(to_builtins(explanation)) if explanation else None,
        words=sentences(
            *(explanation, line.amount_minor, currency, language, line.kind),
            *(line.usage, line.coupon),
        )
        if explanation
        else [],
    )
