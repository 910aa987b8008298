"""Changes of when: pauses, other periods, another time zone, another payer."""

from datetime import date, timedelta
from decimal import Decimal

from kesto.core.calendar import Interval, Schedule, known_zone
from kesto.core.catalog import WHOLE_PERCENT
from kesto.core.changes.command import (
    CallOff,
    ChangeBillingDay,
    ChangeZone,
    Pause,
    Resume,
    Transfer,
)
from kesto.core.changes.shop import Shop, cadence_at, day_of_change
from kesto.core.history import (
    AddressChanged,
    BillingDayChanged,
    CalledOff,
    CurrencyChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    Paused,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
    Transferred,
    ZoneChanged,
)
from kesto.core.life import Life
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound


def pause(life: Life, command: Pause, shop: Shop) -> list[SubscriptionEvent]:
    """A pause of the contract's kind, or of another that staff agrees to."""
    on = day_of_change(life, shop, command.on, command.when)
    percent = life.terms.paused_percent if command.percent is None else command.percent
    if not 0 <= percent <= WHOLE_PERCENT:
        raise Invalid("is from 0 to 100", code="bad_percent", field="percent")
    if command.until is not None and command.until <= on:
        raise Invalid(f"a pause ends after it begins on {on}", code="bad_end", field="until")
    for other in life.pauses:
        begins_before_end = command.until is None or other.start < command.until
        if begins_before_end and (other.end is None or on < other.end):
            raise Conflict(
                f"it is paused from {other.start} already; resume it first",
                code="paused",
                field="on",
            )
    if not shop.is_staff:
        _refuse_long(life, on, command.until, percent)
    return [Paused(on, command.until, percent)]


def _refuse_long(life: Life, on: date, until: date | None, percent: Decimal) -> None:
    longest = life.terms.longest_pause_days
    if not longest or percent != life.terms.paused_percent:
        raise NotAllowed("this plan can't be paused", code="no_pause", field="action")
    if until is None or (until - on).days > longest:
        raise Invalid(
            f"a pause lasts at most {longest} days; choose a day up to"
            f" {on + timedelta(days=longest)}",
            code="pause_too_long",
            field="until",
        )


def resume(life: Life, command: Resume, shop: Shop) -> list[SubscriptionEvent]:
    """Service again; of a pause that lies ahead nothing is left."""
    on = day_of_change(life, shop, command.on)
    if life.pause_at(on) is None and life.pause_at(on - timedelta(days=1)) is None:
        raise Conflict(f"it is not paused on {on}", code="not_paused", field="on")
    return [Resumed(on)]


def change_billing_day(
    life: Life, command: ChangeBillingDay, shop: Shop
) -> list[SubscriptionEvent]:
    """Other periods from a day on, as a rule from the end of the running one."""
    on = day_of_change(life, shop, command.on, command.when, at_period_end=True)
    anchor = command.anchor
    # A schedule of a month shows whether the alignment holds together; refusals name the field.
    Schedule(on, Interval("month"), command.alignment, command.billing_day, anchor)
    now = cadence_at(life, on)
    new = (command.alignment, command.billing_day, anchor)
    if command.alignment != "anniversary" and new == (now.alignment, now.billing_day, now.anchor):
        raise Conflict("its periods are cut so already", code="same_cadence", field="alignment")
    return [BillingDayChanged(on, command.alignment, command.billing_day, anchor)]


def change_zone(life: Life, command: ChangeZone, shop: Shop) -> list[SubscriptionEvent]:
    """The days of another zone."""
    known_zone(command.zone)
    if command.zone == life.zone:
        raise Conflict(f"its zone is {life.zone} already", code="same_zone", field="zone")
    return [ZoneChanged(day_of_change(life, shop, command.on), command.zone)]


def transfer(life: Life, command: Transfer, shop: Shop) -> list[SubscriptionEvent]:
    """Another payer; each pays for their own days."""
    on = day_of_change(life, shop, command.on, command.when)
    if shop.payer is None or shop.group_id is None or shop.payer_id is None:
        raise NotFound(
            f"there is no customer {command.payer!r}", code="unknown_customer", field="payer"
        )
    if shop.payer.customer_id == shop.payer_id:
        raise Conflict(f"{command.payer!r} pays already", code="same_payer", field="payer")
    return [
        Transferred(
            on=on,
            seed=shop.new_id(),
            payer_id=shop.payer.customer_id,
            from_payer_id=shop.payer_id,
            from_group_id=shop.group_id,
            group_id=shop.payer.group_id,
        )
    ]


def call_off(told: list[Told], command: CallOff, shop: Shop) -> list[SubscriptionEvent]:
    """A change that lies ahead does not come about."""
    gone = {one.event.seq for one in told if isinstance(one.event, CalledOff)}
    found = next((one for one in told if one.seq == command.event), None)
    if found is None or found.seq in gone or isinstance(found.event, CalledOff):
        raise NotFound(f"no change {command.event} lies ahead", field="event")
    if isinstance(found.event, Subscribed):
        raise NotAllowed(
            "a subscription is ended by cancelling or withdrawing", code="begun", field="event"
        )
    if isinstance(found.event, Transferred):
        raise NotAllowed(
            "another payer is called off by transferring back", code="transferred", field="event"
        )
    if isinstance(found.event, CurrencyChanged):
        raise NotAllowed(
            f"another currency is called off by changing back to {found.event.from_currency}",
            code="currency_changed",
            field="event",
        )
    if isinstance(found.event, DeliverySkipped | DeliveryUnskipped | AddressChanged):
        raise NotAllowed(
            "skipping is taken back by unskipping, an address by another one: the cut-off counts",
            code="delivery_change",
            field="event",
        )
    if found.event.on <= shop.today:
        raise NotAllowed(
            f"it took effect on {found.event.on}; make another change instead",
            code="took_effect",
            field="event",
        )
    return [CalledOff(shop.today, found.seq)]
