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

from kesto.core.metering.sent_together import SentEvents, as_sent, read_events
from kesto.core.refusals import Conflict, Invalid, Refused
from kesto.flows.usage_desk import Desk, Placed
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
from kesto.store.usage import letters, placing, taking_in
from kesto.store.usage.letters import NewLetter

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
        desk = Desk(session, look, sent, received_at)
        own = taking_in.number_of(batch)
        told = _accept(session, desk, sent, own, received_at, is_hopeful=is_hopeful)
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
    desk = Desk(session, look, sent, received_at, now)
    return _accept(session, desk, sent, taking_in.number_of(batch), received_at)


def letter_from(raw: object, verdict: Verdict) -> NewLetter | None:
    """A rejected event to be kept; None for one that nobody could mend."""
    return letters.letter_from(as_sent(raw), verdict.code, verdict.field, verdict.detail)


def judge_usage(merchant_id: UUID, sent: Sequence[object], now: datetime) -> list[Verdict]:
    """Say what would become of events if they were sent now; nothing is taken in."""
    with reading(merchant_id) as session:
        desk = Desk(session, placing.look(session), sent, now, now)
        read = read_events(sent, now)
        placed = desk.place(read)
        keys, contents = placed.arrivals.keys, placed.arrivals.contents
        known = taking_in.known_keys(session, keys)
        outcomes = {
            key: taking_in.outcome_of(content, known.get(key))
            for key, content in zip(keys, contents, strict=True)
        }
        return _verdicts(sent, read, placed, outcomes)


def _ask(session: Session) -> tuple[placing.Look, taking_in.Batch]:
    """What is asked at the beginning: what changed, and for the number of a batch."""
    return placing.look(session), taking_in.begin_batch(session)


def _accept(
    session: Session,
    desk: Desk,
    sent: Sequence[object],
    batch: int,
    received_at: datetime,
    *,
    is_hopeful: bool = False,
) -> list[Verdict]:
    """Keep what is new, and say what became of each."""
    read = read_events(sent, desk.now)
    crash_point("accept_usage.after_batch")
    placed = desk.place(read)
    outcomes = taking_in.take_in(
        *(session, placed.arrivals, batch, received_at), is_hopeful=is_hopeful
    )
    crash_point("accept_usage.after_events")
    late = _late_days(placed, outcomes)
    if late:
        taking_in.mark_late(session, late, batch)
        taking_in.wake(session, late, desk.today)
    if desk.known.has_letters:
        accepted = [key for key, outcome in outcomes.items() if outcome == "accepted"]
        letters.settle(session, accepted)
    return _verdicts(sent, read, placed, outcomes)


def _late_days(placed: Placed, outcomes: Mapping[bytes, taking_in.Outcome]) -> dict[UUID, date]:
    """The first day of each subscription that something came for after it was over."""
    late: dict[UUID, date] = {}
    for key, own, day in placed.late:
        if outcomes[key] == "accepted":
            late[own] = min(late.get(own, day), day)
    return late


def _verdicts(
    sent: Sequence[object],
    read: SentEvents,
    placed: Placed,
    outcomes: Mapping[bytes, taking_in.Outcome],
) -> list[Verdict]:
    if not placed.notes and [*outcomes.values()].count("accepted") == len(sent):
        return [Verdict(own, "accepted") for own in read.ids]
    told = {number: _rejected(_own_id(sent[number]), no) for number, no in placed.refused.items()}
    for place, number in enumerate(read.numbers):
        if number not in told:
            told[number] = _verdict(read, place, placed, outcomes)
    return [told[number] for number in range(len(sent))]


def _verdict(
    read: SentEvents,
    place: int,
    placed: Placed,
    outcomes: Mapping[bytes, taking_in.Outcome],
) -> Verdict:
    """What became of an event that has a place: its own, or that of the first one with its key."""
    own, key = read.ids[place], read.keys[place]
    if key in placed.billed:
        return _rejected(own, placed.billed[key])
    first, outcome = placed.firsts[key], outcomes[key]
    if outcome == "conflict" or read.contents[first] != read.contents[place]:
        detail = "another event with this id was taken in before; give this one an id of its own"
        return _rejected(own, Conflict(detail, code="conflict", field="id"))
    if outcome == "duplicate" or first != place:
        return Verdict(own, "duplicate")
    return Verdict(own, "accepted", note=placed.notes.get(key, ""))


def _own_id(raw: object) -> str:
    own = raw.get("id") if isinstance(raw, Mapping) else getattr(raw, "id", "")
    return own if isinstance(own, str) else ""


def _rejected(own: str, refused: Refused) -> Verdict:
    return Verdict(own[:200], "rejected", refused.code, refused.field, refused.detail)
