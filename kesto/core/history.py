"""A subscription's history: events that are only ever added; everything else is made from them.

An event says on which day it takes effect (`on`): the first day of what is new. Life plays them by
that day, so an event may come late, and one that lies ahead may still be called off.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.calendar import Alignment, Interval
from kesto.core.catalog import DeliverySchedule, PlanTerms
from kesto.core.discounts import DiscountScope
from kesto.core.item import Cadence
from kesto.core.refusals import Invalid


class ItemStart(Struct, frozen=True, gc=False, omit_defaults=True):
    """An item as its event names it: a published plan version or add-on in a quantity.

    `code` is the plan's or add-on's. `phase` is the place of the plan's phase that it is, with
    the `percent` of the prices charged in it, `after_days` its first day counted from the event's
    (days, because the calendar was asked when it was written), `for_days` how long (0: on).
    `delivery` is how often it is delivered, as the published version says.
    """

    item_id: UUID
    owner_id: UUID
    kind: str
    quantity: str
    code: str = ""
    phase: int = -1
    percent: Decimal = Decimal(100)
    after_days: int = 0
    for_days: int = 0
    delivery: DeliverySchedule | None = None


class Subscribed(Struct, frozen=True, tag="subscribed", tag_field="kind", omit_defaults=True):
    """A subscription begins; `end_on` is given when its end is agreed from the start.

    `currency` and `includes_tax` name the price list it buys from (empty: the only one there is).
    `cadence_on` is where its periods begin when a trial comes before them.
    """

    start_on: date
    alignment: Alignment
    items: tuple[ItemStart, ...]
    billing_day: int = 0
    anchor: date | None = None
    zone: str = "UTC"
    end_on: date | None = None
    billed_from: date | None = None
    terms: PlanTerms = PlanTerms()
    cadence_on: date | None = None
    currency: str = ""
    includes_tax: bool = True

    @property
    def on(self) -> date:
        """The day from which it holds."""
        return self.start_on


class PlanChanged(Struct, frozen=True, tag="plan_changed", tag_field="kind", omit_defaults=True):
    """Another plan version from a day on; the quantity goes on unless the items say another.

    `keeps_quantity` False: the items' own quantities hold. With `is_new_cadence` its periods
    begin on the day, because they have another length. `dropped` are codes of add-ons that do not
    go with the plan. `terms` None: those agreed go on. `is_migration`: the seller moved them.
    With `moves_from` it is for who still has that plan version on the day, and else nothing.
    """

    on: date
    items: tuple[ItemStart, ...]
    keeps_quantity: bool = True
    is_new_cadence: bool = False
    dropped: tuple[str, ...] = ()
    terms: PlanTerms | None = None
    is_migration: bool = False
    moves_from: UUID | None = None


class QuantityChanged(
    Struct, frozen=True, tag="quantity_changed", tag_field="kind", omit_defaults=True
):
    """Another quantity of the plan (`code` empty) or of an add-on from a day on."""

    on: date
    quantity: str
    code: str = ""


class AddOnAdded(Struct, frozen=True, tag="add_on_added", tag_field="kind", omit_defaults=True):
    """An add-on from a day on, with a minimum of months of its own."""

    on: date
    item: ItemStart
    minimum_months: int = 0


class AddOnRemoved(Struct, frozen=True, tag="add_on_removed", tag_field="kind"):
    """An add-on no more from a day on."""

    on: date
    code: str


class Paused(Struct, frozen=True, tag="paused", tag_field="kind", omit_defaults=True):
    """No service from a day on, to before `until` (None: until it is resumed)."""

    on: date
    until: date | None = None
    percent: Decimal = Decimal(0)


class Resumed(Struct, frozen=True, tag="resumed", tag_field="kind"):
    """Service again from a day on."""

    on: date


class Cancelled(Struct, frozen=True, tag="cancelled", tag_field="kind", omit_defaults=True):
    """Notice was given: the subscription ends before `on`. `rule` says what gave the day."""

    on: date
    notice_on: date
    rule: str = ""
    reason: str = ""
    by: str = ""


class Withdrawn(Struct, frozen=True, tag="withdrawn", tag_field="kind", omit_defaults=True):
    """The contract is undone by the right of withdrawal; `on` is the first day without service.

    `pays_for_use` False: nothing is owed, not even for the days that it was used.
    """

    on: date
    pays_for_use: bool = True


class Renewed(Struct, frozen=True, tag="renewed", tag_field="kind", omit_defaults=True):
    """A further term of so many months begins on a day (0: it goes on without a term)."""

    on: date
    months: int = 0


class Transferred(Struct, frozen=True, tag="transferred", tag_field="kind"):
    """Another payer from a day on, whose billing group is another.

    Items that run on that day end, and go on as new ones whose ids follow from `seed`.
    """

    on: date
    seed: UUID
    payer_id: UUID
    from_payer_id: UUID
    from_group_id: UUID
    group_id: UUID


class CurrencyChanged(Struct, frozen=True, tag="currency_changed", tag_field="kind"):
    """The price list of another currency from a day on, and so another billing group.

    Items that run on that day end, and go on as new ones whose ids follow from `seed`.
    """

    on: date
    seed: UUID
    from_currency: str
    currency: str
    from_group_id: UUID
    group_id: UUID


class BillingDayChanged(
    Struct, frozen=True, tag="billing_day_changed", tag_field="kind", omit_defaults=True
):
    """Other periods from a day on: the running ones are cut there."""

    on: date
    alignment: Alignment
    billing_day: int = 0
    anchor: date | None = None


class ZoneChanged(Struct, frozen=True, tag="zone_changed", tag_field="kind"):
    """The days of another time zone: a period goes on to its end, the next begins where it ends."""

    on: date
    zone: str


class DiscountGiven(
    Struct, frozen=True, tag="discount_given", tag_field="kind", omit_defaults=True
):
    """A coupon was given, with its terms as they were then; see StandingDiscount.

    `cadence` is the one that `until_on` was counted by: an amount is for each of its periods.
    `group_id` is the billing group of whom it was given to, where it is for all that they buy
    (None: of who pays on the day); who pays later for this subscription does not inherit it.
    """

    on: date
    discount_id: UUID
    coupon_id: UUID
    code: str
    number: int
    currency: str
    until_on: date | None = None
    interval: Interval | None = None
    percent: Decimal = Decimal(0)
    amount_minor: int = 0
    products: tuple[UUID, ...] = ()
    scope: DiscountScope = "subscription"
    cadence: Cadence | None = None
    group_id: UUID | None = None


class DiscountEnded(Struct, frozen=True, tag="discount_ended", tag_field="kind"):
    """A discount counts for no period that starts on or after a day."""

    on: date
    discount_id: UUID


class ExtraAdded(Struct, frozen=True, tag="extra_added", tag_field="kind", omit_defaults=True):
    """Something sold once beside the plan, on the next invoice; `reason` says why in a word.

    `texts` by language stand on the line in place of the product's name. The amount is in major
    units of the group's currency, with or without VAT as the group's prices are.
    """

    on: date
    item_id: UUID
    product_id: UUID
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    texts: dict[str, str] = {}
    reason: str = ""


class DeliverySkipped(Struct, frozen=True, tag="delivery_skipped", tag_field="kind"):
    """What would be delivered on a day is not."""

    on: date


class DeliveryUnskipped(Struct, frozen=True, tag="delivery_unskipped", tag_field="kind"):
    """What was skipped on a day is delivered after all."""

    on: date


class AddressChanged(
    Struct, frozen=True, tag="address_changed", tag_field="kind", omit_defaults=True
):
    """Deliveries go to another address from a day on (None: to that of who uses it).

    The address itself stands with the people, where it can be erased.
    """

    on: date
    address_id: UUID | None = None


class CalledOff(Struct, frozen=True, tag="called_off", tag_field="kind"):
    """An event that lay ahead does not come about, such as a notice; `seq` is its number."""

    on: date
    seq: int


SubscriptionEvent = (
    Subscribed
    | PlanChanged
    | QuantityChanged
    | AddOnAdded
    | AddOnRemoved
    | Paused
    | Resumed
    | Cancelled
    | Withdrawn
    | Renewed
    | Transferred
    | CurrencyChanged
    | BillingDayChanged
    | ZoneChanged
    | DiscountGiven
    | DiscountEnded
    | ExtraAdded
    | DeliverySkipped
    | DeliveryUnskipped
    | AddressChanged
    | CalledOff
)
"""All kinds of event."""


class Told(Struct, frozen=True, gc=False):
    """An event with its number in the history and its subscription."""

    seq: int
    subscription_id: UUID
    event: SubscriptionEvent


_decoder: msgspec.json.Decoder[SubscriptionEvent] = msgspec.json.Decoder(SubscriptionEvent)


def read_event(document: bytes | str) -> SubscriptionEvent:
    """Read an event as it was written. Raises Invalid."""
    try:
        return _decoder.decode(document)
    except msgspec.DecodeError as error:
        raise Invalid(f"a stored event can't be read: {error}", field="event") from error


def kind_of(event: SubscriptionEvent) -> str:
    """The name of an event's kind, as it is stored beside it."""
    return str(type(event).__struct_config__.tag)


def in_effect(told: Sequence[Told]) -> list[Told]:
    """The events that come about, by the day of their effect; on one day as they were told."""
    called_off = {one.event.seq for one in told if isinstance(one.event, CalledOff)}
    return sorted(
        (one for one in told if one.seq not in called_off and not isinstance(one.event, CalledOff)),
        key=lambda one: (one.event.on, one.seq),
    )


def currency_on(told: Sequence[Told], day: date, now: str) -> str:
    """The currency that a history buys in on a day; `now` is the one after all its changes."""
    later = [
        one.event
        for one in in_effect(told)
        if isinstance(one.event, CurrencyChanged) and day < one.event.on
    ]
    return later[0].from_currency if later else now
