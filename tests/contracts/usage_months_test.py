"""Months of usage: made ahead, never missed by an event, detached when nobody needs them."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from kesto.flows.accept_usage import accept_usage
from kesto.flows.keep_months import AHEAD, BACK, keep_months
from kesto.store.ids import new_id
from kesto.store.session import Session, reading, writing
from kesto.store.usage import months
from kesto.store.usage.port import Wanted
from kesto.store.usage.postgres import PostgresEvents
from kesto.verify import verify
from tests.contracts.roles_test import acting, refused
from tests.town import Town

OLD = date(2020, 5, 1)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def session(town: Town, superuser: psycopg.Connection) -> Session:
    """A transaction of the superuser, with Aino's usage of May 2020; all of it is taken back."""
    own = town.customer("Aino").subscribes("metered", on="2026-10-01")
    found = Session(town.merchant_id, superuser)
    superuser.execute("select set_config('app.merchant', %s, true)", [str(town.merchant_id)])
    assert months.make(found, OLD)
    assert not months.make(found, OLD)
    key, at = new_id(), datetime(2020, 5, 31, 23, 59, tzinfo=UTC)
    found.execute(
        "insert into event_key (merchant_id, key, content, at) values (%s, %s, %s, %s)",
        *(town.merchant_id, key, key, at),
    )
    found.execute(
        "insert into usage_event (merchant_id, subscription_id, meter_id, at, key, source,"
        " event_id, number, is_removal, problem, sent, ingest_no, received_at)"
        " select merchant_id, %s, id, %s, %s, 'api', 'old', 1, false, '', '1', 1, %s from meter"
        " where merchant_id = %s and code = 'talk'",
        *(own, at, key, at, town.merchant_id),
    )
    return found


def in_place(session: Session, table: str) -> int:
    """How many rows there are in a partition, asked of its own name."""
    row = session.row(f"select count(*) from partitions.{table}")  # noqa: S608 - names of ours
    return row[0] if row else -1


@pytest.mark.parametrize("role", ["kesto_app", "kesto_run", "kesto_audit"])
def test_nobody_addresses_a_partition(superuser: psycopg.Connection, role: str) -> None:
    with acting(superuser, role) as connection:
        for statement in (
            "select from partitions.usage_event_other",
            "select from partitions.event_key_0",
            "insert into partitions.event_key_0 select * from event_key",
        ):
            error = refused(connection, statement)
            assert isinstance(error, psycopg.errors.InsufficientPrivilege), statement


def test_an_event_of_any_time_is_kept_and_moves_when_its_month_is_made(
    town: Town, superuser: psycopg.Connection
) -> None:
    own = town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2031-07-15")
    event: dict[str, Any] = {"customer": "aino", "meter": "talk", "value": 1}
    times = ("2031-06-30T23:59:59.999999Z", "2031-07-01T00:00:00Z", "2031-07-14T00:00:00Z")
    sent = [{"id": time, "time": time, **event} for time in times]
    said = accept_usage(town.merchant_id, sent, town.now, town.now)
    assert [one.status for one in said] == ["accepted"] * 3
    session = Session(town.merchant_id, superuser)
    wanted = Wanted(own)
    before = PostgresEvents().events(session, wanted, 10)
    assert months.make(session, date(2031, 7, 31))
    assert in_place(session, "usage_event_2031_07") == 2
    assert PostgresEvents().events(session, wanted, 10) == before
    assert len(before) == 3


def test_months_around_now_are_there(town: Town) -> None:
    with reading(town.merchant_id, "run") as session:
        (row,) = session.rows("select now()")
    kept = keep_months(town.merchant_id, row[0])
    assert kept.detached == 0
    with reading(town.merchant_id, "run") as session:
        found = months.standing(session)
    this = row[0].date().replace(day=1)
    assert {months.later(this, place) for place in range(-BACK, AHEAD + 1)} <= {*found}
    assert keep_months(town.merchant_id, row[0]).made == 0


def test_a_month_is_needed_by_who_keeps_it_for_good(session: Session) -> None:
    assert months.is_needed(session, OLD, NOW)
    assert not months.is_needed(session, date(2020, 4, 1), NOW)
    session.execute("update merchant set usage_months = 24 where id = %s", session.merchant_id)
    session.execute(
        "update billing_group set billed_through = '2026-10-31' where merchant_id = %s",
        session.merchant_id,
    )
    assert not months.is_needed(session, OLD, NOW)
    assert months.is_needed(session, OLD, datetime(2022, 5, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("change", "is_needed"),
    [
        ("billed_through = '2020-05-31'", True),
        ("billed_through = '2026-10-31'", False),
        ("billed_through = '2026-10-31', dirty_from = '2020-05-01'", True),
        ("billed_through = null, next_due_on = null", False),
    ],
)
def test_a_month_is_needed_until_it_is_billed(
    session: Session, change: str, *, is_needed: bool
) -> None:
    session.execute("update merchant set usage_months = 24 where id = %s", session.merchant_id)
    assert months.is_needed(session, OLD, NOW)
    session.execute(
        f"update billing_group set {change} where merchant_id = %s",  # noqa: S608 - as above
        session.merchant_id,
    )
    assert months.is_needed(session, OLD, NOW) == is_needed


def test_a_month_stays_with_the_invoice_that_counted_it(session: Session, town: Town) -> None:
    session.execute("update merchant set usage_months = 24 where id = %s", session.merchant_id)
    session.execute(
        "update billing_group set next_due_on = null, dirty_from = null where merchant_id = %s",
        session.merchant_id,
    )
    assert not months.is_needed(session, OLD, NOW)
    session.execute("set local session_replication_role = replica")
    session.execute(
        "insert into claim (merchant_id, item_id, price_id, kind, period_start, period_end, part,"
        " revision, amount_minor, invoice_id) select %s, gen_random_uuid(), gen_random_uuid(),"
        " 'usage', '2020-05-31', '2020-06-30', 0, 1, 0, gen_random_uuid()",
        town.merchant_id,
    )
    assert months.is_needed(session, OLD, NOW)


def test_a_month_is_detached_with_its_keys_and_its_table_stays(session: Session) -> None:
    assert months.detach(session, OLD)
    assert not months.detach(session, OLD)
    assert in_place(session, "usage_event_2020_05") == 1
    assert session.rows("select from usage_event where event_id = 'old'") == []
    keys = "select from event_key where merchant_id = %s and at < '2020-06-01'"
    assert session.rows(keys, session.merchant_id) == []
    assert not months.make(session, OLD)


def test_a_month_of_which_events_may_come_is_never_detached(town: Town) -> None:
    with reading(town.merchant_id, "run") as session:
        (row,) = session.rows("select now()")
    young = (row[0] - timedelta(days=380)).date()
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="may still come"),
        writing(town.merchant_id, "run") as session,
    ):
        months.detach(session, young)
    assert verify(town.merchant_id) == []


BEFORE = """
    create table plain_event (like usage_event including defaults);
    create table plain_key (like event_key including defaults);
    drop table usage_event, event_key;
    drop schema partitions cascade;
    drop function make_usage_month(date), detach_usage_month(date);
    alter table plain_event rename to usage_event;
    alter table plain_key rename to event_key;
    alter table usage_event add constraint usage_event_pkey
        primary key (merchant_id, subscription_id, meter_id, at, key);
    alter table event_key add constraint event_key_pkey primary key (merchant_id, key);
    select guard_table('usage_event', true), guard_table('event_key', true);
"""


def test_what_was_taken_in_before_is_carried_over(superuser: psycopg.Connection) -> None:
    """The migration as the owner runs it, who is held by row-level security, over two merchants."""
    migration = files("kesto.store").joinpath("sql/usage_months.sql").read_text("utf-8")
    superuser.execute("set local role kesto_owner")
    superuser.execute(BEFORE)
    superuser.execute("reset role")
    for year in (2020, 2026, 2040):
        superuser.execute(
            "with event as (insert into usage_event (merchant_id, subscription_id, meter_id, at,"
            "  key, source, event_id, number, is_removal, labels, problem, sent, properties,"
            "  ingest_no, received_at) select gen_random_uuid(), gen_random_uuid(),"
            "  gen_random_uuid(), make_timestamptz(%s, 11, 30, 23, 59, 59.5, 'UTC'),"
            "  gen_random_uuid(), 'api', 'e', 1.25, false, array['a', null], '', '1.25', '{}', 7,"
            "  now() returning merchant_id, key, at)"
            " insert into event_key (merchant_id, key, content, at)"
            " select merchant_id, key, key, at from event",
            [year],
        )
    kept = "select to_jsonb(e) from usage_event e order by at"
    keys = "select to_jsonb(k) from event_key k order by at"
    before = [superuser.execute(query).fetchall() for query in (kept, keys)]
    superuser.execute("set local role kesto_owner")
    superuser.execute(migration.encode())
    superuser.execute("reset role")
    assert [superuser.execute(query).fetchall() for query in (kept, keys)] == before
    assert len(before[0]) == 3
    walled = superuser.execute(
        "select relname, relforcerowsecurity, relkind::text from pg_class"
        " where oid in ('usage_event'::regclass, 'event_key'::regclass) order by 1"
    )
    assert walled.fetchall() == [("event_key", True, "p"), ("usage_event", True, "p")]
