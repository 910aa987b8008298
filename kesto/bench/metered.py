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
from kesto.store.session import Session, forget_connections
from kesto.store.usage.counted import UsageBook

EVENTS = 100
"""How many events a customer has in the period that runs; the heaviest has so many times that."""

# The heaviest is the first by the number of its subscription. Sums are whole and hundredths.
_EVENTS = """
insert into usage_event (merchant_id, subscription_id, meter_id, at, key, source, event_id, number,
    is_removal, problem, sent, ingest_no, received_at)
select merchant_id, subscription_id, meter_id,
    start_at + (end_at - start_at) * ((k - 0.5) / many), uuidv7(), 'bench', k::text,
    round(random()::numeric * 50, 2), false, '', '', 1, %(now)s
from (select merchant_id, subscription_id, meter_id, start_at, end_at,
        %(events)s::bigint * case when subscription_id =
            (select min(subscription_id::text)::uuid from usage_rollup)
        then %(events)s else 1 end as many
    from usage_rollup where end_at > %(now)s and start_at <= %(now)s) r,
    generate_series(1, many) k;
update usage_rollup set is_filled = false;
"""


class MeteredTown:
    """A merchant on a ground whose customers have used what they pay for by the unit."""

    def __init__(self, ground: Ground, size: int, database: str = FIRST) -> None:
        ground.boot(database)
        with ground.connected(database) as connection:
            self.merchant_id: UUID = open_town(connection, size, _metered())
            forget_connections()
            open_rollups(self.merchant_id, NOW)
            values = {"now": NOW, "events": EVENTS}
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_EVENTS, values)
            connection.execute("vacuum analyze")
        self.filled = open_rollups(self.merchant_id, NOW)
        if self.filled < size:
            raise AssertionError(f"{size} customers use something, {self.filled} rollups hold it")

    def asks(self, session: Session) -> list[Ask]:
        """What the running period of each customer asks for."""
        return list(_asks(session))

    def heaviest(self, session: Session) -> UUID:
        """The subscription with the most events."""
        row = session.row(
            "select subscription_id from usage_rollup where merchant_id = %s"
            " order by events desc limit 1",
            self.merchant_id,
        )
        if row is None:
            raise AssertionError("nobody uses anything")
        found: UUID = row[0]
        return found


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
    meter = SoldMeter(new_id(), "units", {"en": "Units"}, Meter("sum"))
    plans = tuple(
        replace(plan, prices=(*plan.prices, _by_the_unit(plan.prices[0], meter)))
        for plan in plain.plans
    )
    return replace(plain, plans=plans, meters=(meter,))


def _by_the_unit(beside: Price, meter: SoldMeter) -> Price:
    spec = parse_price({"model": "per_unit", "unit_amount": "0.013"})
    return replace(beside, id=new_id(), code="used", spec=spec, meter=meter.code, charged="arrears")
