"""Customers who use what is metered: events by the million, made in the database by SQL."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
from msgspec.structs import replace

from kesto.bench.ground import FIRST, Ground
from kesto.bench.subscribers import NOW, catalogue, open_town
from kesto.core.catalog import Catalogue, Price, SoldMeter
from kesto.core.clock import Clock
from kesto.core.counting import Ask, ask_of, running_stretch
from kesto.core.metering import Meter
from kesto.core.pricing import parse_price
from kesto.flows.open_rollups import open_rollups
from kesto.store import billing, proof, running
from kesto.store.catalogue import PriceList
from kesto.store.ids import new_id
from kesto.store.session import Session, forget_connections, reading
from kesto.store.usage.counted import UsageBook

EVENTS = 100
"""How many events a customer has in the period that runs; the heaviest has so many times that."""

METER = "units"

HEAVIEST = EVENTS * EVENTS
"""How many the heaviest has."""

# A row for the period that runs, as `open_rollups` writes it down: its days are anniversaries of
# the start in the zone of the subscription. Opening each by the flow takes as long as all the rest.
_WINDOWS = """
insert into usage_rollup (merchant_id, subscription_id, meter_id, start_at, end_at, labels, events,
    added, newest_no, history_seq, is_filled)
select s.merchant_id, s.id, m.id,
    (s.start_on + make_interval(months => past))::timestamp at time zone s.zone,
    (s.start_on + make_interval(months => past + 1))::timestamp at time zone s.zone,
    '{}', 0, 0, 0, g.history_seq, false
from subscription s
    join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
    join meter m on m.merchant_id = s.merchant_id
    cross join lateral (select (%(now)s::timestamptz at time zone s.zone)::date as today) t
    cross join lateral (select ((extract(year from today) - extract(year from s.start_on)) * 12
        + extract(month from today) - extract(month from s.start_on))::int as months) u
    cross join lateral (select u.months
        - (s.start_on + make_interval(months => u.months) > today)::int as past) v;
"""
# The heaviest is the first by its number. Sums are whole and hundredths. The key of the events is
# made again when all are there, which takes a tenth of the time.
_EVENTS = """
alter table usage_event drop constraint usage_event_pkey;
insert into usage_event (merchant_id, subscription_id, meter_id, at, key, source, event_id, number,
    is_removal, problem, sent, ingest_no, received_at)
select merchant_id, subscription_id, meter_id, start_at + step * (k - 0.5)::float8,
    md5(n || '-' || k)::uuid, 'bench', k::text, ((n * 7919 + k * 104729) %% 5000 + 1) * 0.01,
    false, '', '', 1, %(now)s
from (select *, (end_at - start_at) / many as step from (
        select *, case row_number() over (order by subscription_id)
            when 1 then %(heaviest)s else %(events)s end as many,
            row_number() over (order by subscription_id) as n from usage_rollup) r) t,
    generate_series(1, many) k;
alter table usage_event add constraint usage_event_pkey
    primary key (merchant_id, subscription_id, meter_id, at, key);
select setval('usage_ingest', 1);
update usage_rollup r set events = e.events, added = e.added, highest = e.highest, newest_no = 1,
    is_filled = true
from (select subscription_id, meter_id, count(*) as events, sum(number) as added,
        max(number) as highest from usage_event group by 1, 2) e
where r.subscription_id = e.subscription_id and r.meter_id = e.meter_id;
"""


class MeteredTown:
    """A merchant on a ground whose customers have used what they pay for by the unit."""

    def __init__(self, ground: Ground, size: int, database: str = FIRST) -> None:
        ground.boot(database)
        with ground.connected(database) as connection:
            self.merchant_id: UUID = open_town(connection, size, _metered())
            forget_connections()
            values = {"now": NOW, "events": EVENTS, "heaviest": HEAVIEST}
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_WINDOWS + _EVENTS, values)
            connection.execute("vacuum analyze")
        open_rollups(self.merchant_id, NOW)
        self._count(size)

    def _count(self, size: int) -> None:
        """Raise AssertionError unless each customer's rollup holds that customer's events."""
        with reading(self.merchant_id, "run") as session:
            row = session.row(
                "select count(*) filter (where events = %s), max(events) from usage_rollup"
                " where merchant_id = %s and is_filled and end_at > %s and start_at <= %s",
                *(EVENTS, self.merchant_id, NOW, NOW),
            )
        if row != (size - 1, HEAVIEST):
            raise AssertionError(f"{size} customers are to have {EVENTS} events each: {row}")

    def asks(self, session: Session) -> list[Ask]:
        """What the running period of each customer asks for."""
        return list(_asks(session))

    def customers(self, session: Session) -> list[UUID]:
        """All customers, the one with the most events first."""
        rows = session.rows(
            "select s.user_id from usage_rollup r join subscription s"
            " on s.merchant_id = r.merchant_id and s.id = r.subscription_id"
            " where r.merchant_id = %s order by r.events desc, s.id",
            self.merchant_id,
        )
        return [row[0] for row in rows]


def _asks(session: Session) -> Iterator[Ask]:
    meters = UsageBook(session).meters
    ids = proof.group_ids(session)
    for start in range(0, len(ids), 10_000):
        groups = billing.groups_by_id(session, ids[start : start + 10_000])
        items = running.items(session, groups, {one.id.int for one in groups}, PriceList())
        for item in (item for group in groups for item in items.get(group.id.int, ())):
            for price in item.prices:
                day = Clock(item.cadence.zone).day_of(NOW)
                stretch = running_stretch(item, price, day)
                ask = ask_of(item, price, stretch, meters) if stretch else None
                if ask is not None:
                    yield ask


def _metered() -> Catalogue:
    """The bench's catalogue, each plan with a price by the unit used."""
    plain = catalogue(new_id)
    meter = SoldMeter(new_id(), METER, {"en": "Units"}, Meter("sum"))
    plans = tuple(
        replace(plan, prices=(*plan.prices, _by_the_unit(plan.prices[0], meter)))
        for plan in plain.plans
    )
    return replace(plain, plans=plans, meters=(meter,))


def _by_the_unit(beside: Price, meter: SoldMeter) -> Price:
    spec = parse_price({"model": "per_unit", "unit_amount": "0.013"})
    return replace(beside, id=new_id(), code="used", spec=spec, meter=meter.code, charged="arrears")
