"""A subscription's history: events that are only ever added, and the items they make."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.calendar import Alignment
from kesto.core.catalog import Price
from kesto.core.rating import Cadence, Item
from kesto.core.refusals import Invalid


class ItemStart(Struct, frozen=True, gc=False):
    """An item as its event names it: a published plan version or add-on in a quantity."""

    item_id: UUID
    owner_id: UUID
    kind: str
    quantity: str


class Subscribed(Struct, frozen=True, tag="subscribed", tag_field="kind"):
    """A subscription begins; `end_on` is given when its end is agreed from the start."""

    start_on: date
    alignment: Alignment
    items: tuple[ItemStart, ...]
    billing_day: int = 0
    anchor: date | None = None
    zone: str = "UTC"
    end_on: date | None = None
    billed_from: date | None = None
    minimum_months: int = 0
    notice_days: int = 14


SubscriptionEvent = Subscribed
"""All kinds of event; later verbs add theirs."""

_decoder = msgspec.json.Decoder(SubscriptionEvent)


def read_event(document: bytes | str) -> SubscriptionEvent:
    """Read an event as it was written. Raises Invalid."""
    try:
        return _decoder.decode(document)
    except msgspec.DecodeError as error:
        raise Invalid(f"a stored event can't be read: {error}", field="event") from error


def items_of(
    events: Sequence[SubscriptionEvent], prices: Callable[[UUID], tuple[Price, ...]]
) -> list[Item]:
    """Play a history from its beginning: which items run when, in which quantity."""
    items: list[Item] = []
    for event in events:
        cadence = Cadence(
            event.start_on, event.alignment, event.billing_day, event.anchor, event.zone
        )
        items.extend(
            Item(
                id=started.item_id,
                prices=prices(started.owner_id),
                quantity=Decimal(started.quantity),
                cadence=cadence,
                start_on=event.start_on,
                end_on=event.end_on,
                billed_from=event.billed_from,
            )
            for started in event.items
        )
    return sorted(items, key=lambda item: item.id)


def price_lookup(found: Mapping[UUID, tuple[Price, ...]]) -> Callable[[UUID], tuple[Price, ...]]:
    """Look prices up by plan version or add-on; an unknown one has no price at all."""
    return lambda owner_id: found.get(owner_id, ())
