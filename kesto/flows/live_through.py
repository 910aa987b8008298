"""Let a test merchant's time pass: each day is billed on that day, and reminded of."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kesto.core.calendar import local_date
from kesto.core.merchant import Merchant
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.flows import bill
from kesto.flows.expire_credit import expire_credit
from kesto.flows.move_clock import move_clock
from kesto.flows.remind import remind
from kesto.store import audit, jobs, merchants
from kesto.store import clock as store
from kesto.store.session import reading, writing

LIVE_THROUGH = "live_through"
MOST_DAYS = 400
NOON = time(12)


def ask_to_live_through(merchant_id: UUID, to: datetime, actor: str, *, due_at: datetime) -> UUID:
    """Ask a worker to let time pass until a moment; `due_at` is by the workers' clock.

    Answers the job. Raises NotAllowed for a live merchant, Invalid for a moment that lies back or
    too far ahead, Conflict while the clock is on its way.
    """
    with writing(merchant_id) as session:
        clock_at = _clock_of(merchants.merchant(session, lock=True))
        _check(clock_at, to)
        if jobs.is_waiting(session, LIVE_THROUGH):
            raise Conflict(
                "the clock is on its way already; wait until it stands", code="clock_moves"
            )
        payload = {"to": to.astimezone(UTC).isoformat(), "actor": actor}
        job_id = jobs.ask(session, LIVE_THROUGH, payload, due_at)
        data = {"job": job_id, "from": clock_at, "to": to.astimezone(UTC)}
        audit.record(session, "live_through", data, clock_at, actor)
    return job_id


def live_through(merchant_id: UUID, to: datetime) -> int:
    """Move the clock on to a moment, and bill on each day on the way what is due on it.

    On each of the days subscribers are told of what comes nearer. Answers how many invoices were
    made. What was begun and not finished goes on from where the clock stands. Raises NotAllowed for
    a live merchant and in a closed month, Invalid for a moment that lies back or too far ahead.
    """
    with reading(merchant_id, "run") as session:
        clock_at = _clock_of(merchants.merchant(session))
        entities = merchants.billing_entities(session)
    _check(clock_at, to)
    to = to.astimezone(UTC)
    zone = entities[0].zone if entities else "UTC"
    last, invoices = local_date(to, zone), 0
    day = local_date(clock_at, zone)
    due_on = _next_day(merchant_id, day) if entities else None
    while entities and day <= last:
        noon = datetime.combine(day, NOON, ZoneInfo(zone)).astimezone(UTC)
        clock_at = min(max(clock_at, noon), to)
        if due_on == day:
            move_clock(merchant_id, clock_at)
            invoices += _bill(merchant_id, day, clock_at)
            due_on = _next_day(merchant_id, day + timedelta(days=1))
        remind(merchant_id, day, clock_at)
        day += timedelta(days=1)
    move_clock(merchant_id, to)
    expire_credit(merchant_id, to)
    return invoices


def _bill(merchant_id: UUID, day: date, now: datetime) -> int:
    """Bill a day; a run that was left open is finished first."""
    run = bill.begin(merchant_id, day, now)
    made = bill.work(run, now)
    return made + bill.bill(merchant_id, day, now) if run.is_resumed else made


def _next_day(merchant_id: UUID, today: date) -> date | None:
    with reading(merchant_id, "run") as session:
        return store.next_due_on(session, today)


def _clock_of(merchant: Merchant) -> datetime:
    if merchant.mode != "test" or merchant.clock_at is None:
        raise NotAllowed(
            "only a test merchant has a movable clock", code="live_clock", field="merchant"
        )
    return merchant.clock_at


def _check(clock_at: datetime, to: datetime) -> None:
    if to < clock_at:
        raise Invalid(
            f"the clock stands at {clock_at:%Y-%m-%d %H:%M} and never runs backwards",
            code="clock_backwards",
            field="to",
        )
    if to - clock_at > timedelta(days=MOST_DAYS):
        raise Invalid(
            f"at most {MOST_DAYS} days pass at once; choose a moment up to"
            f" {clock_at + timedelta(days=MOST_DAYS):%Y-%m-%d %H:%M}",
            code="clock_too_far",
            field="to",
        )
