"""Subscriptions as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from kesto.store.api.listing import Window, listed
from kesto.store.session import Session

SUBSCRIPTIONS = """
    select s.id, s.external_id, s.start_on, s.end_on, s.alignment, s.billing_day, s.anchor, s.zone,
        s.holder_id, s.payer_id, s.user_id, s.billing_group_id, g.currency, g.includes_tax,
        s.created_at, {state}
    from subscription s
    join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
"""
STATE = """
    case when s.end_on <= {day} or s.end_on = s.start_on then 'ended'
        when s.start_on > {day} then 'upcoming'
        when exists (
            select from subscription_item i, jsonb_array_elements(i.course -> 'pauses') pause
            where {running} and (pause ->> 'start')::date <= {day}
                and coalesce((pause ->> 'end')::date > {day}, true)) then 'paused'
        when s.end_on is not null then 'ending'
        when exists (
            select from subscription_item i join plan_version v
                on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
            where {running} and i.phase >= 0
                and (v.phases -> i.phase::integer ->> 'is_trial')::boolean) then 'trialing'
        else 'active' end
"""
RUNNING = """
    i.merchant_id = s.merchant_id and i.subscription_id = s.id and i.plan_version_id is not null
    and i.start_on <= {day} and coalesce(i.end_on > {day}, true)
"""
ITEMS = """
    select i.subscription_id, i.id, coalesce(p.code, a.code, o.code),
        coalesce(v.version, a.version),
        case when p.id is not null then 'plan' when a.id is not null then 'add_on' else 'extra' end,
        i.quantity, i.start_on, i.end_on
    from subscription_item i
    left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
    left join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id
    left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
    left join product o on o.merchant_id = i.merchant_id
        and o.id = (i.extra ->> 'product_id')::uuid
    where i.merchant_id = %s and i.subscription_id = any(%s)
    order by i.plan_version_id is null, i.start_on, i.id
"""


Kind = Literal["plan", "add_on", "extra"]
LAST_EVENT = 2**63 - 1

State = Literal["upcoming", "trialing", "active", "paused", "ending", "ended"]
"""How it stands: the first that holds of ended, upcoming, paused, ending, trialing, active."""


OF_CUSTOMER = """
    s.id = any(array(
        select h.id from subscription h where h.merchant_id = %s and h.holder_id = %s
        union all select p.id from billing_group g join subscription p
            on p.merchant_id = g.merchant_id and p.billing_group_id = g.id
        where g.merchant_id = %s and g.payer_id = %s))
"""
"""Who has it or pays it: found by their indexes. Takes merchant and customer, twice."""


class Item(Struct, frozen=True):
    """A plan, an add-on, or a product sold once beside them, over a span of days."""

    subscription_id: UUID
    id: UUID
    code: str
    version: int | None
    kind: Kind
    quantity: Decimal
    start_on: date
    end_on: date | None


class Subscription(Struct, frozen=True):
    """A subscription with who has it and what it holds."""

    id: UUID
    external_id: str
    start_on: date
    end_on: date | None
    alignment: str
    billing_day: int
    anchor: date | None
    zone: str
    holder_id: UUID
    payer_id: UUID
    user_id: UUID
    group_id: UUID
    currency: str
    includes_tax: bool
    created_at: datetime
    state: State
    items: tuple[Item, ...] = ()


class Event(Struct, frozen=True):
    """Something that happened to a subscription."""

    seq: int
    kind: str
    effective_on: date
    recorded_at: datetime
    data: dict[str, Any]


def state_on(today: date) -> str:
    """How a subscription stands on a day, for a condition."""
    day = f"'{today.isoformat()}'::date"
    return f"({STATE.format(day=day, running=RUNNING.format(day=day))})"


def in_state(today: date) -> str:
    """The condition that a subscription stands so on a day."""
    return f"{state_on(today)} = %s"


def subscriptions(
    session: Session, wanted: Mapping[str, object], window: Window, today: date
) -> list[Subscription]:
    """Subscriptions in a list."""
    query = SUBSCRIPTIONS.format(state=state_on(today))
    return _with_items(session, listed(session, query, wanted, window, "s.id"))


def by_id(session: Session, subscription_id: UUID, today: date) -> Subscription:
    """One subscription."""
    query = SUBSCRIPTIONS.format(state=state_on(today)) + " where s.merchant_id = %s and s.id = %s"
    (found,) = _with_items(session, session.rows(query, session.merchant_id, subscription_id))
    return found


def events(session: Session, subscription_id: UUID, window: Window) -> list[Event]:
    """What happened to a subscription, the first thing first, and one more if there is more.

    The window goes on after an event's number, which stands in it as the id that it is not.
    """
    after = min(window.after.int, LAST_EVENT) if window.after else 0
    rows = session.rows(
        "select seq, kind, effective_on, recorded_at, data from subscription_event"
        " where merchant_id = %s and subscription_id = %s and seq > %s order by seq limit %s",
        *(session.merchant_id, subscription_id, after, window.limit + 1),
    )
    return [Event(*row) for row in rows]


def _with_items(session: Session, rows: Sequence[tuple[Any, ...]]) -> list[Subscription]:
    held: dict[UUID, list[Item]] = {}
    for row in session.rows(ITEMS, session.merchant_id, [row[0] for row in rows]):
        held.setdefault(row[0], []).append(Item(*row))
    return [Subscription(*(*row, tuple(held.get(row[0], ())))) for row in rows]
