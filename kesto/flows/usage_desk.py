"""The desk where events are placed: whose each is, and what its meter makes of it.

What they are looked up in is read once for all of them. Nearly every event is a number of a meter
that counts just that, on a day of a subscription that is known: such are placed by a look at their
day and kept together. Every other one is placed with care, which makes the same of both.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.catalog import SoldMeter
from kesto.core.clock import Clock
from kesto.core.metering.sent import Sent
from kesto.core.metering.sent_together import SentEvents, Usual
from kesto.core.refusals import Conflict, NotFound, Refused
from kesto.core.remembered import Remembered
from kesto.flows.usage_arrival import (
    NOT_PRICED,
    arrival_of,
    bare_arrivals,
    counted_now,
    counting_of,
)
from kesto.store.session import Session
from kesto.store.usage import owners, placing, taking_in
from kesto.store.usage.owners import Known, Owner, Piece
from kesto.store.usage.placing import Placing
from kesto.store.usage.taking_in import Arrival, Arrivals


class Placed(Struct):
    """Events that have their place, the first one with each key.

    `firsts`: at which place of those that were read it is. `refused` says by its number why one has
    no place, `billed` by its key why none is taken in. `late`: those that counted on a day that is
    over, with their subscription and that day.
    """

    arrivals: Arrivals
    firsts: dict[bytes, int]
    refused: dict[int, Refused]
    billed: dict[bytes, Refused]
    notes: dict[bytes, str]
    late: list[tuple[bytes, UUID, date]]


class _One(Struct, gc=False):
    """An event that was placed with care; `day` is a day that is over already."""

    arrival: Arrival
    meter: SoldMeter
    owner: Owner
    day: date | None
    note: str


class Desk:
    """Places events of a merchant; `now` is its clock, or its own where none is given."""

    def __init__(
        self,
        session: Session,
        look: placing.Look,
        sent: Sequence[object],
        received_at: datetime,
        now: datetime | None = None,
    ) -> None:
        self.session = session
        self.known: Placing = placing.placing(session, look, *_names(sent))
        self.now = now or self.known.clock_at or received_at
        self.today = local_date(self.now, self.known.zone)
        self._todays = Remembered(self._today_in)
        self._countings = {code: counting_of(one) for code, one in self.known.meters.items()}
        self._bare = {code: one for code, one in self._countings.items() if one.is_bare}

    def place(self, sent: SentEvents) -> Placed:
        """Find out where events belong; where several have a key, the first that has a place.

        Another one with the id of an event that has none may be right.
        """
        placed = Placed(Arrivals.of(()), {}, {**sent.refused}, {}, {}, [])
        firsts, bare, todays = placed.firsts, self._bare, self._todays
        customers, subscriptions = self.known.customers, self.known.subscriptions
        found: list[tuple[int, bytes, bytes]] = []
        with_care: list[_One] = []
        columns = (sent.keys, sent.meters, sent.customers, sent.subscriptions, sent.ats, sent.shown)
        rows = zip(*columns, strict=True)
        for place, (key, code, customer, subscription, at, shown) in enumerate(rows):
            if key in firsts:
                continue
            counting = bare.get(code)
            known = subscriptions.get(subscription) if subscription else customers.get(customer)
            piece = None
            if counting is not None and known is not None and shown is not None:
                piece = known.piece_at(code, at)
            is_over = piece is not None and piece.day.on < todays[piece.day.zone]
            if (
                counting is None
                or piece is None
                or not (piece.is_running or subscription)
                or (is_over and not counting.is_corrected)
            ):
                one = self._place_with_care(sent.at_place(place))
                if isinstance(one, Refused):
                    placed.refused[sent.numbers[place]] = one
                    continue
                with_care.append(one)
            else:
                found.append((place, piece.own, counting.id))
                if is_over or not piece.is_priced:
                    _note(placed, key, piece, is_over=is_over)
            firsts[key] = place
        placed.arrivals = bare_arrivals(sent, found)
        if with_care:
            self._add(placed, with_care)
        return placed

    def _place_with_care(self, sent: Sent) -> "_One | Refused":
        """Find out whose an event is and what its meter makes of it, or why it can't be."""
        meter = self.known.meters.get(sent.meter)
        if meter is None:
            known = ", ".join(sorted(self.known.meters)[:20]) or "none is defined yet"
            detail = f"there is no meter {sent.meter!r}; known: {known}"
            return NotFound(detail, code="unknown_meter", field="meter")
        by_name = self.known.subscriptions if sent.subscription else self.known.customers
        known_one = by_name.get(sent.subscription or sent.customer)
        if known_one is None:
            return _unknown(sent)
        at = sent.event.at
        piece = known_one.piece_at(meter.code, at)
        if piece is not None and (sent.subscription or piece.is_running):
            owner, own, day, is_priced = piece.owner, piece.own, piece.day.on, piece.is_priced
        else:
            chosen = _chosen(sent, meter, known_one)
            if isinstance(chosen, Refused):
                return chosen
            owner, own, day = chosen, chosen.id.bytes, chosen.clock.day_of(at)
            is_priced = owner.prices(meter.code, day)
        arrival, note = arrival_of(sent, self._countings[sent.meter], own, is_priced=is_priced)
        is_over = day < self._today_by(owner.clock)
        return _One(arrival, meter, owner, day if is_over else None, note)

    def _add(self, placed: Placed, with_care: Sequence[_One]) -> None:
        """Put what was placed with care beside the others."""
        self._settle_late(placed, with_care)
        left = [one for one in with_care if one.arrival.key not in placed.billed]
        placed.arrivals = placed.arrivals.and_(Arrivals.of([one.arrival for one in left]))
        for one in left:
            key = one.arrival.key
            if one.note:
                placed.notes[key] = one.note
            if one.day is not None and not one.arrival.problem:
                placed.late.append((key, one.owner.id, one.day))

    def _settle_late(self, placed: Placed, with_care: Sequence[_One]) -> None:
        """Let what is billed already be refused, or count now, where its meter says so."""
        late = [
            (one, (one.owner.id, one.meter.code, one.day))
            for one in with_care
            if one.day is not None and one.meter.late != "correct"
        ]
        if not late:
            return
        billed = owners.billed_days(self.session, list(dict.fromkeys(asked for _, asked in late)))
        known = taking_in.known_keys(self.session, [one.arrival.key for one, _ in late])
        for one, asked in late:
            if asked not in billed or one.arrival.key in known:
                continue
            if one.meter.late == "refuse":
                detail = f"usage of {asked[1]!r} on {asked[2]} is billed already"
                refused = Conflict(detail, code="billed_already", field="time")
                placed.billed[one.arrival.key] = refused
            else:
                one.arrival = counted_now(one.arrival, self.now)
                one.day = None

    def _today_by(self, clock: Clock) -> date:
        """The first day that is not over by our clock, nor by an owner's."""
        if clock.later:
            return max(self.today, clock.day_of(self.now))
        return self._todays[clock.zone]

    def _today_in(self, zone: str) -> date:
        return max(self.today, local_date(self.now, zone))


def _note(placed: Placed, key: bytes, piece: Piece, *, is_over: bool) -> None:
    """Note what has to be known of an event beside its place."""
    if not piece.is_priced:
        placed.notes[key] = NOT_PRICED
    if is_over:
        placed.late.append((key, piece.owner.id, piece.day.on))


def _unknown(sent: Sent) -> NotFound:
    noun, name = ("customer", sent.customer)
    if sent.subscription:
        noun, name = ("subscription", sent.subscription)
    return NotFound(f"there is no {noun} {name!r}", code=f"unknown_{noun}", field=noun)


def _chosen(sent: Sent, meter: SoldMeter, known: Known) -> Owner | Refused:
    """Which of those that a name may mean an event is of."""
    at = sent.event.at
    if sent.subscription:
        return known.owners[0]
    name = sent.customer
    running = [one for one in known.owners if one.runs(one.clock.day_of(at))]
    pricing = [one for one in running if one.prices(meter.code, one.clock.day_of(at))]
    candidates = pricing or running
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        detail = f"customer {name!r} had no subscription at that time"
        return NotFound(detail, code="no_subscription", field="customer")
    detail = f"customer {name!r} had several subscriptions then; name the subscription instead"
    return Conflict(detail, code="ambiguous_subscription", field="customer")


def _names(sent: Sequence[object]) -> tuple[set[str], set[str]]:
    """The customers and subscriptions that are named; what is no name is refused later."""
    usual = [one for one in sent if type(one) is Usual]
    customers = {one.customer for one in usual if one.customer}
    subscriptions = {one.subscription for one in usual if one.subscription}
    if len(usual) < len(sent):
        others = [one for one in sent if type(one) is dict or isinstance(one, Mapping)]
        customers |= {text for one in others if type(text := one.get("customer")) is str}
        subscriptions |= {text for one in others if type(text := one.get("subscription")) is str}
    return customers, subscriptions
