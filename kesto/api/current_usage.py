"""What was used so far, as the API tells it."""

from datetime import date

from kesto.api.schema import Schema
from kesto.api.values import amount, own_id
from kesto.core.exact import ZERO
from kesto.core.exact import shown as plain
from kesto.flows.show_usage import UsedSoFar


class UsageDay(Schema):
    """What came on a day of the subscription's own zone."""

    on: date
    quantity: str


class CurrentUsage(Schema):
    """What a metered price of a running period comes to by now.

    `period_end` is its last day + 1, `amount` what would be billed if nothing came any more;
    `unpriced_quantity` of the quantity has no price yet and is not in it.
    """

    item: str
    price: str
    meter: str
    unit: str
    period_start: date
    period_end: date
    quantity: str
    unpriced_quantity: str
    included: str
    currency: str
    amount: str
    days: list[UsageDay]


class SubscriptionUsage(Schema):
    """The usage of a subscription in the periods that run now."""

    subscription: str
    items: list[CurrentUsage]


def current(one: UsedSoFar) -> CurrentUsage:
    """A metered price's usage as it is told."""
    return CurrentUsage(
        item=own_id("subscription_item", one.item_id),
        price=one.price.code,
        meter=one.meter.code,
        unit=one.meter.unit,
        period_start=one.period_start,
        period_end=one.period_end,
        quantity=plain(one.quantity),
        unpriced_quantity=plain(one.unpriced.quantity if one.unpriced else ZERO),
        included=plain(one.included),
        currency=one.price.currency,
        amount=amount(one.amount_minor, one.price.currency),
        days=[UsageDay(on=day, quantity=plain(number)) for day, number in one.days],
    )
