"""Mend events: what was rejected is sent again, as it was or changed, or is let go.

An event leaves the list in the transaction that takes it in, so it counts once however often and
by however many people it is sent again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import Invalid
from kesto.flows.accept_usage import Verdict, accept_in
from kesto.store import audit, merchants
from kesto.store.session import Session, crash_point, writing
from kesto.store.usage import letters
from kesto.store.usage.letters import Letter

CHUNK = 500
KEPT_FOR = timedelta(days=90)
"""So long a rejected event is kept for somebody to mend it."""


class Replayed(Struct, frozen=True):
    """How many events were sent again, and how many of them are taken in now."""

    sent: int
    taken: int


def replay(
    merchant_id: UUID, ids: Sequence[UUID], received_at: datetime, actor: str
) -> list[Verdict]:
    """Send events of the list again as they were; a verdict on each that was still there."""
    with writing(merchant_id) as session:
        verdicts = _send(session, letters.locked(session, ids), received_at)
        _record(session, "replay_events", verdicts, received_at, actor)
        crash_point("mend_events.before_commit")
    return verdicts


def replay_all(merchant_id: UUID, code: str, received_at: datetime, actor: str) -> Replayed:
    """Send all events of a reason again (of any, without one), in parts, the oldest first."""
    sent = taken = 0
    last: UUID | None = None
    while True:
        with writing(merchant_id) as session:
            found = letters.letters(session, code, CHUNK, last)
            if not found:
                return Replayed(sent, taken)
            last = found[-1].id
            held = letters.locked(session, [one.id for one in found])
            verdicts = _send(session, held, received_at)
            _record(session, "replay_events", verdicts, received_at, actor)
        sent += len(verdicts)
        taken += sum(one.status != "rejected" for one in verdicts)


def mend(
    merchant_id: UUID,
    own: UUID,
    event: Mapping[str, object],
    received_at: datetime,
    actor: str,
) -> Verdict:
    """Send an event of the list again with other content; when it is rejected it is kept so.

    Raises NotFound for one that is not there any more, Invalid for what could not be kept.
    """
    with writing(merchant_id) as session:
        letter = next(iter(letters.locked(session, [own])), None)
        if letter is None:
            raise letters.no_letter()
        (verdict,) = accept_in(session, [dict(event)], _now(session, received_at), received_at)
        if verdict.status == "rejected":
            changed = letters.letter_from(dict(event), verdict.code, verdict.field, verdict.detail)
            if changed is None:
                raise Invalid(verdict.detail, code=verdict.code, field=verdict.field)
            letters.change(session, own, changed)
        else:
            letters.remove(session, [own])
        data = {"event": letter.event_id, "status": verdict.status}
        audit.record(session, "mend_event", data, received_at, actor)
    return verdict


def let_go(merchant_id: UUID, ids: Sequence[UUID], now: datetime, actor: str) -> int:
    """Take events off the list for good; says how many were there."""
    with writing(merchant_id) as session:
        count = letters.remove(session, ids)
        if count:
            audit.record(session, "let_events_go", {"count": str(count)}, now, actor)
    return count


def forget_events(merchant_id: UUID, now: datetime) -> int:
    """Delete what nobody mended in ninety days, in parts; says how many."""
    count = 0
    while True:
        with writing(merchant_id, "run") as session:
            found = letters.forget(session, now - KEPT_FOR, CHUNK)
        count += found
        if found < CHUNK:
            return count


def _send(session: Session, found: Sequence[Letter], received_at: datetime) -> list[Verdict]:
    now = _now(session, received_at)
    verdicts: list[Verdict] = []
    dated = [one for one in found if not one.is_undated]
    for part in [dated, *([one] for one in found if one.is_undated)]:
        if not part:
            continue
        # Whose time was left to us happened when it came first.
        then = part[0].received_at if part[0].is_undated else now
        told = accept_in(session, [one.as_sent for one in part], min(then, now), received_at)
        for letter, verdict in zip(part, told, strict=True):
            if verdict.status == "rejected" and verdict.code != letter.code:
                letters.give_reason(session, letter.id, verdict.code, verdict.field, verdict.detail)
        done = [
            letter.id
            for letter, verdict in zip(part, told, strict=True)
            if verdict.status != "rejected"
        ]
        letters.remove(session, done)
        verdicts += told
    return verdicts


def _now(session: Session, received_at: datetime) -> datetime:
    return merchants.merchant(session).clock_at or received_at


def _record(
    session: Session, action: str, verdicts: Sequence[Verdict], now: datetime, actor: str
) -> None:
    taken = sum(one.status != "rejected" for one in verdicts)
    if taken:
        data = {"sent": str(len(verdicts)), "taken": str(taken)}
        audit.record(session, action, data, now, actor)
