"""The kinds of jobs, and the flow that each calls."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from kesto.flows import bill
from kesto.flows.deliver import deliver
from kesto.flows.expire_credit import expire_credit
from kesto.flows.forget_answers import forget_answers
from kesto.flows.live_through import LIVE_THROUGH, live_through
from kesto.flows.mailroom import Mailroom
from kesto.flows.migrate_subscribers import MIGRATE, migrate_subscribers, wanted_in
from kesto.flows.remind import remind
from kesto.flows.watch_usage import watch_usage
from kesto.jobs.runner import Kind
from kesto.jobs.timetable import BILL, DELIVER, EXPIRE, FORGET, REMIND, WATCH
from kesto.store import merchants
from kesto.store.jobs import ClaimedJob
from kesto.store.session import reading


def kinds(room: Mailroom) -> Mapping[str, Kind]:
    """Every kind of job; deliveries are made with the mailroom."""

    def _deliver(job: ClaimedJob, _now: datetime) -> None:
        deliver(job.merchant_id, room)

    return {
        BILL: _bill,
        DELIVER: _deliver,
        EXPIRE: _expire,
        FORGET: _forget,
        LIVE_THROUGH: _live_through,
        MIGRATE: _migrate,
        REMIND: _remind,
        WATCH: _watch,
    }


def _bill(job: ClaimedJob, now: datetime) -> None:
    """Bill what is due; an unfinished run is finished first, then the day's own is made."""
    through = date.fromisoformat(job.payload["through"])
    now = _merchants_now(job.merchant_id, now)
    run = bill.begin(job.merchant_id, through, now)
    bill.work(run, now)
    if run.is_resumed:
        bill.bill(job.merchant_id, through, now)


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


def _expire(job: ClaimedJob, now: datetime) -> None:
    expire_credit(job.merchant_id, _merchants_now(job.merchant_id, now))


def _watch(job: ClaimedJob, now: datetime) -> None:
    """Tell of thresholds of usage that are reached."""
    watch_usage(job.merchant_id, _merchants_now(job.merchant_id, now))


def _merchants_now(merchant_id: UUID, now: datetime) -> datetime:
    """A test merchant's own time, else the real one."""
    with reading(merchant_id, "run") as session:
        return merchants.merchant(session).clock_at or now
