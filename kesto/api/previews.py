"""What a change would come to: its events, and the bills of each billing group it touches."""

from datetime import date
from typing import Any

import msgspec

from kesto.api.documents import Tax
from kesto.api.schema import Schema
from kesto.api.values import amount, own_id, with_ids
from kesto.core.by_hand import NO_ITEM
from kesto.core.differences import Differences, Every
from kesto.core.exact import shown as plain
from kesto.core.history import SubscriptionEvent, kind_of
from kesto.core.line import Line as DueLine
from kesto.flows.change_subscription import Changed
from kesto.flows.preview_change import Bill as FoundBill
from kesto.flows.preview_change import ChangePreview


class ChangeEvent(Schema):
    """What a change does, and the first day of what is new."""

    kind: str
    effective_on: date
    data: dict[str, Any]


class BillLine(Schema):
    """A line of a bill to come; `explanation` is why it is this amount, as data.

    Credit that comes off before tax (`kind: credit`) has no item and no price.
    """

    item: str | None
    product: str
    price: str | None
    kind: str
    period_start: date
    period_end: date
    quantity: str
    amount: str
    tax_rate_percent: str
    explanation: dict[str, Any]


class CreditToCome(Schema):
    """A credit note to come, on an invoice whose lines it takes back."""

    invoice: str
    total: str


class Bill(Schema):
    """What will be invoiced on a day; a `total` below zero is a credit.

    What is billed too much comes as `credit_notes`, whose totals `total` has taken off.
    """

    bill_on: date
    net: str
    tax: str
    total: str
    lines: list[BillLine]
    taxes: list[Tax]
    credit_notes: list[CreditToCome]


class OnceDifferent(Schema):
    """By how much the bill of a day differs; below zero it is less."""

    bill_on: date
    amount: str


class RegularlyDifferent(Schema):
    """By how much each regular bill from a day on differs, and how often these come."""

    bills_from: date
    amount: str
    every: Every


class Difference(Schema):
    """What the change makes of the bills to come, usage to come left out.

    `regularly` is null where nothing regular follows, or where the rhythm of the bills changes.
    """

    once: list[OnceDifferent]
    regularly: RegularlyDifferent | None


class GroupPreview(Schema):
    """The next bills of who pays, with the change; `before` is the next one without it."""

    payer: str
    currency: str
    includes_tax: bool
    bills: list[Bill]
    before: Bill | None
    difference: Difference


class Preview(Schema):
    """What a change comes to; `on` is the first day of what is new."""

    subscription: str
    on: date
    events: list[ChangeEvent]
    groups: list[GroupPreview]


class Change(Schema):
    """A change that was carried out; `on` is the first day of what is new."""

    subscription: str
    on: date
    events: list[ChangeEvent]


def preview_shown(found: ChangePreview) -> Preview:
    """A preview as the API shows it."""
    return Preview(
        subscription=own_id("subscription", found.subscription_id),
        on=found.on,
        events=[event_shown(event) for event in found.events],
        groups=[
            GroupPreview(
                payer=own_id("customer", group.payer_id),
                currency=group.currency,
                includes_tax=group.includes_tax,
                bills=[_bill(one, group.currency) for one in group.bills],
                before=_bill(group.before, group.currency) if group.before else None,
                difference=_difference(group.differences, group.currency),
            )
            for group in found.groups
        ],
    )


def change_shown(changed: Changed) -> Change:
    """A change as the API shows it."""
    return Change(
        subscription=own_id("subscription", changed.subscription_id),
        on=changed.on,
        events=[event_shown(event) for event in changed.events],
    )


def event_shown(event: SubscriptionEvent) -> ChangeEvent:
    """An event that has no number yet, with the data that will be stored."""
    data = msgspec.json.decode(msgspec.json.encode(event))
    return ChangeEvent(kind=kind_of(event), effective_on=event.on, data=with_ids(data))


def _difference(found: Differences, currency: str) -> Difference:
    regularly = None
    if found.regular_from is not None:
        regularly = RegularlyDifferent(
            bills_from=found.regular_from,
            amount=amount(found.regular_minor, currency),
            every=found.every,
        )
    once = [OnceDifferent(bill_on=on, amount=amount(minor, currency)) for on, minor in found.once]
    return Difference(once=once, regularly=regularly)


def _bill(found: FoundBill, currency: str) -> Bill:
    return Bill(
        bill_on=found.bill_on,
        net=amount(sum(tax.net_minor for tax in found.taxes), currency),
        tax=amount(sum(tax.tax_minor for tax in found.taxes), currency),
        total=amount(found.total_minor, currency),
        lines=[_line(line, currency) for line in found.draft.lines],
        taxes=[
            Tax(
                rate_percent=plain(tax.rate_percent),
                net=amount(tax.net_minor, currency),
                tax=amount(tax.tax_minor, currency),
            )
            for tax in found.taxes
        ],
        credit_notes=[
            CreditToCome(
                invoice=own_id("invoice", note.invoice_id),
                total=amount(note.document.invoice.total_minor, currency),
            )
            for note in found.notes
        ],
    )


def _line(line: DueLine, currency: str) -> BillLine:
    rated = line.rated
    is_sold = line.item_id != NO_ITEM
    return BillLine(
        item=own_id("subscription_item", line.item_id) if is_sold else None,
        product=own_id("product", rated.product_id),
        price=own_id("price", rated.price_id) if is_sold else None,
        kind=rated.kind,
        period_start=rated.period_start,
        period_end=rated.period_end,
        quantity=plain(rated.quantity),
        amount=amount(rated.amount_minor, currency),
        tax_rate_percent=plain(rated.tax_rate_percent),
        explanation=with_ids(msgspec.json.decode(rated.explanation)),
    )
