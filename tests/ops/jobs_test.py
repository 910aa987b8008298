"""Jobs: claimed once, counted before they run, dead after three tries."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from kesto.jobs import runner, timetable
from kesto.jobs.runner import Kind, Shift
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store import jobs
from kesto.store.ids import new_id
from kesto.store.jobs import ClaimedJob, NewJob

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)
MUCH_LATER = NOON + timedelta(hours=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def merchant_id(booted: Home, database_name: str) -> Iterator[UUID]:
    """A live merchant with nothing but a name."""
    made = new_id()
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("delete from job")
        connection.execute(
            "insert into merchant (id, code, name, mode, created_at, invoice_limit_minor)"
            " values (%s, %s, 'Jobs', 'live', %s, 1)",
            [made, f"jobs-{made}", NOON],
        )
        yield made
        connection.execute("delete from job")  # those of other merchants too: claims see all
        for table in ("billing_group", "billing_entity"):
            own = sql.SQL("delete from {} where merchant_id = %s").format(sql.Identifier(table))
            connection.execute(own, [made])
        connection.execute("delete from merchant where id = %s", [made])


def shift(kinds: Mapping[str, Kind], clock: Clock) -> Shift:
    return Shift(
        kinds=kinds,
        plan=lambda _now: None,
        clock=clock,
        stop=threading.Event(),
        beat=lambda: None,
        may_work=lambda: True,
    )


def add(merchant_id: UUID, key: str = "1", kind: str = "greet") -> int:
    return jobs.add([NewJob(merchant_id, kind, key, {"word": "terve"}, NOON)], NOON)


def state(merchant_id: UUID) -> tuple[str, int, str]:
    with connections["run"].cursor() as cursor:
        cursor.execute(
            "select state, attempts, error from job where merchant_id = %s", [merchant_id]
        )
        found: tuple[str, int, str] = cursor.fetchone()
    return found


def test_job_is_added_once(merchant_id: UUID) -> None:
    assert [add(merchant_id), add(merchant_id), add(merchant_id, "2")] == [1, 0, 1]


def test_job_is_claimed_by_one_worker_only(merchant_id: UUID) -> None:
    add(merchant_id)
    add(merchant_id, "2")
    first, second = jobs.claim(1, NOON), jobs.claim(5, NOON)
    assert sorted(job.key for job in first + second) == ["1", "2"]
    assert jobs.claim(5, NOON) == []


def test_job_before_its_time_is_left(merchant_id: UUID) -> None:
    add(merchant_id)
    assert jobs.claim(5, NOON - timedelta(seconds=1)) == []


def test_finished_job_is_not_run_again(merchant_id: UUID) -> None:
    add(merchant_id)
    heard: list[str] = []
    clock = Clock()
    work = shift({"greet": lambda job, _now: heard.append(job.payload["word"])}, clock)
    assert runner.run_batch(work)
    clock.now = MUCH_LATER
    assert not runner.run_batch(work)
    assert heard == ["terve"]
    assert state(merchant_id) == ("done", 1, "")


def test_failing_job_is_dead_after_three_tries_and_stops_nobody(merchant_id: UUID) -> None:
    add(merchant_id, "bad", kind="break")
    add(merchant_id, "good")
    heard: list[str] = []
    clock = Clock()

    def break_down(_job: ClaimedJob, _now: datetime) -> None:
        raise ValueError("broken\0down")

    work = shift({"break": break_down, "greet": lambda job, _now: heard.append(job.key)}, clock)
    for _ in range(5):
        runner.run_batch(work)
        clock.now += timedelta(hours=1)
    assert heard == ["good"]
    with connections["run"].cursor() as cursor:
        cursor.execute("select state, attempts, error from job where key = 'bad'")
        assert cursor.fetchone() == ("dead", 3, "ValueError: brokendown")


def test_failing_job_waits_before_it_is_tried_again(merchant_id: UUID) -> None:
    add(merchant_id, kind="unheard of")
    clock = Clock()
    work = shift({}, clock)
    assert runner.run_batch(work)
    assert not runner.run_batch(work)
    clock.now = LATER
    assert runner.run_batch(work)
    assert state(merchant_id)[:2] == ("waiting", 2)


def test_job_that_kills_its_worker_is_found_out(merchant_id: UUID) -> None:
    add(merchant_id, "killer")
    add(merchant_id, "innocent")
    now = NOON
    for _ in range(3):
        claimed = jobs.claim(5, now)
        killer = next(job for job in claimed if job.key == "killer")
        assert jobs.begin(killer) is not None  # and the worker is gone
        now += jobs.LEASE
    (left,) = jobs.claim(5, now)
    assert (left.key, left.attempts) == ("innocent", 0)
    with connections["run"].cursor() as cursor:
        cursor.execute("select state, error from job where key = 'killer'")
        assert cursor.fetchone() == ("dead", "the worker died each time")


def test_word_of_a_worker_that_lost_its_claim_does_not_count(merchant_id: UUID) -> None:
    add(merchant_id)
    (slow,) = jobs.claim(1, NOON)
    slow = jobs.begin(slow) or slow
    (quick,) = jobs.claim(1, NOON + jobs.LEASE)
    assert jobs.begin(quick) is not None
    jobs.finish(slow, MUCH_LATER)
    assert state(merchant_id) == ("waiting", 2, "")


def test_claim_that_is_kept_does_not_run_out(merchant_id: UUID) -> None:
    add(merchant_id)
    (job,) = jobs.claim(1, NOON)
    jobs.extend(job, NOON + jobs.LEASE)
    assert jobs.claim(1, NOON + jobs.LEASE) == []


def test_job_claimed_and_not_begun_is_given_back(merchant_id: UUID) -> None:
    add(merchant_id)
    add(merchant_id, "2")
    clock = Clock()
    stopped: list[Shift] = []
    work = shift({"greet": lambda _job, _now: stopped[0].stop.set()}, clock)
    stopped.append(work)
    runner.run_batch(work)
    (left,) = jobs.claim(5, NOON)
    assert left.attempts == 0


def test_groups_that_are_due_are_billed_once_a_local_day(
    merchant_id: UUID, booted: Home, database_name: str
) -> None:
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("set session_replication_role = replica")
        due_group(connection, merchant_id)
    late = datetime(2026, 11, 2, 21, 59, tzinfo=UTC)  # 23:59 in Helsinki
    assert timetable.plan_billing(late) == 0
    midnight = late + timedelta(minutes=1)
    assert timetable.plan_billing(midnight) == 1
    assert timetable.plan_billing(midnight + timedelta(hours=3)) == 0
    (job,) = jobs.claim(5, midnight)
    assert (job.kind, job.payload) == ("bill", {"through": "2026-11-03"})
    assert timetable.plan_billing(midnight + timedelta(days=1)) == 1


def test_groups_are_billed_once_their_grace_is_over(
    merchant_id: UUID, booted: Home, database_name: str
) -> None:
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update merchant set grace_days = 2 where id = %s", [merchant_id])
        due_group(connection, merchant_id)
    midnight = datetime(2026, 11, 4, 22, 0, tzinfo=UTC)  # 5 November in Helsinki
    assert timetable.plan_billing(midnight - timedelta(minutes=1)) == 0
    assert timetable.plan_billing(midnight) == 1


def test_runs_come_on_the_days_and_from_the_hour_that_are_set(
    merchant_id: UUID, booted: Home, database_name: str
) -> None:
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "update merchant set billing_hour = 6, billing_days = '4,20' where id = %s",
            [merchant_id],
        )
        due_group(connection, merchant_id)
        before = datetime(2026, 11, 4, 3, 59, tzinfo=UTC)  # 5:59 in Helsinki
        timetable.plan_billing(before)
        assert keys() == ["2026-10-20"]  # the day before is made up for, once
        assert timetable.plan_billing(before + timedelta(minutes=1)) == 1
        assert timetable.plan_billing(before + timedelta(days=9)) == 0
        assert keys() == ["2026-10-20", "2026-11-04"]
        connection.execute("update merchant set bills_by_hand = true where id = %s", [merchant_id])
        assert timetable.plan_billing(before + timedelta(days=20)) == 0


def keys() -> list[str]:
    """The days that are to be billed."""
    with connections["run"].cursor() as cursor:
        cursor.execute("select key from job where kind = 'bill' order by key")
        return [row[0] for row in cursor.fetchall()]


def due_group(connection: psycopg.Connection, merchant_id: UUID) -> None:
    """A group of a Helsinki seller with work due on 3 November."""
    put(connection, "billing_entity", merchant_id=merchant_id, zone="Europe/Helsinki")
    put(connection, "billing_group", merchant_id=merchant_id, next_due_on="2026-11-03")


def put(connection: psycopg.Connection, table: str, **given: object) -> None:
    """Insert a row; columns that are not given and must have a value get an empty one."""
    empty = {"text": "", "uuid": new_id(), "boolean": False, "bytea": b""}
    needed = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_name = %s and is_nullable = 'NO' and column_default is null",
        [table],
    )
    row = {name: empty.get(kind, 0) for name, kind in needed} | given
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    connection.execute(statement, list(row.values()))
