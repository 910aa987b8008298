"""A history played from its beginning: each event does to a life what it says, on its day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from msgspec import structs

from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    AddressChanged,
    BillingDayChanged,
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
    Told,
    Transferred,
    Withdrawn,
    ZoneChanged,
    in_effect,
)
from kesto.core.item import Cadence, Course, Extra, Pause, Step, Turn, ZoneFrom
from kesto.core.life import ADD_ON, DAY, EXTRA, PLAN, AddressFrom, Life, LifeItem, TermSpan
from kesto.core.refusals import Invalid
from kesto.core.rhythm import Rhythm


def play(told: Sequence[Told], first_group_id: UUID | None = None) -> Life:
    """Play one subscription's history, which begins in a billing group (None: not of interest).

    Raises Invalid for a history that does not begin.
    """
    events = in_effect(told)
    first = next((one for one in events if isinstance(one.event, Subscribed)), None)
    if first is None or not isinstance(first.event, Subscribed):
        raise Invalid("a history begins with `subscribed`", field="event")
    life = _begun(first.subscription_id, first.event)
    life.first_group_id = life.group_id = first_group_id
    for one in events:
        if one is not first:
            _apply(life, one)
    return _finished(life)


def _begun(subscription_id: UUID, event: Subscribed) -> Life:
    cadence = Cadence(
        event.cadence_on or event.start_on,
        event.alignment,
        event.billing_day,
        event.anchor,
        event.zone,
    )
    terms = event.terms
    life = Life(
        subscription_id=subscription_id,
        start_on=event.start_on,
        zone=event.zone,
        cadence=cadence,
        first_cadence=structs.replace(cadence, start_on=event.start_on),
        trial_until=cadence.start_on,
        terms=terms,
        currency=event.currency,
        includes_tax=event.includes_tax,
        billed_from=event.billed_from,
        end_on=event.end_on,
        items=[],
        pauses=[],
        zones=[],
        discounts=[],
        spans=[TermSpan(event.start_on, terms.minimum_months, terms.notice_days)],
        skips=[],
        addresses=[],
    )
    life.items += [_started(life, start, event.start_on) for start in event.items]
    return life


def _started(life: Life, start: ItemStart, on: date, quantity: Decimal | None = None) -> LifeItem:
    start_on = on + timedelta(days=start.after_days)
    cadence = life.cadence
    if start_on < cadence.start_on:  # a trial: periods of its own, before the others begin
        cadence = Cadence(start_on, zone=cadence.zone)
        if start.kind != PLAN:
            cadence = life.cadence
    return LifeItem(
        id=start.item_id,
        kind=start.kind,
        start_on=start_on,
        cadence=cadence,
        quantity=Decimal(start.quantity) if quantity is None else quantity,
        code=start.code,
        owner_id=start.owner_id,
        end_on=start_on + timedelta(days=start.for_days) if start.for_days else None,
        group_id=life.group_id,
        phase=start.phase,
        percent=start.percent,
        delivery=start.delivery,
        delivered_from=on,
    )


def _apply(life: Life, told: Told) -> None:
    effect = _EFFECTS.get(type(told.event))
    if effect is None:
        raise Invalid("a subscription begins only once", field="event")
    effect(life, told.event)


def _add_add_on(life: Life, event: AddOnAdded) -> None:
    for item in life.live(ADD_ON, event.on, event.item.code):
        item.stop(event.on)  # its removal was called off meanwhile: the new one takes its place
    own = _started(life, event.item, event.on)
    if event.minimum_months:
        own.bound_until = TermSpan(event.on, event.minimum_months, 0).until
    life.items.append(own)


def _remove_add_on(life: Life, event: AddOnRemoved) -> None:
    for item in life.live(ADD_ON, event.on, event.code):
        item.stop(event.on)


def _change_plan(life: Life, event: PlanChanged) -> None:
    old = life.live(PLAN, event.on)
    running = next((item for item in old if item.runs(event.on)), None)
    if event.moves_from is not None and (not running or running.owner_id != event.moves_from):
        return  # the subscriber chose otherwise meanwhile
    for item in old:
        item.stop(event.on)
    for code in event.dropped:
        for item in life.live(ADD_ON, event.on, code):
            item.stop(event.on)
    if event.is_new_cadence or event.on < life.cadence.start_on:  # it cuts a trial short
        life.cadence = structs.replace(life.cadence, start_on=event.on)
    life.trial_until = min(life.trial_until, event.on)
    quantity = running.quantity_at(event.on) if running and event.keeps_quantity else None
    started = [_started(life, start, event.on, quantity) for start in event.items]
    for item in started:  # who is moved bought already what is sold once
        item.carries_on = event.moves_from is not None
        if running and running.delivery is not None:
            item.delivered_from = running.delivered_from
    life.items += started
    if event.terms is not None:
        life.terms = event.terms
        if event.terms.minimum_months:
            span = TermSpan(event.on, event.terms.minimum_months, event.terms.notice_days)
            life.spans.append(span)


def _change_quantity(life: Life, event: QuantityChanged) -> None:
    quantity = Decimal(event.quantity)
    for item in life.live(ADD_ON if event.code else PLAN, event.on, event.code):
        if item.start_on < event.on:
            steps = [step for step in item.steps if step.on < event.on]
            item.steps = (*steps, Step(event.on, quantity))
        else:
            item.quantity, item.steps = quantity, ()


def _pause(life: Life, event: Paused) -> None:
    if event.until is None or event.on < event.until:
        life.pauses.append(Pause(event.on, event.until, event.percent))


def _resume(life: Life, event: Resumed) -> None:
    life.pauses = [
        structs.replace(pause, end=event.on) if pause.end is None or event.on < pause.end else pause
        for pause in life.pauses
        if pause.start < event.on
    ]


def _cancel(life: Life, event: Cancelled) -> None:
    life.end_on = event.on if life.end_on is None else min(life.end_on, event.on)


def _withdraw(life: Life, event: Withdrawn) -> None:
    if life.end_on is None or event.on < life.end_on:
        life.end_on = event.on if event.pays_for_use else life.start_on
        life.is_withdrawn = True


def _renew(life: Life, event: Renewed) -> None:
    if life.end_on is not None and life.end_on < event.on:
        return  # it ended before the term that was agreed could begin
    span = TermSpan(event.on, event.months, life.terms.notice_days)
    life.spans.append(span)
    if life.end_on is not None:
        life.end_on = span.until


def _transfer(life: Life, event: Transferred) -> None:
    life.payer_id = event.payer_id
    _move(life, event)


def _move(life: Life, event: Transferred | CurrencyChanged) -> None:
    """Let what runs or lies ahead go on in another billing group, as items of their own."""
    life.group_id = event.group_id
    day = event.on
    for item in [one for one in life.items if one.runs(day) or one.is_ahead(day)]:
        if item.kind == EXTRA and item.start_on < day:
            continue  # what was sold once is paid by who paid then
        start_on = max(item.start_on, day)
        cadence = next((t.cadence for t in reversed(item.turns) if t.on <= day), item.cadence)
        life.items.append(
            structs.replace(
                item,
                id=uuid5(event.seed, str(item.id)),
                start_on=start_on,
                quantity=item.quantity_at(start_on),
                cadence=cadence,
                steps=(),
                turns=(),
                group_id=event.group_id,
                carries_on=item.carries_on or item.start_on < day,
            )
        )
        item.stop(day)


def _change_zone(life: Life, event: ZoneChanged) -> None:
    life.zone = event.zone
    life.cadence = structs.replace(life.cadence, zone=event.zone)
    earlier = [one for one in life.zones if one.on < event.on]
    life.zones = [*earlier, ZoneFrom(event.on, event.zone)]


def _change_billing_day(life: Life, event: BillingDayChanged) -> None:
    life.cadence = Cadence(
        event.on, event.alignment, event.billing_day, event.anchor, life.cadence.zone
    )
    for item in life.items:
        if item.start_on >= event.on:
            item.cadence = life.cadence
        elif item.runs(event.on):
            item.turns = (*item.turns, Turn(event.on, life.cadence))


def _give_discount(life: Life, event: DiscountGiven) -> None:
    life.discounts.append(_standing(life, event))


def _end_discount(life: Life, event: DiscountEnded) -> None:
    life.discounts = [
        structs.replace(one, until_on=min(one.until_on or event.on, event.on))
        if one.id == event.discount_id
        else one
        for one in life.discounts
    ]


def _standing(life: Life, event: DiscountGiven) -> StandingDiscount:
    return StandingDiscount(
        id=event.discount_id,
        coupon_id=event.coupon_id,
        code=event.code,
        number=event.number,
        start_on=event.on,
        cadence=event.cadence or life.cadence,
        currency=event.currency,
        until_on=event.until_on,
        interval=event.interval,
        percent=event.percent,
        amount_minor=event.amount_minor,
        products=event.products,
        scope=event.scope,
        group_id=(event.group_id or life.group_id) if event.scope == "customer" else None,
    )


def _add_extra(life: Life, event: ExtraAdded) -> None:
    own = LifeItem(
        id=event.item_id,
        kind=EXTRA,
        start_on=event.on,
        cadence=life.cadence,
        quantity=event.quantity,
        group_id=life.group_id,
        extra=Extra(event.product_id, event.unit_amount, event.texts, event.reason),
    )
    life.items.append(own)


def _skip(life: Life, event: DeliverySkipped) -> None:
    if event.on not in life.skips:
        life.skips.append(event.on)


def _unskip(life: Life, event: DeliveryUnskipped) -> None:
    life.skips = [day for day in life.skips if day != event.on]


def _change_address(life: Life, event: AddressChanged) -> None:
    life.addresses.append(AddressFrom(event.on, event.address_id))


_EFFECTS: Mapping[type, Callable[[Life, Any], None]] = {
    PlanChanged: _change_plan,
    QuantityChanged: _change_quantity,
    AddOnAdded: _add_add_on,
    AddOnRemoved: _remove_add_on,
    Paused: _pause,
    Resumed: _resume,
    Cancelled: _cancel,
    Withdrawn: _withdraw,
    Renewed: _renew,
    Transferred: _transfer,
    CurrencyChanged: _move,
    BillingDayChanged: _change_billing_day,
    ZoneChanged: _change_zone,
    DiscountGiven: _give_discount,
    DiscountEnded: _end_discount,
    ExtraAdded: _add_extra,
    DeliverySkipped: _skip,
    DeliveryUnskipped: _unskip,
    AddressChanged: _change_address,
}


def _finished(life: Life) -> Life:
    """Let the end reach everything, and give each item its course and group."""
    for item in life.items:
        if item.is_for_leaving:
            if life.end_on is None or item.start_on != max(life.end_on - DAY, life.start_on):
                item.stop(item.start_on)  # that notice was taken back, or another one came
        elif life.end_on is not None and item.kind != EXTRA:
            item.stop(life.end_on)
        if item.group_id is None:
            item.group_id = life.first_group_id
        item.rhythm = _rhythm(life, item)
        item.course = _course(life, item)
    own = tuple(item.id for item in life.items)
    life.discounts = [
        one if one.scope == "customer" else structs.replace(one, items=own)
        for one in life.discounts
    ]
    return life


def _zones(life: Life, item: LifeItem, end: date) -> tuple[ZoneFrom, ...]:
    """The zones from the day before its first, by whose clock it begins."""
    before = item.start_on - DAY
    first = life.first_cadence.zone
    zone = next((one.zone for one in reversed(life.zones) if one.on <= before), first)
    later = tuple(one for one in life.zones if before < one.on < end)
    return later if zone == item.cadence.zone else (ZoneFrom(before, zone), *later)


def _rhythm(life: Life, item: LifeItem) -> Rhythm | None:
    if item.delivery is None:
        return None
    start_on = item.delivery.counted_from or life.start_on
    taken_on = item.delivered_from or item.start_on
    # Who comes after the cut-off gets the next one.
    first_on = max(start_on, taken_on + item.delivery.cut_off_days * DAY)
    rhythm = Rhythm(item.delivery, start_on, first_on)
    skipped = [
        day for day in sorted(life.skips) if item.runs(day) and any(rhythm.days(day, day + DAY))
    ]
    return structs.replace(rhythm, skips=tuple(skipped))


def _course(life: Life, item: LifeItem) -> Course | None:
    if item.kind == EXTRA:
        return None
    end = item.end_on or date.max
    rhythm = item.rhythm
    is_credited = rhythm is not None and rhythm.schedule.skipping == "credited"
    course = Course(
        steps=tuple(step for step in item.steps if step.on < end),
        pauses=tuple(
            pause
            for pause in life.pauses
            if pause.start < end and (pause.end is None or item.start_on < pause.end)
        ),
        turns=tuple(turn for turn in item.turns if turn.on < end),
        zones=_zones(life, item, end),
        cadence=None if item.cadence == life.first_cadence else item.cadence,
        percent=item.percent,
        carries_on=item.carries_on,
        rhythm=rhythm if rhythm is not None and is_credited and rhythm.skips else None,
    )
    return None if course == Course() else course
