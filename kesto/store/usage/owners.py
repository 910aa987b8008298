"""Whose usage it is: the subscriptions that events name, and what is priced in them."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import midnight
from kesto.core.clock import Clock, read_clock
from kesto.core.ids import parsed
from kesto.core.refusals import Invalid
from kesto.core.remembered import Remembered
from kesto.store.session import Session

MOST_DAYS = 2_000
MOST_PIECES = 50
"""So many meters of one name are remembered: a name that nobody knows is none."""


# Each name, one of ours or one that the merchant gave, is looked up by its own key, however many
# others there are.
OWNERS = """
    with named as (
        select c.id as user_id from unnest(%(customers)s::text[]) n (name) cross join lateral (
            select id from customer
            where merchant_id = %(merchant)s and external_id = n.name offset 0) c
        union
        select unnest(%(customer_ids)s::uuid[])),
    chosen as (
        select s.id from named n cross join lateral (
            select id from subscription
            where merchant_id = %(merchant)s and user_id = n.user_id offset 0) s
        union
        select s.id from unnest(%(subscriptions)s::text[]) n (name) cross join lateral (
            select id from subscription
            where merchant_id = %(merchant)s and external_id = n.name offset 0) s
        union
        select unnest(%(subscription_ids)s::uuid[]))
    select s.id, s.external_id, c.external_id, c.id, s.start_on, s.end_on, s.zone,
        s.later_zones::text
    from chosen n
        cross join lateral (
            select * from subscription where merchant_id = %(merchant)s and id = n.id offset 0) s
        cross join lateral (
            select id, external_id from customer
            where merchant_id = %(merchant)s and id = s.user_id offset 0) c
    order by s.start_on, s.id
"""
# Prices are few beside items, and many items have the same: what a plan or an add-on meters is
# found once for all of them.
ITEMS = """
    with own as materialized (
        select i.subscription_id, i.plan_version_id, i.add_on_id, i.start_on, i.end_on
        from unnest(%(subscriptions)s::uuid[]) n (id) cross join lateral (
            select * from subscription_item
            where merchant_id = %(merchant)s and subscription_id = n.id offset 0) i),
    metered as materialized (
        select plan_version_id, add_on_id, meter from price
        where merchant_id = %(merchant)s and meter <> ''
            and (plan_version_id in (select plan_version_id from own)
                or add_on_id in (select add_on_id from own)))
    select o.subscription_id, p.meter, o.start_on, o.end_on
    from own o join metered p on p.plan_version_id = o.plan_version_id
    union
    select o.subscription_id, p.meter, o.start_on, o.end_on
    from own o join metered p on p.add_on_id = o.add_on_id
"""


class MeteredItem(Struct, frozen=True, gc=False):
    """From when to when a meter is priced in a subscription."""

    meter: str
    start_on: date
    end_on: date | None


class Owner(Struct, frozen=True):
    """A subscription that usage may be of, and what its days and prices are."""

    id: UUID
    external_id: str
    user: str
    user_id: UUID
    start_on: date
    end_on: date | None
    clock: Clock
    items: tuple[MeteredItem, ...] = ()

    def runs(self, day: date) -> bool:
        """Whether it runs on a day."""
        return self.start_on <= day and (self.end_on is None or day < self.end_on)

    def prices(self, meter: str, day: date) -> bool:
        """Whether a meter is priced in it on a day."""
        return any(
            one.meter == meter and one.start_on <= day and (one.end_on is None or day < one.end_on)
            for one in self.items
        )


class Day(Struct, frozen=True, gc=False):
    """A local day of a time zone, from an instant to before another."""

    on: date
    zone: str
    start_at: datetime
    end_at: datetime


class Piece(Struct, frozen=True, gc=False):
    """A day of an owner's, and whether it runs and prices a meter then.

    `own` is the owner's id in its 16 bytes.
    """

    day: Day
    owner: Owner
    own: bytes
    is_running: bool
    is_priced: bool


class Known(Struct, gc=False):
    """Those whom a name may mean; `pieces` are days of the only one, the last asked by meter."""

    owners: tuple[Owner, ...]
    pieces: dict[str, Piece] = {}

    @property
    def ids(self) -> set[UUID]:
        """Whose changes make it stale."""
        return {own for one in self.owners for own in (one.id, one.user_id)}

    def piece_at(self, meter: str, at: datetime) -> Piece | None:
        """The day of the only owner that an instant lies in; None where it takes a closer look."""
        piece = self.pieces.get(meter)
        if piece is not None and piece.day.start_at <= at < piece.day.end_at:
            return piece
        if len(self.owners) != 1 or self.owners[0].clock.later:
            return None
        owner = self.owners[0]
        day = _days[owner.clock.zone, owner.clock.day_of(at)]
        piece = Piece(
            *(day, owner, owner.id.bytes),
            is_running=owner.runs(day.on),
            is_priced=owner.prices(meter, day.on),
        )
        if len(self.pieces) >= MOST_PIECES:
            self.pieces.clear()
        self.pieces[meter] = piece
        return piece


def customers_known(session: Session, names: Sequence[str]) -> set[str]:
    """Those of the names, ids or external ids, that are customers."""
    ids = dict(_ids("customer", names))
    rows = session.rows(
        "select id, external_id from customer where merchant_id = %s"
        " and (external_id = any(%s) or id = any(%s))",
        *(session.merchant_id, list(names), list(ids)),
    )
    return {name for own, external_id in rows for name in (external_id, ids.get(own)) if name}


def owners(session: Session, customers: Sequence[str], subscriptions: Sequence[str]) -> list[Owner]:
    """The subscriptions that are named, and those that named customers use."""
    names = {
        "merchant": session.merchant_id,
        "customers": list(customers),
        "customer_ids": [own for own, _ in _ids("customer", customers)],
        "subscriptions": list(subscriptions),
        "subscription_ids": [own for own, _ in _ids("subscription", subscriptions)],
    }
    rows = session.prepared(OWNERS, names)
    items = _items(session, [row[0] for row in rows])
    return [Owner(*[*row[:6], read_clock(*row[6:]), tuple(items.get(row[0], ()))]) for row in rows]


def billed_days(
    session: Session, wanted: Sequence[tuple[UUID, str, date]]
) -> set[tuple[UUID, str, date]]:
    """Those days of subscriptions on which a meter's usage was billed already."""
    rows = session.rows(
        "select distinct t.own, t.meter, t.day"
        " from unnest(%s::uuid[], %s::text[], %s::date[]) t (own, meter, day)"
        " join subscription_item i on i.merchant_id = %s and i.subscription_id = t.own"
        " join claim c on c.merchant_id = i.merchant_id and c.item_id = i.id and c.kind = 'usage'"
        "  and c.period_start <= t.day and c.period_end > t.day"
        " join price p on p.merchant_id = c.merchant_id and p.id = c.price_id"
        "  and p.meter = t.meter",
        *([one[0] for one in wanted], [one[1] for one in wanted], [one[2] for one in wanted]),
        session.merchant_id,
    )
    return {(row[0], row[1], row[2]) for row in rows}


def _items(session: Session, subscriptions: Sequence[UUID]) -> dict[UUID, list[MeteredItem]]:
    asked = {"merchant": session.merchant_id, "subscriptions": list(subscriptions)}
    found: dict[UUID, list[MeteredItem]] = {}
    for own, meter, start_on, end_on in session.prepared(ITEMS, asked):
        found.setdefault(own, []).append(MeteredItem(meter, start_on, end_on))
    return found


def _ids(noun: str, names: Sequence[str]) -> Iterator[tuple[UUID, str]]:
    for name in names:
        with contextlib.suppress(Invalid):
            yield parsed(noun, name), name


def _day(named: tuple[str, date]) -> Day:
    zone, on = named
    return Day(on, zone, midnight(on, zone), midnight(on + timedelta(days=1), zone))


# The same few days are looked at again and again: they are shared by all whose days they are.
_days = Remembered(_day, MOST_DAYS)
