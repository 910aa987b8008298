"""Subscriptions as the API shows them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.history import SubscriptionEvent, Told
from kesto.core.refusals import Invalid
from kesto.store.api.listing import Window, called, calls, listing, unknown
from kesto.store.session import Session

SUBSCRIPTIONS = """
    select json_build_array(s.id, s.external_id, s.holder_id, s.payer_id, s.user_id,
        s.billing_group_id, g.currency, g.includes_tax, s.created_at,
        (select json_agg(json_build_array(e.seq, e.data) order by e.seq)
            from subscription_event e
            where e.merchant_id = s.merchant_id and e.subscription_id = s.id))::text
    from subscription s
    join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
"""
"""Each as `subscription_of` reads it."""

_RUNNING = """
    i.merchant_id = s.merchant_id and i.subscription_id = s.id and i.plan_version_id is not null
    and i.start_on <= %(today)s and coalesce(i.end_on > %(today)s, true)
"""
IN_STATE = f"""
    %(state)s = case when s.end_on <= %(today)s or s.end_on = s.start_on then 'ended'
        when s.start_on > %(today)s then 'upcoming'
        when exists (
            select from subscription_item i, jsonb_array_elements(i.course -> 'pauses') pause
            where {_RUNNING} and (pause ->> 'start')::date <= %(today)s
                and coalesce((pause ->> 'end')::date > %(today)s, true)) then 'paused'
        when s.end_on is not null then 'ending'
        when exists (
            select from subscription_item i join plan_version v
                on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
            where {_RUNNING} and i.phase >= 0
                and (v.phases -> i.phase::integer ->> 'is_trial')::boolean) then 'trialing'
        else 'active' end
"""
"""The condition that a subscription stands so on a day, as `core.standing` says it."""

LAST_EVENT = 2**63 - 1

OF_CUSTOMER = """
    s.id = any(array(
        select h.id from subscription h
            where h.merchant_id = %(merchant)s and h.holder_id = {customer}
        union all select p.id from billing_group g join subscription p
            on p.merchant_id = g.merchant_id and p.billing_group_id = g.id
        where g.merchant_id = %(merchant)s and g.payer_id = {customer}))
"""
"""Who has it or pays it: found by their indexes."""

OF_CALLED = OF_CUSTOMER.format(customer=f"({called('customer')})")
"""The same of whom `calls` calls."""


class Subscription(Struct, frozen=True, array_like=True):
    """A subscription with who has it, and its history."""

    id: UUID
    external_id: str
    holder_id: UUID
    payer_id: UUID
    user_id: UUID
    group_id: UUID
    currency: str
    includes_tax: bool
    created_at: datetime
    events: list[tuple[int, SubscriptionEvent]]

    @property
    def told(self) -> list[Told]:
        """Its history, the oldest event first."""
        return [Told(seq, self.id, event) for seq, event in self.events]


class Event(Struct, frozen=True):
    """Something that happened to a subscription."""

    seq: int
    kind: str
    effective_on: date
    recorded_at: datetime
    data: dict[str, Any]


def subscriptions(
    session: Session, wanted: Mapping[str, object], window: Window
) -> list[Subscription]:
    """Subscriptions in a list."""
    found = session.prepared(*listing(session.merchant_id, SUBSCRIPTIONS, wanted, window, "s.id"))
    return [subscription_of(text) for (text,) in found]


def by_name(session: Session, text: str) -> Subscription:
    """The subscription that is called by its id or external id. Raises NotFound."""
    rows = session.prepared(
        f"{SUBSCRIPTIONS} where s.merchant_id = %(merchant)s and s.id = ({called('subscription')})",
        {"merchant": session.merchant_id, **calls("subscription", text)},
    )
    if not rows:
        raise unknown("subscription", text)
    return subscription_of(rows[0][0])


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


def subscription_of(text: str) -> Subscription:
    """A subscription as the query of all lists writes it. Raises Invalid."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise Invalid(f"a stored event can't be read: {error}", field="event") from error


_decoder: msgspec.json.Decoder[Subscription] = msgspec.json.Decoder(Subscription)
