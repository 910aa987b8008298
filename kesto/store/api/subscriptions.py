"""Subscriptions as the API shows them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.history import Told, read_history
from kesto.store.api.listing import Window, called, calls, listing, unknown
from kesto.store.session import Session

SUBSCRIPTIONS = """
    select s.id, s.external_id, s.holder_id, s.payer_id, s.user_id, s.billing_group_id, g.currency,
        g.includes_tax, s.created_at,
        (select json_agg(json_build_array(e.seq, e.data) order by e.seq)::text
            from subscription_event e
            where e.merchant_id = s.merchant_id and e.subscription_id = s.id),
        (select json_agg(json_build_array(i.id, coalesce(p.code, a.code, o.code),
                coalesce(v.version, a.version),
                case when p.id is not null then 'plan' when a.id is not null then 'add_on'
                    else 'extra' end,
                i.quantity::text, i.start_on, i.end_on,
                i.phase >= 0 and coalesce(
                    (v.phases -> i.phase::integer ->> 'is_trial')::boolean, false))
                order by i.plan_version_id is null, i.start_on, i.id)::text
            from subscription_item i
            left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
            left join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id
            left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
            left join product o on o.merchant_id = i.merchant_id
                and o.id = (i.extra ->> 'product_id')::uuid
            where i.merchant_id = s.merchant_id and i.subscription_id = s.id)
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
Kind = Literal["plan", "add_on", "extra"]
LAST_EVENT = 2**63 - 1

OF_CUSTOMER = f"""
    s.id = any(array(
        with whose as ({called("customer")})
        select h.id from whose join subscription h
            on h.merchant_id = %(merchant)s and h.holder_id = whose.id
        union all select p.id from whose join billing_group g
            on g.merchant_id = %(merchant)s and g.payer_id = whose.id
        join subscription p on p.merchant_id = g.merchant_id and p.billing_group_id = g.id))
"""
"""Who has it or pays it: found by their indexes. Takes what `calls` says of the customer."""


class Item(Struct, frozen=True, array_like=True):
    """A plan, an add-on, or a product sold once beside them, over a span of days."""

    id: UUID
    code: str
    version: int | None
    kind: Kind
    quantity: Decimal
    start_on: date
    end_on: date | None
    is_trial: bool


class Subscription(Struct, frozen=True):
    """A subscription with who has it, its history and what it holds."""

    id: UUID
    external_id: str
    holder_id: UUID
    payer_id: UUID
    user_id: UUID
    group_id: UUID
    currency: str
    includes_tax: bool
    created_at: datetime
    told: list[Told]
    items: list[Item]


class Event(Struct, frozen=True):
    """Something that happened to a subscription."""

    seq: int
    kind: str
    effective_on: date
    recorded_at: datetime
    data: dict[str, Any]


def in_state(today: date) -> str:
    """The condition that a subscription stands so on a day, as `core.standing` says it."""
    day = f"'{today.isoformat()}'::date"
    return f"({STATE.format(day=day, running=RUNNING.format(day=day))}) = %s"


def subscriptions(
    session: Session, wanted: Mapping[str, object], window: Window
) -> list[Subscription]:
    """Subscriptions in a list."""
    return subscriptions_asked(session, wanted, window)()


def subscriptions_asked(
    session: Session, wanted: Mapping[str, object], window: Window
) -> Callable[[], list[Subscription]]:
    """Ask for them, to be told later: they go out with what is asked next."""
    asked = session.asked(*listing(session.merchant_id, SUBSCRIPTIONS, wanted, window, "s.id"))
    return lambda: [_read(row) for row in asked.fetchall()]


def by_name(session: Session, text: str) -> Subscription:
    """The subscription that is called by its id or external id. Raises NotFound."""
    rows = session.prepared(
        f"{SUBSCRIPTIONS} where s.merchant_id = %(merchant)s and s.id = ({called('subscription')})",
        {"merchant": session.merchant_id, **calls("subscription", text)},
    )
    if not rows:
        raise unknown("subscription", text)
    return _read(rows[0])


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


def _read(row: tuple[Any, ...]) -> Subscription:
    told, items = row[-2:]
    history = read_history(row[0], told) if told else []
    return Subscription(*(*row[:-2], history, _items.decode(items) if items else []))


_items: msgspec.json.Decoder[list[Item]] = msgspec.json.Decoder(list[Item])
