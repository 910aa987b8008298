"""Accept usage: each event is kept once, or told why it is not.

What is accepted is committed and never lost; the same event sent again is a duplicate, another one
with its id a conflict. An event counts for one subscription: the one that it names, or the only one
of its customer that prices its meter on its day. What came late does what its meter says.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.calendar import local_date
from kesto.core.catalog import SoldMeter
from kesto.core.exact import written
from kesto.core.metering import AGGREGATIONS, Meter
from kesto.core.metering.event import Event, Problem, plain_text, value_of
from kesto.core.metering.metered import labels_of, passes
from kesto.core.metering.sent import Sent, parse_sent
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused
from kesto.store import merchants, meters
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.usage import owners, taking_in
from kesto.store.usage.owners import Owner
from kesto.store.usage.taking_in import Arrival

MOST_EVENTS = 1_000
FILTERED = "filtered"
"""The problem of an event that its meter does not count."""

Status = Literal["accepted", "duplicate", "rejected"]


class Verdict(Struct, frozen=True, omit_defaults=True):
    """What became of an event; a rejected one says why, an accepted one may not count: `note`."""

    id: str
    status: Status
    code: str = ""
    field: str = ""
    detail: str = ""
    note: str = ""


def accept_usage(
    merchant_id: UUID, sent: Sequence[object], now: datetime, received_at: datetime
) -> list[Verdict]:
    """Take in up to a thousand events as they were sent; a verdict on each, in their order.

    `now` is the merchant's clock. Raises Invalid for too many.
    """
    if len(sent) > MOST_EVENTS:
        detail = f"at most {MOST_EVENTS} events are taken at once"
        raise Invalid(detail, code="too_many", field="events")
    with writing(merchant_id) as session:
        verdicts = accept_in(session, sent, now, received_at)
        crash_point("accept_usage.before_commit")
    crash_point("accept_usage.after_commit")
    return verdicts


def accept_in(
    session: Session, sent: Sequence[object], now: datetime, received_at: datetime
) -> list[Verdict]:
    """The same inside a flow that does more."""
    readings = [_read(one, now) for one in sent]
    events = [one for one in readings if isinstance(one, Sent)]
    batch = taking_in.begin_batch(session)
    crash_point("accept_usage.after_batch")
    desk = _Desk(session, events, now)
    placed: dict[UUID, _Placed | Refused] = {}
    for event in events:
        placed.setdefault(event.key, desk.place(event))
    desk.settle_late(placed)
    found = [one for one in placed.values() if isinstance(one, _Placed)]
    outcomes = taking_in.take_in(session, [one.arrival for one in found], batch, received_at)
    crash_point("accept_usage.after_events")
    late = _late_days([one for one in found if outcomes[one.arrival.key] == "accepted"])
    if late:
        taking_in.mark_late(session, late, batch)
        taking_in.wake(session, late, desk.today)
    told: Counter[UUID] = Counter()
    return [
        _verdict(one, raw, placed, outcomes, told) for one, raw in zip(readings, sent, strict=True)
    ]


def judge_usage(merchant_id: UUID, sent: Sequence[object], now: datetime) -> list[Verdict]:
    """Say what would become of events if they were sent now; nothing is taken in."""
    with reading(merchant_id) as session:
        readings = [_read(one, now) for one in sent]
        events = [one for one in readings if isinstance(one, Sent)]
        desk = _Desk(session, events, now)
        placed: dict[UUID, _Placed | Refused] = {}
        for event in events:
            placed.setdefault(event.key, desk.place(event))
        desk.settle_late(placed)
        known = taking_in.known_keys(session, list(placed))
        outcomes: dict[UUID, taking_in.Outcome] = {
            event.key: taking_in.outcome_of(event.content, known.get(event.key)) for event in events
        }
    told: Counter[UUID] = Counter()
    return [
        _verdict(one, raw, placed, outcomes, told) for one, raw in zip(readings, sent, strict=True)
    ]


class _Placed(Struct):
    """An event with its subscription and meter; `day` is a day that is over already."""

    arrival: Arrival
    meter: SoldMeter
    owner: Owner
    day: date | None
    note: str


class _Desk:
    """What events are looked up in, read once for a batch."""

    def __init__(self, session: Session, events: Sequence[Sent], now: datetime) -> None:
        self.session = session
        self.now = now
        self.meters = meters.meters(session)
        entities = merchants.billing_entities(session)
        zone = entities[0].zone if entities else "UTC"
        self.today = local_date(now, zone)
        customers = sorted({one.customer for one in events if one.customer})
        named = sorted({one.subscription for one in events if one.subscription})
        self.customers = owners.customers_known(session, customers)
        found = owners.owners(session, customers, named)
        self.by_name: dict[str, Owner] = {}
        self.by_user: dict[str, list[Owner]] = {}
        for one in found:
            self.by_name.setdefault(str(one.id.hex), one)
            self.by_user.setdefault(one.user, []).append(one)
            self.by_user.setdefault(one.user_id.hex, []).append(one)
        # What the merchant calls it comes before what its id says.
        self.by_name |= {one.external_id: one for one in found}

    def place(self, sent: Sent) -> "_Placed | Refused":
        """Find out whose an event is and what its meter makes of it, or why it can't be."""
        meter = self.meters.get(sent.meter)
        if meter is None:
            known = ", ".join(sorted(self.meters)[:20]) or "none is defined yet"
            detail = f"there is no meter {sent.meter!r}; known: {known}"
            return NotFound(detail, code="unknown_meter", field="meter")
        owner = self._owner(sent, meter)
        if isinstance(owner, Refused):
            return owner
        day = owner.clock.day_of(sent.event.at)
        is_over = day < max(self.today, owner.clock.day_of(self.now))
        arrival, note = _arrival(sent, meter, owner)
        return _Placed(arrival, meter, owner, day if is_over else None, note)

    def settle_late(self, placed: dict[UUID, "_Placed | Refused"]) -> None:
        """Let what is billed already be refused, or count now, where its meter says so."""
        late = {
            key: (one.owner.id, one.meter.code, one.day)
            for key, one in placed.items()
            if isinstance(one, _Placed) and one.day is not None and one.meter.late != "correct"
        }
        if not late:
            return
        billed = owners.billed_days(self.session, list(dict.fromkeys(late.values())))
        known = taking_in.known_keys(self.session, list(late))
        for key, asked in late.items():
            one = placed[key]
            if asked not in billed or key in known or not isinstance(one, _Placed):
                continue
            if one.meter.late == "refuse":
                detail = f"usage of {asked[1]!r} on {asked[2]} is billed already"
                placed[key] = Conflict(detail, code="billed_already", field="time")
            else:
                one.arrival = _counted_now(one.arrival, self.now)
                one.day = None

    def _owner(self, sent: Sent, meter: SoldMeter) -> Owner | Refused:
        if sent.subscription:
            name = sent.subscription
            found = self.by_name.get(name) or self.by_name.get(_hex(name, "sub_"))
            if found is None:
                detail = f"there is no subscription {name!r}"
                return NotFound(detail, code="unknown_subscription", field="subscription")
            return found
        return self._of_customer(sent, meter)

    def _of_customer(self, sent: Sent, meter: SoldMeter) -> Owner | Refused:
        name = sent.customer
        if name not in self.customers:
            detail = f"there is no customer {name!r}"
            return NotFound(detail, code="unknown_customer", field="customer")
        own = self.by_user.get(name) or self.by_user.get(_hex(name, "cus_")) or []
        at = sent.event.at
        running = [one for one in own if one.runs(one.clock.day_of(at))]
        pricing = [one for one in running if one.prices(meter.code, one.clock.day_of(at))]
        candidates = pricing or running
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            detail = f"customer {name!r} had no subscription at that time"
            return NotFound(detail, code="no_subscription", field="customer")
        detail = f"customer {name!r} had several subscriptions then; name the subscription instead"
        return Conflict(detail, code="ambiguous_subscription", field="customer")


def _read(one: object, now: datetime) -> Sent | Invalid:
    try:
        return parse_sent(one, now)
    except Invalid as refused:
        return refused


def _hex(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).replace("-", "").lower()


def _arrival(sent: Sent, meter: SoldMeter, owner: Owner) -> tuple[Arrival, str]:
    """An event as it is kept, and a note for the sender where it does not count."""
    event = sent.event
    number, name, is_removal, problem = _measured(meter.meter, event)
    note = ""
    if problem is not None:
        note = problem.detail
    elif not owner.prices(meter.code, owner.clock.day_of(event.at)):
        note = "no price of the subscription counts this meter at that time"
    arrival = Arrival(
        subscription_id=owner.id,
        meter_id=meter.id,
        at=event.at,
        key=sent.key,
        content=sent.content,
        happened_at=None,
        source=event.source,
        event_id=event.id,
        number=number,
        name=name,
        is_removal=is_removal,
        labels=labels_of(meter.meter, event) if meter.meter.group_by else None,
        problem=problem.code if problem else "",
        sent=plain_text(value_of(event, meter.meter.property_name)[1]),
        properties=event.properties or None,
    )
    return arrival, note


def _measured(meter: Meter, event: Event) -> tuple[str, str | None, bool, Problem | None]:
    if not passes(meter, event):
        return "0", None, False, Problem(FILTERED, "the meter's filter leaves it out")
    aggregation = AGGREGATIONS[meter.aggregation]
    reading = aggregation.read(meter, event)
    if isinstance(reading, Problem):
        return "0", None, False, reading
    number = "1" if meter.aggregation == "count" else written(reading.number)
    return number, reading.name or None, reading.is_removal, None


def _counted_now(arrival: Arrival, now: datetime) -> Arrival:
    return replace(arrival, at=now, happened_at=arrival.at)


def _late_days(accepted: Sequence[_Placed]) -> dict[UUID, date]:
    """The first day of each subscription that something came for after it was over."""
    found: dict[UUID, date] = {}
    for one in accepted:
        if one.day is not None and not one.arrival.problem:
            own = one.owner.id
            found[own] = min(found.get(own, one.day), one.day)
    return found


def _verdict(
    one: Sent | Invalid,
    raw: object,
    placed: Mapping[UUID, _Placed | Refused],
    outcomes: Mapping[UUID, taking_in.Outcome],
    told: Counter[UUID],
) -> Verdict:
    if isinstance(one, Invalid):
        own = raw.get("id") if isinstance(raw, Mapping) else ""
        return _rejected(own if isinstance(own, str) else "", one)
    found = placed[one.key]
    if isinstance(found, Refused):
        return _rejected(one.event.id, found)
    told[one.key] += 1
    outcome = outcomes[one.key]
    if outcome == "conflict" or found.arrival.content != one.content:
        detail = "another event with this id was taken in before; give this one an id of its own"
        return _rejected(one.event.id, Conflict(detail, code="conflict", field="id"))
    if outcome == "duplicate" or told[one.key] > 1:
        return Verdict(one.event.id, "duplicate")
    return Verdict(one.event.id, "accepted", note=found.note)


def _rejected(own: str, refused: Refused) -> Verdict:
    return Verdict(own[:200], "rejected", refused.code, refused.field, refused.detail)
