"""Record fulfilment: a delivery was sent, arrived, failed or came back; nothing is overwritten."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.deliveries import NEXT, NOTHING_YET, FulfilmentEvent, State, check_step
from kesto.core.life import DAY
from kesto.core.refusals import Conflict, Invalid
from kesto.flows.change_subscription import lock
from kesto.flows.show_deliveries import Stop, stop_on, stops
from kesto.store import audit, deliveries, lives, merchants, notices
from kesto.store.ids import new_id, new_ids
from kesto.store.notices import NewNotice, NoticeFacts
from kesto.store.session import Session, writing
from kesto.store.shop import party

FAILED = "delivery_failed"
"""The kind of the notice to who waits for a delivery that did not arrive."""


class Report(Struct, frozen=True):
    """What is reported of a delivery; `at` None: it happened now.

    `external_id` is the number of who reports, under which the same is told only once.
    """

    on: date
    state: State
    at: datetime | None = None
    carrier: str = ""
    tracking: str = ""
    note: str = ""
    external_id: str = ""


def record_fulfilment(
    merchant_id: UUID, subscription: str, report: Report, now: datetime, actor: str
) -> FulfilmentEvent:
    """Write down what happened to the delivery of a subscription on a day.

    Raises NotFound where nothing is delivered, Conflict for what can't follow on what was.
    """
    with writing(merchant_id) as session:
        found = party(session, subscription)
        lock(session, found.id, None)
        known = deliveries.event_named(session, report.external_id)
        if known is not None:
            return _told_before(known, found.id, report)
        at = report.at or now
        if at > now:
            raise Invalid("lies ahead; write when it happened", code="bad_moment", field="at")
        stop = stop_on(session, found.id, report.on)
        _check(stop, report, found.clock.day_of(now))
        event = FulfilmentEvent(
            *(new_id(), found.id, report.on, report.state, at, report.carrier),
            *(report.tracking, report.note, report.external_id),
            contents=stop.contents if stop else (),
        )
        _write(session, [event], now, actor)
    return event


def record_day(
    merchant_id: UUID,
    on: date,
    state: State,
    now: datetime,
    actor: str,
    *,
    only: Collection[UUID] | None = None,
    carrier: str = "",
) -> int:
    """Write the same down for the deliveries of a day (`only` of these subscriptions).

    What it can't have happened to, such as what was skipped or is marked so, is left alone.
    Answers how many were marked.
    """
    with writing(merchant_id) as session:
        found = [one for one in stops(session, on, on + DAY) if _can(one, state, only)]
        groups = lives.groups_of_many(session, [one.recipient.subscription_id for one in found])
        lives.lock_groups(session, groups)
        found = [one for one in stops(session, on, on + DAY) if _can(one, state, only)]
        for one in found[:1]:
            check_step(
                *(one.latest.state if one.latest else NOTHING_YET, state, on),
                *(local_date(now, one.recipient.zone),),
                is_planned=True,
            )
        events = [
            FulfilmentEvent(
                *(own, one.recipient.subscription_id, on, state, now, carrier),
                contents=one.contents,
            )
            for own, one in zip(new_ids(len(found)), found, strict=True)
        ]
        if events:
            _write(session, events, now, actor)
    return len(events)


def _can(one: Stop, state: State, only: Collection[UUID] | None) -> bool:
    if only is not None and one.recipient.subscription_id not in only:
        return False
    if _is_skipped(one, state):
        return False
    return state in NEXT[one.latest.state if one.latest else NOTHING_YET]


def _is_skipped(one: Stop, state: State) -> bool:
    """Whether it does not leave because it was skipped; what failed before may still come back."""
    is_leaving = one.latest is None or state in {"sent", "delivered"}
    return one.planned is not None and one.planned.is_skipped and is_leaving


def _check(stop: Stop | None, report: Report, today: date) -> None:
    if stop is not None and _is_skipped(stop, report.state):
        raise Conflict(
            f"the delivery of {report.on} is skipped; unskip it first", code="skipped", field="on"
        )
    latest = stop.latest if stop else None
    if latest is not None and report.at is not None and report.at < latest.at:
        raise Conflict(
            f"it was {latest.state} after that, at {latest.at:%Y-%m-%dT%H:%M:%SZ}",
            code="out_of_order",
            field="at",
        )
    before = latest.state if latest else NOTHING_YET
    check_step(before, report.state, report.on, today, is_planned=stop is not None)


def _told_before(known: FulfilmentEvent, subscription_id: UUID, report: Report) -> FulfilmentEvent:
    """What was told under this number already, when it is the same."""
    told = (subscription_id, report.on, report.state, report.carrier, report.tracking, report.note)
    same = (known.subscription_id, known.delivery_on, known.state, known.carrier, known.tracking)
    if told != (*same, known.note) or (report.at is not None and report.at != known.at):
        raise Conflict(
            f"{report.external_id!r} was told before, of another delivery or otherwise",
            code="external_id_taken",
            field="external_id",
        )
    return known


def _tell_failures(session: Session, events: list[FulfilmentEvent], now: datetime) -> None:
    """Have the holders told of deliveries that did not arrive, each day's once."""
    failed = [one for one in events if one.state == "failed"]
    if failed and merchants.limits(session).sends_confirmations:
        told = [
            NewNotice(one.subscription_id, FAILED, one.delivery_on, NoticeFacts()) for one in failed
        ]
        notices.tell(session, told, now)


def _write(session: Session, events: list[FulfilmentEvent], now: datetime, actor: str) -> None:
    deliveries.add_events(session, events, now)
    _tell_failures(session, events, now)
    first = events[0]
    data: dict[str, object] = {
        "on": first.delivery_on,
        "state": first.state,
        "deliveries": len(events),
    }
    if len(events) == 1:
        data["subscription"] = first.subscription_id
    audit.record(session, "record_fulfilment", data, now, actor)
