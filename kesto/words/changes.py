"""The history of a subscription in words: each event as a sentence, with the day of its effect."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    AddressChanged,
    BillingDayChanged,
    CalledOff,
    Cancelled,
    CurrencyChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    DiscountEnded,
    DiscountGiven,
    ExtraAdded,
    ItemStart,
    Paused,
    PlanChanged,
    QuantityChanged,
    Renewed,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
    Transferred,
    Withdrawn,
    ZoneChanged,
    currency_on,
)
from kesto.core.passing import Passed
from kesto.core.renewals import Renewal
from kesto.words import forms
from kesto.words.messages import LANGUAGES, count
from kesto.words.tongue import Tongue

ONE_DAY = timedelta(days=1)
EARLY_TERMINATION = "early_termination"
Names = Mapping[str, str]


HELD = (Transferred, DeliverySkipped, DeliveryUnskipped, AddressChanged)
"""Events that are followed by their opposite instead of being called off."""


class Known(Struct, frozen=True):
    """What events call by id or code, by name: sold things and products by language, people."""

    sold: Mapping[UUID, Names] = {}
    add_ons: Mapping[str, Names] = {}
    products: Mapping[UUID, Names] = {}
    people: Mapping[UUID, str] = {}
    coupons: Mapping[str, Names] = {}


class Happening(Struct, frozen=True):
    """An event in words; `why` says which rule decided and the reason that was given.

    One with the number 0 was told by nobody: what renewed or was over by itself.
    """

    seq: int
    on: date
    text: str
    event: SubscriptionEvent | Passed
    why: str = ""
    is_called_off: bool = False

    @property
    def is_of_one_day(self) -> bool:
        """Whether it is about one day only, which its words name already."""
        return isinstance(self.event, DeliverySkipped | DeliveryUnskipped | Passed)

    @property
    def can_be_called_off(self) -> bool:
        """Whether, while it lies ahead, it can be made not to come about by calling it off."""
        return not isinstance(self.event, HELD)


def happenings(told: Sequence[Told], known: Known, tongue: Tongue) -> list[Happening]:
    """A history in words, in the order in which it was told."""
    by_seq = {one.seq: one.event for one in told}
    gone = {event.seq for event in by_seq.values() if isinstance(event, CalledOff)}
    return [
        Happening(
            seq=one.seq,
            on=one.event.on,
            text=sentence(one.event, known, _tongue_on(one.event.on, told, tongue), by_seq),
            event=one.event,
            why=_why(one.event, tongue),
            is_called_off=one.seq in gone,
        )
        for one in told
    ]


def _tongue_on(day: date, told: Sequence[Told], tongue: Tongue) -> Tongue:
    """Amounts in the currency of their day."""
    return Tongue(tongue.language, currency_on(told, day, tongue.currency))


def with_renewals(
    said: Sequence[Happening], renewed: Sequence[Renewal], tongue: Tongue
) -> list[Happening]:
    """The terms that began by themselves told among the events, each behind what came before it."""
    found = list(said)
    for one in renewed:
        event = Renewed(one.on, one.months)
        text = _end(event, tongue)
        before = (place for place, other in enumerate(found, 1) if other.on <= one.on)
        why = tongue.say("renewed_by_itself", last=tongue.day(one.until - ONE_DAY))
        found.insert(max(before, default=0), Happening(0, one.on, text, event, why))
    return found


def sentence(
    event: SubscriptionEvent,
    known: Known,
    tongue: Tongue,
    history: Mapping[int, SubscriptionEvent] = {},
) -> str:
    """What an event says; `history` holds the events that it may be about, by their number."""
    match event:
        case Subscribed() | PlanChanged() | QuantityChanged() | AddOnAdded() | AddOnRemoved():
            return _sold(event, known, tongue)
        case DiscountGiven() | DiscountEnded() | ExtraAdded():
            return _money(event, known, tongue, history)
        case Paused() | Resumed() | BillingDayChanged() | ZoneChanged():
            return _time(event, tongue)
        case DeliverySkipped() | DeliveryUnskipped() | AddressChanged():
            return _delivery(event, tongue)
        case Cancelled() | Withdrawn() | Renewed():
            return _end(event, tongue)
        case Transferred() | CurrencyChanged() | CalledOff():
            return _other(event, known, tongue, history)


def ending(rule: str, tongue: Tongue) -> str:
    """Which rule of the contract or the law gave the last day; nothing for an unknown one."""
    key = f"ending_{rule}"
    return tongue.say(key) if key in LANGUAGES[tongue.language] else ""


def discount_value(one: DiscountGiven, tongue: Tongue) -> str:
    """What a discount takes off: a percentage or a sum."""
    if one.percent:
        return forms.percent(one.percent, tongue.language)
    return forms.amount(one.amount_minor, one.currency, tongue.language)


def coupon_name(coupons: Mapping[str, Names], code: str, language: str) -> str:
    """What a coupon is called; one that nobody knows any more by its code."""
    names = coupons.get(code, {})
    return names.get(language) or next(iter(names.values()), code)


def _other(
    event: Transferred | CurrencyChanged | CalledOff,
    known: Known,
    tongue: Tongue,
    history: Mapping[int, SubscriptionEvent],
) -> str:
    match event:
        case Transferred(payer_id=payer_id):
            return tongue.say("event_transferred", payer=known.people.get(payer_id, "–"))
        case CurrencyChanged(from_currency=before, currency=after):
            return tongue.say("event_currency_changed", before=before, after=after)
        case CalledOff(seq=seq):
            other = history.get(seq)
            what = sentence(other, known, tongue, history) if other is not None else str(seq)
            return tongue.say("event_called_off", what=what)


def _sold(
    event: Subscribed | PlanChanged | QuantityChanged | AddOnAdded | AddOnRemoved,
    known: Known,
    tongue: Tongue,
) -> str:
    match event:
        case Subscribed():
            return _begun(event, known, tongue)
        case PlanChanged():
            return _plan(event, known, tongue)
        case QuantityChanged(quantity=quantity, code=""):
            return tongue.say("event_quantity_changed", quantity=tongue.number(quantity))
        case QuantityChanged(quantity=quantity, code=code):
            facts = {"add_on": _add_on(code, known, tongue), "quantity": tongue.number(quantity)}
            return tongue.say("event_quantity_of", **facts)
        case AddOnAdded(item=item):
            return _add_on_begins(item, known, tongue)
        case AddOnRemoved(code=code):
            return tongue.say("event_add_on_removed", add_on=_add_on(code, known, tongue))


def _begun(event: Subscribed, known: Known, tongue: Tongue) -> str:
    what = ", ".join(dict.fromkeys(_item(item, known, tongue) for item in event.items))
    if event.end_on is None:
        return tongue.say("event_subscribed", what=what)
    return tongue.say("event_subscribed_until", what=what, last=tongue.day(event.end_on - ONE_DAY))


def _plan(event: PlanChanged, known: Known, tongue: Tongue) -> str:
    names = [_name(known.sold.get(item.owner_id, {}), tongue) or item.code for item in event.items]
    plan = next(iter(names), "")
    if event.is_migration:
        said = tongue.say("event_plan_migrated", plan=plan)
    elif event.keeps_quantity:
        said = tongue.say("event_plan_changed", plan=plan)
    else:
        number = tongue.number(event.items[0].quantity)
        said = tongue.say("event_plan_quantity", plan=plan, quantity=number)
    if not event.dropped:
        return said
    add_ons = ", ".join(_add_on(code, known, tongue) for code in event.dropped)
    return tongue.say("event_dropped", plan=said, add_ons=add_ons)


def _add_on_begins(item: ItemStart, known: Known, tongue: Tongue) -> str:
    name = _name(known.sold.get(item.owner_id, {}), tongue) or item.code
    if Decimal(item.quantity) == 1:
        return tongue.say("event_add_on_added", add_on=name)
    number = tongue.number(item.quantity)
    return tongue.say("event_add_on_quantity", add_on=name, quantity=number)


def _money(
    event: DiscountGiven | DiscountEnded | ExtraAdded,
    known: Known,
    tongue: Tongue,
    history: Mapping[int, SubscriptionEvent],
) -> str:
    match event:
        case DiscountGiven(code=code, until_on=until_on):
            value = discount_value(event, tongue)
            name = coupon_name(known.coupons, code, tongue.language)
            if until_on is None:
                return tongue.say("event_discount_given", name=name, value=value)
            last = tongue.day(until_on - ONE_DAY)
            return tongue.say("event_discount_until", name=name, value=value, last=last)
        case DiscountEnded(discount_id=own):
            given = (one for one in history.values() if isinstance(one, DiscountGiven))
            code = next((one.code for one in given if one.discount_id == own), "")
            name = coupon_name(known.coupons, code, tongue.language)
            return tongue.say("event_discount_ended", name=name).replace("  ", " ")
        case ExtraAdded():
            amount = forms.exact_amount(
                event.unit_amount * event.quantity, tongue.currency, tongue.language
            )
            if event.reason == EARLY_TERMINATION:
                return tongue.say("event_early_termination", amount=amount)
            name = _name(event.texts, tongue) or _name(
                known.products.get(event.product_id, {}), tongue
            )
            return tongue.say("event_extra_added", name=name, amount=amount)


def _time(event: Paused | Resumed | BillingDayChanged | ZoneChanged, tongue: Tongue) -> str:
    match event:
        case Paused():
            return _paused(event, tongue)
        case Resumed():
            return tongue.say("event_resumed")
        case BillingDayChanged(alignment=alignment, billing_day=day, anchor=anchor):
            facts = {"day": str(day), "anchor": tongue.day(anchor) if anchor else ""}
            return tongue.say(f"event_periods_{alignment}", **facts)
        case ZoneChanged(zone=zone):
            return tongue.say("event_zone_changed", zone=zone)


def _delivery(event: DeliverySkipped | DeliveryUnskipped | AddressChanged, tongue: Tongue) -> str:
    match event:
        case DeliverySkipped(on=on):
            return tongue.say("event_delivery_skipped", day=tongue.day(on))
        case DeliveryUnskipped(on=on):
            return tongue.say("event_delivery_unskipped", day=tongue.day(on))
        case AddressChanged(address_id=None):
            return tongue.say("event_address_own")
        case AddressChanged():
            return tongue.say("event_address_changed")


def _paused(event: Paused, tongue: Tongue) -> str:
    said = tongue.say("event_paused")
    if event.until is not None:
        said = tongue.say("event_paused_until", until=tongue.day(event.until))
    if not event.percent:
        return said
    rate = forms.percent(event.percent, tongue.language)
    return tongue.say("event_paused_percent", pause=said, rate=rate)


def _end(event: Cancelled | Withdrawn | Renewed, tongue: Tongue) -> str:
    match event:
        case Cancelled(on=on):
            return tongue.say("event_cancelled", last=tongue.day(on - ONE_DAY))
        case Withdrawn(pays_for_use=pays_for_use):
            return tongue.say("event_withdrawn" if pays_for_use else "event_withdrawn_free")
        case Renewed(months=months):
            if not months:
                return tongue.say("event_renewed_open")
            return count(tongue.language, "event_renewed", Decimal(months))


def _why(event: SubscriptionEvent, tongue: Tongue) -> str:
    if not isinstance(event, Cancelled):
        return ""
    return " ".join(part for part in (ending(event.rule, tongue), event.reason) if part)


def _item(item: ItemStart, known: Known, tongue: Tongue) -> str:
    name = _name(known.sold.get(item.owner_id, {}), tongue) or item.code
    if Decimal(item.quantity) == 1:
        return name
    return f"{tongue.number(item.quantity)} × {name}"


def _add_on(code: str, known: Known, tongue: Tongue) -> str:
    return _name(known.add_ons.get(code, {}), tongue) or code


def _name(names: Names, tongue: Tongue) -> str:
    return names.get(tongue.language) or next(iter(names.values()), "")
