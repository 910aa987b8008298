"""Accept usage: each event is kept once, or told why it is not.

What is accepted is committed and never lost; the same event sent again is a duplicate, another one
with its id a conflict. An event counts for one subscription: the one that it names, or the only one
of its customer that prices its meter on its day. What came late does what its meter says. What is
rejected from a program is kept apart, for staff to mend.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.catalog import SoldMeter
from kesto.core.clock import Clock
from kesto.core.metering.sent import Sent, parse_sent
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused
from kesto.flows.usage_arrival import arrival_of, counted_now, counting_of
from kesto.store.session import (
    LOST,
    PASSING,
    THERE,
    Session,
    crash_point,
    forget_connections,
    reading,
    was_crossed,
    was_there,
    writing,
    writing_after,
)
from kesto.store.usage import letters, owners, placing, taking_in
from kesto.store.usage.letters import NewLetter
from kesto.store.usage.owners import Known, Owner
from kesto.store.usage.placing import Placing
from kesto.store.usage.taking_in import Arrival

MOST_EVENTS = 1_000
MOST_TRIES = 3
Status = Literal["accepted", "duplicate", "rejected"]


class Verdict(Struct, frozen=True, omit_defaults=True, gc=False):
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


def accept_together(
    merchant_id: UUID, batches: Sequence[Sequence[object]], received_at: datetime
) -> list[list[Verdict]]:
    """Take in what several senders sent by one commit; the verdicts on each one's events apart.

    What is rejected and can be mended is kept in the list for that. All is done again when others
    stood in the way or the connection was lost: what was committed all the same is a duplicate.
    """
    for tries_left in range(MOST_TRIES - 1, -1, -1):
        try:
            return _accept_hopefully(merchant_id, batches, received_at)
        except PASSING as trouble:
            if isinstance(trouble, LOST) and not was_crossed(trouble):
                forget_connections()
            if not tries_left:
                raise
    raise AssertionError


def _accept_hopefully(
    merchant_id: UUID, batches: Sequence[Sequence[object]], received_at: datetime
) -> list[list[Verdict]]:
    """Nearly always all events are new. When one was not, nothing is done yet, and all is asked."""
    if taking_in.may_hope(merchant_id):
        try:
            return _accept_together(merchant_id, batches, received_at, is_hopeful=True)
        except THERE as trouble:
            if not was_there(trouble):
                raise
            taking_in.be_careful(merchant_id)
    return _accept_together(merchant_id, batches, received_at, is_hopeful=False)


def _accept_together(
    merchant_id: UUID,
    batches: Sequence[Sequence[object]],
    received_at: datetime,
    *,
    is_hopeful: bool,
) -> list[list[Verdict]]:
    sent = [one for batch in batches for one in batch]
    with writing_after(merchant_id, _ask) as (session, (look, batch)):
        desk = _Desk(session, look, sent, received_at)
        told = desk.accept(taking_in.number_of(batch), received_at, is_hopeful=is_hopeful)
        dead = [
            letter
            for raw, verdict in zip(sent, told, strict=True)
            if verdict.status == "rejected" and (letter := letter_from(raw, verdict)) is not None
        ]
        if dead:
            letters.keep(session, dead, received_at)
            crash_point("accept_usage.after_letters")
        crash_point("accept_usage.before_commit")
    crash_point("accept_usage.after_commit")
    verdicts = iter(told)
    return [[*islice(verdicts, len(batch))] for batch in batches]


def accept_in(
    session: Session, sent: Sequence[object], now: datetime, received_at: datetime
) -> list[Verdict]:
    """The same inside a flow that does more."""
    look, batch = _ask(session)
    desk = _Desk(session, look, sent, received_at, now)
    return desk.accept(taking_in.number_of(batch), received_at)


def letter_from(raw: object, verdict: Verdict) -> NewLetter | None:
    """A rejected event to be kept; None for one that nobody could mend."""
    return letters.letter_from(raw, verdict.code, verdict.field, verdict.detail)


def judge_usage(merchant_id: UUID, sent: Sequence[object], now: datetime) -> list[Verdict]:
    """Say what would become of events if they were sent now; nothing is taken in."""
    with reading(merchant_id) as session:
        return _Desk(session, placing.look(session), sent, now, now).judge()


class _Placed(Struct, gc=False):
    """An event with its subscription and meter; `day` is a day that is over already."""

    sent: Sent
    arrival: Arrival
    meter: SoldMeter
    owner: Owner
    day: date | None
    note: str


def _ask(session: Session) -> tuple[placing.Look, taking_in.Batch]:
    """What is asked at the beginning: what changed, and for the number of a batch."""
    return placing.look(session), taking_in.begin_batch(session)


class _Desk:
    """Where events are placed: what they are looked up in is read once for all of them.

    `now` is the merchant's clock, or its own where none is given.
    """

    def __init__(
        self,
        session: Session,
        look: placing.Look,
        sent: Sequence[object],
        received_at: datetime,
        now: datetime | None = None,
    ) -> None:
        self.session = session
        self.sent = sent
        named = [one for one in sent if type(one) is dict or isinstance(one, Mapping)]
        self.known: Placing = placing.placing(
            *(session, look),
            _texts([one.get("customer") for one in named]),
            _texts([one.get("subscription") for one in named]),
        )
        self.now = now or self.known.clock_at or received_at
        self.today = local_date(self.now, self.known.zone)
        self._todays: dict[Clock, date] = {}
        self._countings = {code: counting_of(one) for code, one in self.known.meters.items()}

    def accept(
        self, batch: int, received_at: datetime, *, is_hopeful: bool = False
    ) -> list[Verdict]:
        """Keep what is new, and say what became of each."""
        session = self.session
        readings = self._readings()
        crash_point("accept_usage.after_batch")
        placed = self._placed(readings)
        found = [one for one in placed.values() if type(one) is _Placed]
        outcomes = taking_in.take_in(
            *(session, [one.arrival for one in found], batch, received_at), is_hopeful=is_hopeful
        )
        crash_point("accept_usage.after_events")
        late = _late_days(found, outcomes)
        if late:
            taking_in.mark_late(session, late, batch)
            taking_in.wake(session, late, self.today)
        if self.known.has_letters:
            accepted = [key for key, outcome in outcomes.items() if outcome == "accepted"]
            letters.settle(session, accepted)
        return self._verdicts(readings, placed, outcomes)

    def judge(self) -> list[Verdict]:
        """Say what would become of each, and keep nothing."""
        readings = self._readings()
        placed = self._placed(readings)
        found = [one.arrival for one in placed.values() if isinstance(one, _Placed)]
        known = taking_in.known_keys(self.session, [one.key for one in found])
        outcomes = {one.key: taking_in.outcome_of(one.content, known.get(one.key)) for one in found}
        return self._verdicts(readings, placed, outcomes)

    def _readings(self) -> list[Sent | Refused]:
        return [*parse_sent(self.sent, self.now)]

    def _placed(self, readings: list[Sent | Refused]) -> dict[bytes, _Placed | Refused]:
        """Where each event belongs, by its key: that of the first one with it.

        What can't be placed is refused among the readings.
        """
        placed: dict[bytes, _Placed | Refused] = {}
        for number, event in enumerate(readings):
            if type(event) is Sent and event.key not in placed:
                place = self.place(event)
                if isinstance(place, Refused):  # another one of this id may be right
                    readings[number] = place
                else:
                    placed[event.key] = place
        self.settle_late(placed)
        return placed

    def _verdicts(
        self,
        readings: Sequence[Sent | Refused],
        placed: Mapping[bytes, _Placed | Refused],
        outcomes: Mapping[bytes, taking_in.Outcome],
    ) -> list[Verdict]:
        return [
            _verdict(one, placed[one.key], outcomes)
            if isinstance(one, Sent)
            else _rejected(_own_id(raw), one)
            for one, raw in zip(readings, self.sent, strict=True)
        ]

    def place(self, sent: Sent) -> "_Placed | Refused":
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
            owner, own, day, is_priced = piece.owner, piece.own, piece.day, piece.is_priced
        else:
            chosen = _chosen(sent, meter, known_one)
            if isinstance(chosen, Refused):
                return chosen
            owner, own, day = chosen, chosen.id.bytes, chosen.clock.day_of(at)
            is_priced = owner.prices(meter.code, day)
        today = self._todays.get(owner.clock) or self._today_by(owner.clock)
        arrival, note = arrival_of(sent, self._countings[sent.meter], own, is_priced=is_priced)
        return _Placed(sent, arrival, meter, owner, day if day < today else None, note)

    def _today_by(self, clock: Clock) -> date:
        """The first day that is not over by our clock, nor by an owner's."""
        today = self._todays[clock] = max(self.today, clock.day_of(self.now))
        return today

    def settle_late(self, placed: dict[bytes, "_Placed | Refused"]) -> None:
        """Let what is billed already be refused, or count now, where its meter says so."""
        late = [
            (one, (one.owner.id, one.meter.code, one.day))
            for one in placed.values()
            if type(one) is _Placed and one.day is not None and one.meter.late != "correct"
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
                placed[one.arrival.key] = refused
            else:
                one.arrival = counted_now(one.arrival, self.now)
                one.day = None


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


def _texts(values: Sequence[object]) -> set[str]:
    """The names among what was sent as such; what is none is refused later."""
    return {one for one in values if type(one) is str}


def _late_days(
    found: Sequence[_Placed], outcomes: Mapping[bytes, taking_in.Outcome]
) -> dict[UUID, date]:
    """The first day of each subscription that something came for after it was over."""
    late: dict[UUID, date] = {}
    for one in found:
        arrival = one.arrival
        if one.day and not arrival.problem and outcomes[arrival.key] == "accepted":
            own = one.owner.id
            late[own] = min(late.get(own, one.day), one.day)
    return late


def _verdict(
    one: Sent, found: _Placed | Refused, outcomes: Mapping[bytes, taking_in.Outcome]
) -> Verdict:
    """What became of an event; `found` is where the first one with its key belongs."""
    if isinstance(found, Refused):
        return _rejected(one.event.id, found)
    outcome = outcomes[one.key]
    if outcome == "conflict" or found.sent.content != one.content:
        detail = "another event with this id was taken in before; give this one an id of its own"
        return _rejected(one.event.id, Conflict(detail, code="conflict", field="id"))
    if outcome == "duplicate" or found.sent is not one:
        return Verdict(one.event.id, "duplicate")
    return Verdict(one.event.id, "accepted", note=found.note)


def _own_id(raw: object) -> str:
    own = raw.get("id") if isinstance(raw, Mapping) else getattr(raw, "id", "")
    return own if isinstance(own, str) else ""


def _rejected(own: str, refused: Refused) -> Verdict:
    return Verdict(own[:200], "rejected", refused.code, refused.field, refused.detail)
