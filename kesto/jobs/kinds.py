"""The kinds of jobs, and the flow that each calls."""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from kesto.core.refusals import EventsAway
from kesto.flows import bill
from kesto.flows.clear_run import SCHEDULE, ApprovalWaits, RunAsked, clear_run
from kesto.flows.deliver import deliver
from kesto.flows.expire_credit import expire_credit
from kesto.flows.forget_answers import forget_answers
from kesto.flows.forget_placing import forget_placing
from kesto.flows.keep_months import keep_months
from kesto.flows.live_through import LIVE_THROUGH, live_through
from kesto.flows.mailroom import Mailroom
from kesto.flows.mend_events import forget_events
from kesto.flows.migrate_subscribers import MIGRATE, migrate_subscribers, wanted_in
from kesto.flows.open_rollups import open_moved, open_rollups
from kesto.flows.remind import remind
from kesto.flows.ship_usage import ship_usage
from kesto.flows.watch_usage import watch_usage
from kesto.jobs.runner import Kind
from kesto.jobs.timetable import (
    BILL,
    DELIVER,
    EXPIRE,
    FORGET,
    FORGET_EVENTS,
    MONTHS,
    REMIND,
    ROLL_UP,
    ROLL_UP_MOVED,
    SHIP,
    WATCH,
)
from kesto.store import jobs, merchants
from kesto.store.jobs import ClaimedJob
from kesto.store.session import reading
from kesto.store.usage.chosen import clickhouse

log = logging.getLogger("kesto.jobs")


def alone(merchant_id: UUID, asked: RunAsked, now: datetime) -> None:
    """Bill in this very process; an unfinished run is finished first, then the day's own."""
    is_resumed = True
    while is_resumed:
        clear_run(merchant_id, asked, now)
        run = bill.begin(merchant_id, asked.through, now)
        bill.work(run, now)
        is_resumed = run.is_resumed


def kinds(
    room: Mailroom, run_billing: Callable[[UUID, RunAsked, datetime], object] = alone
) -> Mapping[str, Kind]:
    """Every kind of job; deliveries are made with the mailroom, runs by `run_billing`."""

    def _bill(job: ClaimedJob, now: datetime) -> None:
        try:
            run_billing(job.merchant_id, _asked(job), _merchants_now(job.merchant_id, now))
        except ApprovalWaits as waits:
            log.info("no run yet: %s", waits)

    def _deliver(job: ClaimedJob, _now: datetime) -> None:
        deliver(job.merchant_id, room)

    return {
        BILL: _bill,
        DELIVER: _deliver,
        EXPIRE: _expire,
        FORGET: _forget,
        FORGET_EVENTS: _forget_events,
        LIVE_THROUGH: _live_through,
        MIGRATE: _migrate,
        MONTHS: _keep_months,
        REMIND: _remind,
        ROLL_UP: _open_rollups,
        ROLL_UP_MOVED: _open_moved,
        SHIP: _ship,
        WATCH: _watch,
    }


def _asked(job: ClaimedJob) -> RunAsked:
    """The run that a job is for; one of the timetable names nobody."""
    approval = job.payload.get("approval")
    return RunAsked(
        date.fromisoformat(job.payload["through"]),
        str(job.payload.get("actor", SCHEDULE)),
        UUID(approval) if approval else None,
    )


def _remind(job: ClaimedJob, now: datetime) -> None:
    """Tell subscribers of what comes nearer on a local day."""
    on = date.fromisoformat(job.payload["on"])
    remind(job.merchant_id, on, _merchants_now(job.merchant_id, now))


def _migrate(job: ClaimedJob, now: datetime) -> None:
    """Move subscribers to another version; a second try skips who was moved already."""
    wanted, actor = wanted_in(job.payload["wanted"]), str(job.payload["actor"])
    migrate_subscribers(job.merchant_id, wanted, _merchants_now(job.merchant_id, now), actor)


def _live_through(job: ClaimedJob, _now: datetime) -> None:
    """Let a test merchant's time pass; a second try goes on from where its clock stands."""
    live_through(job.merchant_id, datetime.fromisoformat(job.payload["to"]))


def _forget(job: ClaimedJob, now: datetime) -> None:
    forget_answers(job.merchant_id, now)


def _forget_events(job: ClaimedJob, now: datetime) -> None:
    """Delete rejected events that nobody mended, and changes that every process has seen."""
    forget_events(job.merchant_id, now)
    forget_placing(job.merchant_id)


def _expire(job: ClaimedJob, now: datetime) -> None:
    expire_credit(job.merchant_id, _merchants_now(job.merchant_id, now))


def _open_moved(job: ClaimedJob, now: datetime) -> None:
    open_moved(job.merchant_id, job.payload["since"], _merchants_now(job.merchant_id, now))


def _open_rollups(job: ClaimedJob, now: datetime) -> None:
    open_rollups(job.merchant_id, _merchants_now(job.merchant_id, now))
    # One every few seconds where somebody changes all day; the next goes on from the last.
    jobs.forget_done(job.merchant_id, ROLL_UP_MOVED)


def _keep_months(job: ClaimedJob, now: datetime) -> None:
    """Months are of the real time: all merchants share them."""
    keep_months(job.merchant_id, now)


def _watch(job: ClaimedJob, now: datetime) -> None:
    """Tell of thresholds of usage that are reached."""
    watch_usage(job.merchant_id, _merchants_now(job.merchant_id, now))


def _ship(job: ClaimedJob, _now: datetime) -> None:
    """Bring events to ClickHouse; when it is away, the timetable has it tried again soon."""
    store = clickhouse()
    if store is not None:
        try:
            ship_usage(job.merchant_id, store)
        except EventsAway as trouble:
            log.warning("events wait: %s", trouble)


def _merchants_now(merchant_id: UUID, now: datetime) -> datetime:
    """A test merchant's own time, else the real one."""
    with reading(merchant_id, "run") as session:
        return merchants.merchant(session).clock_at or now
