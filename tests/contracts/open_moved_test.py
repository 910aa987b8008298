"""What somebody changes has its rollups within seconds: the next tick of a runner opens them."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from kesto.core.changes.command import ChangeBillingDay, ChangePlan, Command, Transfer
from kesto.core.subscription import NewSubscription
from kesto.flows.accept_usage import accept_usage
from kesto.flows.open_rollups import open_rollups
from kesto.flows.show_usage import used_now
from kesto.flows.subscribe import subscribe
from kesto.jobs import timetable
from kesto.jobs.timetable import ROLL_UP_MOVED
from kesto.store import jobs
from kesto.store.ids import new_id
from kesto.store.session import Session, forget_connections, reading, writing
from kesto.store.usage import running_sums
from tests.contracts.used_now_test import publishes
from tests.contracts.workers import work_done
from tests.town import Citizen, Town, day

METER = "added"


@pytest.fixture
def street(town: Town) -> Town:
    """A town that meters, all of whose rollups are open."""
    publishes(town)
    town.customer("Veikko").subscribes("each", on="2026-10-01")
    town.clock("2026-10-20")
    open_rollups(town.merchant_id, town.now)
    tick(town)
    return town


class Clock:
    """The runners' clock, which goes on by as much as it takes for another job."""

    now = datetime.now(UTC)

    @classmethod
    def later(cls) -> datetime:
        cls.now += timedelta(seconds=5)
        return cls.now


def tick(town: Town) -> int:
    """The next tick of a runner: what it adds is done; says how many jobs of ours those were."""
    timetable.plan_moved(now := Clock.later())
    return work_done(town, ROLL_UP_MOVED, now)


def known(town: Town, citizen: Citizen, meter: str = METER) -> list[bool]:
    """Of each subscription that somebody uses: whether one row says what is used."""
    with reading(town.merchant_id) as session:
        sums = running_sums.of_user(session, citizen.customer.id, meter, town.now)
    return [number is not None for number in sums.values()]


def test_a_new_subscription_has_its_rollups_with_the_next_tick(street: Town) -> None:
    aino = street.customer("Aino")
    aino.subscribes("each", on="2026-10-05")
    assert known(street, aino) == [False]
    assert tick(street) == 1
    assert known(street, aino) == [True]
    assert tick(street) == 0, "nothing has changed since"


@pytest.mark.parametrize(
    "command",
    [
        ChangePlan("costly", on=day("2026-10-15")),
        ChangeBillingDay(billing_day=25),
        Transfer("veikko", on=day("2026-10-18")),
    ],
    ids=["plan", "billing day", "payer"],
)
def test_a_change_has_them_with_the_next_tick(street: Town, command: Command) -> None:
    aino = street.customer("Aino")
    own = aino.subscribes("each", on="2026-10-05")
    tick(street)
    event = {
        "id": "a",
        "subscription": own.hex,
        "meter": METER,
        "time": "2026-10-19T10:00:00Z",
        "value": 7,
    }
    accept_usage(street.merchant_id, [event], street.now, street.now)
    aino.changes(own, command)
    assert known(street, aino) == [False]
    before = said(street, aino)
    assert tick(street) == 1
    assert known(street, aino) == [True]
    assert said(street, aino) == before
    assert open_rollups(street.merchant_id, street.now) == 0, "the hour finds nothing left"


def said(town: Town, citizen: Citizen) -> str:
    """What is used, as programs are told."""
    with reading(town.merchant_id) as session:
        return str(used_now(session, citizen.customer.id, METER, town.now))


def test_others_of_the_payers_group_are_opened_too(street: Town) -> None:
    aino = street.customer("Aino")
    aino.subscribes("each", on="2026-10-05")
    tick(street)
    aino.subscribes("each", on="2026-10-06")
    assert known(street, aino) == [False, False], "a change makes all of the group stale"
    tick(street)
    assert known(street, aino) == [True, True]


def test_of_a_large_group_only_who_changed_is_opened(
    street: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kesto.flows.open_rollups.SMALL_GROUP", 1)
    aino = street.customer("Aino")
    aino.subscribes("each", on="2026-10-05")
    tick(street)
    aino.subscribes("each", on="2026-10-06")
    tick(street)
    assert sorted(known(street, aino)) == [False, True]
    open_rollups(street.merchant_id, street.now)
    assert known(street, aino) == [True, True]


def test_a_change_that_is_on_its_way_is_found_when_it_can_be_seen(street: Town) -> None:
    """Numbers of transactions are given before they commit: one may commit after a tick."""
    own = street.customer("Aino").subscribes("each", on="2026-10-05")
    tick(street)
    began, may_commit = threading.Event(), threading.Event()

    def changes() -> None:
        with writing(street.merchant_id) as session:
            session.execute(
                "update subscription set later_zones = later_zones"
                " where merchant_id = %s and id = %s",
                *(street.merchant_id, own),
            )
            began.set()
            may_commit.wait(60)
        forget_connections()

    thread = threading.Thread(target=changes)
    thread.start()
    try:
        assert began.wait(60)
        liisa = street.customer("Liisa")
        liisa.subscribes("each", on="2026-10-05")
        assert tick(street) == 1
        assert known(street, liisa) == [True]
        assert tick(street) == 0
    finally:
        may_commit.set()
        thread.join()
    assert tick(street) == 1
    assert tick(street) == 0


def test_one_job_at_a_time_and_none_for_what_is_no_subscription(street: Town) -> None:
    aino = street.customer("Aino")
    assert tick(street) == 0, "a new customer uses nothing yet"
    aino.subscribes("each", on="2026-10-05")
    timetable.plan_moved(Clock.later())
    aino.subscribes("each", on="2026-10-06")
    timetable.plan_moved(Clock.later())
    with reading(street.merchant_id) as session:
        assert waiting(session) == 1
    assert tick(street) == 1
    assert known(street, aino) == [True, True], "it sees what came after it was added"
    tick(street)
    assert tick(street) == 0


def waiting(session: Session) -> int:
    rows = session.rows(
        "select from job where merchant_id = %s and kind = %s and state = 'waiting'",
        *(session.merchant_id, ROLL_UP_MOVED),
    )
    return len(rows)


def test_a_restored_database_takes_all_for_new(street: Town) -> None:
    """One that counts its transactions from lower numbers would find nothing new for ages."""
    with writing(street.merchant_id, "run") as session:
        session.execute(
            "update job set payload = jsonb_set(payload, '{seen}',"
            " to_jsonb('9000000000000:9000000000000:'::text))"
            " where merchant_id = %s and kind = %s",
            *(street.merchant_id, ROLL_UP_MOVED),
        )
    aino = street.customer("Aino")
    aino.subscribes("each", on="2026-10-05")
    assert tick(street) == 1
    assert known(street, aino) == [True]
    assert tick(street) == 0


def test_many_at_once_are_left_to_the_hour(street: Town) -> None:
    aino = street.customer("Aino")
    orders = [
        NewSubscription(new_id(), f"aino-{number}", "aino", "each", day("2026-10-05"))
        for number in range(101)
    ]
    subscribe(street.merchant_id, orders, street.now)
    tick(street)
    assert not any(known(street, aino))
    open_rollups(street.merchant_id, street.now)
    assert all(known(street, aino))


def test_a_change_adds_no_job_itself(street: Town) -> None:
    aino = street.customer("Aino")
    aino.changes(aino.subscribes("each", on="2026-10-05"), ChangePlan("costly"))
    with reading(street.merchant_id) as session:
        assert waiting(session) == 0


def test_of_the_jobs_that_are_done_only_the_last_is_kept(street: Town) -> None:
    aino = street.customer("Aino")
    for number in range(3):
        aino.subscribes("each", on=f"2026-10-0{5 + number}")
        assert tick(street) == 1
    assert jobs.forget_done(street.merchant_id, ROLL_UP_MOVED) > 0
    with reading(street.merchant_id) as session:
        rows = session.rows(
            "select from job where merchant_id = %s and kind = %s",
            *(session.merchant_id, ROLL_UP_MOVED),
        )
    assert len(rows) == 1
    assert tick(street) == 0, "what was seen is known from the last one"
