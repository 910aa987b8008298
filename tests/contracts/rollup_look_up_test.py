"""How a batch finds the rollups around its events, and what it adds to each."""

from random import Random
from uuid import uuid4

import psycopg
import pytest

from kesto.flows.open_rollups import open_rollups
from kesto.store.session import reading, writing
from kesto.store.usage import rollups
from kesto.store.usage.chosen import event_store
from kesto.store.usage.port import Window
from kesto.store.usage.rollups import Opened
from kesto.verify.proof import verify
from tests.contracts.rollups_test import same_as_events, sends, talk, windows
from tests.town import Town, morning

MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12")


def test_events_of_one_customer_count_in_each_window_that_holds_them(town: Town) -> None:
    """Windows that lie within and across each other; some of them between two events."""
    own = town.customer("Aino").subscribes("metered", on="2026-09-01")
    town.customer("Veikko").subscribes("metered", on="2026-09-01")
    town.clock("2026-12-31")
    open_rollups(town.merchant_id, town.now)
    (first, *_) = windows(town, "talk")
    edges = [morning(f"{month}-{one}") for month in MONTHS for one in ("02", "09", "23")]
    more = [
        Window(own, first.meter_id, edges[start], edges[end])
        for start, end in ((0, 11), (0, 3), (3, 6), (6, 9), (4, 5), (2, 7), (10, 11))
    ]
    with writing(town.merchant_id, "run") as session:
        rollups.open_windows(session, [Opened(one, 0) for one in more])
        rollups.fill(session, more, event_store())
    sends(town, talk("a", "2026-09-02T06:00:00Z", 7))
    random = Random(3)  # noqa: S311 - the same events each time
    for number in range(12):
        days = random.sample(range(1, 29), random.choice((1, 2, 3, 9)))
        events = [
            talk(f"{number}-{one}", f"{random.choice(MONTHS[::3])}-{one:02}T06:00:00Z", one - 9)
            for one in days
        ]
        sends(town, *events, talk(f"{number}", "2026-10-05T10:00:00Z", customer="veikko"))
        assert all(same_as_events(town))
    with reading(town.merchant_id) as session:
        found = rollups.read(session, more)
    assert [sum(one.events for one in own.values()) for own in found if own] != [0] * len(more)
    assert found[2] == {}  # nothing came between the first month and the last
    assert verify(town.merchant_id) == []


KNOW_NOTHING = """
    update pg_class set reltuples = -1, relpages = 0 where oid = 'usage_rollup'::regclass;
    delete from pg_statistic where starelid = 'usage_rollup'::regclass;
"""


@pytest.mark.parametrize("is_analysed", [False, True])
@pytest.mark.parametrize("others", [0, 3_000])
def test_each_rollup_is_looked_up_by_its_key_whatever_is_known_of_their_number(
    superuser: psycopg.Connection, others: int, *, is_analysed: bool
) -> None:
    """Any other plan might take rows in another order, or read them all. One is not like others."""
    merchant_id, meter_id, owns = uuid4(), uuid4(), sorted(uuid4() for _ in range(40))
    start, end = morning("2026-10-01"), morning("2026-11-01")
    superuser.execute("delete from usage_rollup")
    superuser.execute(KNOW_NOTHING)
    superuser.execute(
        "insert into usage_rollup (merchant_id, subscription_id, meter_id, start_at, end_at,"
        " labels, events, added, newest_no, history_seq, is_filled)"
        " select coalesce(merchant_id, gen_random_uuid()), own, %s, %s, %s, '{}', 0, 0, 0, 0, true"
        " from (select null::uuid, gen_random_uuid() from generate_series(1, %s)"
        "  union all select %s, unnest(%s::uuid[])) t (merchant_id, own)",
        (meter_id, start, end, others, merchant_id, owns),
    )
    if is_analysed:
        superuser.execute("analyze usage_rollup")
    superuser.execute("set local role kesto_app")
    superuser.execute("select set_config('app.merchant', %s, true)", (str(merchant_id),))
    work = (
        "select seq_scan, idx_scan, n_tup_upd from pg_stat_xact_user_tables"
        " where relname = 'usage_rollup'"
    )
    before = superuser.execute(work).fetchall()[0]
    superuser.execute(
        "select keep_up_rollups(%s, 1, %s::uuid[], array_fill(%s::uuid, '{40}'),"
        " array_fill(%s::timestamptz, '{40}'), array_fill(%s::timestamptz, '{40}'),"
        " array_fill('2'::text, '{40}'), null, null)",
        (merchant_id, owns, meter_id, start, start),
    )
    after = superuser.execute(work).fetchall()[0]
    assert [new - old for new, old in zip(after, before, strict=True)] == [0, 40, 40]
