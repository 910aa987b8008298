"""Changes of deliveries: one is skipped or comes after all, or they go to another address."""

import re
from datetime import date, timedelta
from uuid import UUID

from kesto.core.changes.command import ChangeAddress, SkipDelivery, UnskipDelivery
from kesto.core.changes.shop import Shop, day_of_change
from kesto.core.deliveries import Delivery, delivered_items, deliveries, delivery_on
from kesto.core.history import (
    AddressChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    SubscriptionEvent,
)
from kesto.core.ids import parsed
from kesto.core.life import DAY, Life
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound

SEEN_AHEAD = timedelta(days=400)
COUNTRY = re.compile("[A-Z]{2}")
NEEDED = ("name", "street", "postal_code", "city")


def skip_delivery(life: Life, command: SkipDelivery, shop: Shop) -> list[SubscriptionEvent]:
    """What would come on a day does not; whether it is credited is what the plan says."""
    found = _planned(life, command.on, shop)
    if found.is_skipped:
        raise Conflict(f"the delivery of {found.on} is skipped already", code="skipped", field="on")
    if not _waives(command, shop):
        if found.skipping == "not_allowed":
            raise NotAllowed(
                "deliveries of this plan can't be skipped", code="no_skipping", field="on"
            )
        _refuse_late(found, shop.today)
        same_year = [day for day in life.skips if day.year == found.on.year]
        if found.most_skips and len(same_year) >= found.most_skips:
            raise NotAllowed(
                f"{found.most_skips} deliveries a year may be skipped, and so many are",
                code="skips_used_up",
                field="on",
            )
    return [DeliverySkipped(found.on)]


def unskip_delivery(life: Life, command: UnskipDelivery, shop: Shop) -> list[SubscriptionEvent]:
    """What was skipped comes after all."""
    found = _planned(life, command.on, shop)
    if not found.is_skipped:
        raise Conflict(f"the delivery of {found.on} is not skipped", code="not_skipped", field="on")
    if not _waives(command, shop):
        _refuse_late(found, shop.today)
    return [DeliveryUnskipped(found.on)]


def change_address(life: Life, command: ChangeAddress, shop: Shop) -> list[SubscriptionEvent]:
    """Another address from a day on; without a day from the first delivery that allows it."""
    items = delivered_items(life)
    today = max(shop.today, life.start_on)
    if not any(item.end_on is None or today < item.end_on for item in items):
        raise Conflict("nothing is delivered to this subscriber", code="no_delivery", field="on")
    address_id = _address(command, shop)
    # The one of today may still be told to go elsewhere only as long as it can be changed.
    coming = deliveries(items, min(today, command.on or today), today + SEEN_AHEAD)
    fixed = [one.on for one in coming if one.last_change_on < shop.today and not one.is_skipped]
    first = max(fixed) + DAY if fixed else today
    on = day_of_change(life, shop, command.on or first, "")
    if on < first and fixed and not _waives(command, shop):
        raise NotAllowed(
            f"the delivery of {max(fixed)} can't be changed any more; choose {first} or a later"
            " day",
            code="cut_off",
            field="on",
        )
    if life.address_at(on) == address_id:
        raise Conflict("deliveries go there already", code="same_address", field="address")
    return [AddressChanged(on, address_id)]


def check_address(command: ChangeAddress) -> None:
    """Refuse an address that no carrier could find. Raises Invalid."""
    for field in NEEDED:
        if not getattr(command, field).strip():
            raise Invalid("is missing", code="missing", field=field)
    if COUNTRY.fullmatch(command.country) is None:
        raise Invalid("is two letters, such as FI", code="bad_country", field="country")


def _address(command: ChangeAddress, shop: Shop) -> UUID | None:
    """The address that is meant: the user's own, one from before, or a new one."""
    given = [field for field in NEEDED if getattr(command, field)]
    if command.is_own + bool(command.address) + bool(given) > 1:
        raise Invalid(
            "give an address, name one from before, or take the user's own: one of them",
            code="bad_address",
            field="address",
        )
    if command.is_own:
        return None
    if not command.address:
        check_address(command)
        return shop.new_id()
    try:
        own = parsed("delivery_address", command.address)
    except Invalid:
        own = None
    if own not in shop.addresses:
        raise NotFound(
            f"there is no address {command.address!r}", code="unknown_address", field="address"
        )
    return own


def _planned(life: Life, day: date, shop: Shop) -> Delivery:
    found = delivery_on(delivered_items(life), day)
    if found is None:
        raise NotFound(f"nothing is delivered on {day}", code="no_delivery", field="on")
    if day in shop.sent:
        raise NotAllowed(f"the delivery of {day} left already", code="already_sent", field="on")
    return found


def _waives(command: SkipDelivery | UnskipDelivery | ChangeAddress, shop: Shop) -> bool:
    return command.waives_terms and shop.is_staff


def _refuse_late(found: Delivery, today: date) -> None:
    if found.last_change_on < today:
        raise NotAllowed(
            f"the delivery of {found.on} could be changed until {found.last_change_on}",
            code="cut_off",
            field="on",
        )
