"""Jobs: who claims which, and what became of it.

A claim is a lease: the job's `due_at` moves ahead and is kept ahead while the job runs, so the
job of a worker that died falls due again by itself. `attempts` is counted when the job begins,
before anything runs: a job that kills its worker is found out too. It also says whose the job is:
a worker whose claim ran out no longer knows the number, and its word on the job does not count.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections

from kesto.core.billing_schedule import BillingSchedule, read_days
from kesto.store.ids import new_id, new_ids
from kesto.store.session import Session

ALIAS = "run"
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3

CLAIM = """
    update job set due_at = %(lease_end)s
    from (
        select merchant_id, id from job
        where state = 'waiting' and due_at <= %(now)s and attempts < %(most)s
        order by due_at limit %(limit)s for update skip locked
    ) as due
    where job.merchant_id = due.merchant_id and job.id = due.id
    returning job.merchant_id, job.id, job.kind, job.key, job.payload::text, job.attempts
"""
BURY = """
    update job set state = 'dead', finished_at = %(now)s,
        error = case when error = '' then 'the worker died each time' else error end
    where state = 'waiting' and due_at <= %(now)s and attempts >= %(most)s
"""
GROUPS_ARE_DUE = """
    select merchant.id, entity.zone, merchant.billing_hour, merchant.billing_days
    from merchant join billing_entity as entity on entity.merchant_id = merchant.id
    where merchant.mode = 'live' and not merchant.bills_by_hand and exists (
        select from billing_group as due
        where due.merchant_id = merchant.id and due.parked_at is null
          and (due.next_due_on
                    <= (%(now)s at time zone entity.zone)::date - merchant.grace_days
               or due.dirty_from is not null))
"""

DAY_IS_NEW = """
    select merchant.id, min((%(now)s at time zone entity.zone)::date) as day
    from merchant join billing_entity as entity on entity.merchant_id = merchant.id
    where merchant.mode = 'live' and merchant.sends_reminders
    group by merchant.id
    having not exists (select from job where job.merchant_id = merchant.id
        and job.kind = %(kind)s
        and job.key = min((%(now)s at time zone entity.zone)::date)::text)
"""


THAT_METER = """
    select distinct m.merchant_id from meter m where not exists (select from job
        where job.merchant_id = m.merchant_id and job.kind = %(kind)s and job.key = %(key)s)
"""
ONE_THAT_METERS = """
    select m.merchant_id from meter m where not exists (select from job
        where job.merchant_id in (select merchant_id from meter)
            and job.kind = %(kind)s and job.key = %(key)s)
    order by 1 limit 1
"""


class ClaimedJob(msgspec.Struct, frozen=True):
    """A job that this worker may run now."""

    merchant_id: UUID
    id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int


class NewJob(msgspec.Struct, frozen=True):
    """A job to be added; the key keeps it from being added twice."""

    merchant_id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    due_at: datetime


def add(jobs: Sequence[NewJob], now: datetime) -> int:
    """Add jobs; one whose merchant, kind and key are known already is left as it is."""
    rows = [
        (job.merchant_id, new, job.kind, job.key, _json(job.payload), job.due_at, now)
        for job, new in zip(jobs, new_ids(len(jobs)), strict=True)
    ]
    statement = (
        "insert into job (merchant_id, id, kind, key, payload, due_at, attempts, state, error,"
        " created_at) values (%s, %s, %s, %s, %s, %s, 0, 'waiting', '', %s)"
        " on conflict do nothing"
    )
    added = 0
    with connections[ALIAS].cursor() as cursor:
        for row in rows:
            cursor.execute(statement, row)
            added += cursor.rowcount
    return added


def ask(session: Session, kind: str, payload: Mapping[str, Any], due_at: datetime) -> UUID:
    """Add a job that a person asked for, in the transaction of their flow; its id is its key."""
    job_id = new_id()
    session.execute(
        "insert into job (merchant_id, id, kind, key, payload, due_at, attempts, state, error,"
        " created_at) values (%s, %s, %s, %s, %s, %s, 0, 'waiting', '', %s)",
        *(session.merchant_id, job_id, kind, str(job_id), _json(payload), due_at, due_at),
    )
    return job_id


def forget_done(merchant_id: UUID, kind: str) -> int:
    """Delete a merchant's finished jobs of a kind, but for the last one; answers how many."""
    statement = (
        "delete from job where merchant_id = %s and kind = %s and state = 'done'"
        " and key < (select max(key) from job where merchant_id = %s and kind = %s)"
    )
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(statement, [merchant_id, kind, merchant_id, kind])
        return int(cursor.rowcount)


def is_waiting(session: Session, kind: str) -> bool:
    """Whether a job of a kind waits for a worker, or is being done."""
    row = session.row(
        "select from job where merchant_id = %s and kind = %s and state = 'waiting' limit 1",
        *(session.merchant_id, kind),
    )
    return row is not None


def claim(limit: int, now: datetime) -> list[ClaimedJob]:
    """Take up to `limit` due jobs; bury those whose last attempt ended without a word."""
    words: dict[str, Any] = {
        "now": now,
        "lease_end": now + LEASE,
        "limit": limit,
        "most": MOST_ATTEMPTS,
    }
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(BURY, words)
        cursor.execute(CLAIM, words)
        rows = cursor.fetchall()
    return [
        ClaimedJob(merchant, job, kind, key, msgspec.json.decode(payload), attempts)
        for merchant, job, kind, key, payload, attempts in rows
    ]


def begin(job: ClaimedJob) -> ClaimedJob | None:
    """Count the attempt that begins now; None when the claim ran out and another has the job."""
    if not _update(job, "attempts = attempts + 1"):
        return None
    return msgspec.structs.replace(job, attempts=job.attempts + 1)


def extend(job: ClaimedJob, now: datetime) -> None:
    """Keep a claimed job from falling due again."""
    _update(job, "due_at = %s", now + LEASE)


def release(job: ClaimedJob, now: datetime) -> None:
    """Give back a job that was claimed and not begun."""
    _update(job, "due_at = %s", now)


def finish(job: ClaimedJob, now: datetime) -> None:
    """Note that a job is done."""
    _update(job, "state = 'done', error = '', finished_at = %s", now)


def fail(job: ClaimedJob, error: str, again_at: datetime, now: datetime) -> None:
    """Note why a job failed; it is tried again, or dead after its last attempt."""
    if job.attempts < MOST_ATTEMPTS:
        _update(job, "error = %s, due_at = %s", error, again_at)
    else:
        _update(job, "error = %s, state = 'dead', finished_at = %s", error, now)


def merchants_that_meter(kind: str, key: str) -> list[UUID]:
    """The merchants with meters that have no job of a kind with a key yet."""
    return _merchants(THAT_METER, kind, key)


def one_that_meters(kind: str, key: str) -> list[UUID]:
    """One merchant with meters, unless any of them has a job of a kind with a key."""
    return _merchants(ONE_THAT_METERS, kind, key)


def merchants_to_bill(now: datetime) -> list[tuple[UUID, date]]:
    """Live merchants with billing groups due, and the last day whose run has come in all zones.

    Who bills by hand is not among them.
    """
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(GROUPS_ARE_DUE, {"now": now})
        rows = cursor.fetchall()
    found: dict[UUID, date] = {}
    for merchant_id, zone, hour, days in rows:
        day = BillingSchedule(hour, read_days(days)).last_due_on(now, zone)
        found[merchant_id] = min(day, found.get(merchant_id, day))
    return list(found.items())


def merchants_to_remind(now: datetime, kind: str) -> list[tuple[UUID, date]]:
    """Live merchants that remind and have not been asked to on this local day, with the day."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(DAY_IS_NEW, {"now": now, "kind": kind})
        return list(cursor.fetchall())


def _merchants(query: str, kind: str, key: str) -> list[UUID]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(query, {"kind": kind, "key": key})
        return [row[0] for row in cursor.fetchall()]


def _update(job: ClaimedJob, changes: str, *values: Any) -> bool:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            f"update job set {changes}"
            " where merchant_id = %s and id = %s and state = 'waiting' and attempts = %s",
            (*values, job.merchant_id, job.id, job.attempts),
        )
        return bool(cursor.rowcount)


def _json(payload: Mapping[str, Any]) -> str:
    return msgspec.json.encode(payload).decode()
