"""Notices in the database: what subscribers are told about their contract, each thing once."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.invoice import Buyer
from kesto.core.notices import PeriodPrice
from kesto.core.refusals import NotFound
from kesto.store.ids import new_ids
from kesto.store.session import Session

ADD = """
    with told as (
        insert into notice (merchant_id, id, subscription_id, customer_id, kind, about_on, seq,
            data, created_at)
        select s.merchant_id, %(id)s, s.id, s.holder_id, %(kind)s, %(on)s, %(seq)s,
            %(data)s::jsonb, %(now)s
        from subscription s where s.merchant_id = %(own)s and s.id = %(subscription)s
        on conflict do nothing returning id)
    insert into outbox (merchant_id, topic, subject_id, created_at)
    select %(own)s, 'subscription.notice', told.id, %(now)s from told
    returning subject_id
"""
# Subscriptions with a day ahead that somebody may have to be told of: more rather than fewer.
WITH_SOMETHING_AHEAD = """
    select s.id, g.id, g.currency, g.includes_tax, e.country
    from subscription s
    join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
    join billing_entity e on e.merchant_id = g.merchant_id and e.id = g.billing_entity_id
    where s.merchant_id = %(own)s and s.id > %(after)s
        and (s.end_on is null or s.end_on > %(today)s) and s.id in (
            select id from subscription
            where merchant_id = %(own)s and end_on > %(today)s and end_on <= %(horizon)s
        union all
            select subscription_id from subscription_item
            where merchant_id = %(own)s and phase >= 0
                and end_on > %(today)s and end_on <= %(horizon)s
        union all
            select subscription_id from discount
            where merchant_id = %(own)s
                and until_on > %(today)s::date - 366 and until_on <= %(horizon)s
        union all
            select subscription_id from subscription_event
            where merchant_id = %(own)s and kind in ('subscribed', 'plan_changed')
                and data -> 'terms' ->> 'at_term_end' = 'renew'
        union all
            select subscription_id from subscription_event
            where merchant_id = %(own)s and kind = 'paused' and effective_on <= %(today)s
                and (data ->> 'until')::date > %(today)s
                and (data ->> 'until')::date <= %(horizon)s)
    order by s.id limit %(limit)s
"""
NOTICE = """
    select n.id, n.subscription_id, n.customer_id, n.kind, n.about_on, n.data::text, n.created_at
    from notice n where n.merchant_id = %(own)s and n.id = any(%(ids)s) order by n.id
"""


class UsageFacts(Struct, frozen=True, omit_defaults=True):
    """A threshold of usage that was reached, and what was used and owed when it was noticed.

    `threshold` is a quantity, a percentage of what is included, or minor units, by its `kind`.
    """

    meter: str
    names: dict[str, str]
    unit: str
    kind: str
    threshold: str
    used: str
    amount_minor: int
    currency: str


class NoticeFacts(Struct, frozen=True, omit_defaults=True):
    """What a notice rests on, as it was when it was written.

    `events` are the numbers of the events that it tells of. `price` is what a period costs from
    the day on, `before` what it cost. `leave_by` is the last day for a notice that comes in time,
    `until` the first day after a term that renews.
    """

    events: tuple[int, ...] = ()
    price: PeriodPrice | None = None
    before: PeriodPrice | None = None
    leave_by: date | None = None
    code: str = ""
    reason: str = ""
    until: date | None = None
    usage: UsageFacts | None = None


_facts = msgspec.json.Decoder(NoticeFacts)


class NewNotice(Struct, frozen=True):
    """Something to tell a subscriber; `seq` 0 where it is known by its day alone."""

    subscription_id: UUID
    kind: str
    on: date
    facts: NoticeFacts
    seq: int = 0


class Notice(Struct, frozen=True):
    """What a subscriber is told."""

    id: UUID
    subscription_id: UUID
    customer_id: UUID
    kind: str
    on: date
    facts: NoticeFacts
    created_at: datetime


class Candidate(Struct, frozen=True, gc=False):
    """A subscription that something may lie ahead of, and the billing group that it is in."""

    id: UUID
    group_id: UUID
    currency: str
    includes_tax: bool
    country: str


def tell(session: Session, notices: Sequence[NewNotice], now: datetime) -> int:
    """Have the holders told, what was told before left out; answers how many are new."""
    added = 0
    for own, new in zip(new_ids(len(notices)), notices, strict=True):
        words = {
            "own": session.merchant_id,
            "id": own,
            "subscription": new.subscription_id,
            "kind": new.kind,
            "on": new.on,
            "seq": new.seq,
            "data": msgspec.json.encode(new.facts).decode(),
            "now": now,
        }
        added += len(session.named(ADD, words))
    return added


def notices(session: Session, ids: Sequence[UUID]) -> list[Notice]:
    """Notices by their ids."""
    rows = session.named(NOTICE, {"own": session.merchant_id, "ids": list(ids)})
    return [Notice(*(*row[:5], _facts.decode(row[5]), row[6])) for row in rows]


def told_of(session: Session, subscriptions: Sequence[UUID]) -> set[tuple[UUID, str, date]]:
    """What was told about days of subscriptions: the subscription, the kind, the day."""
    rows = session.rows(
        "select subscription_id, kind, about_on from notice"
        " where merchant_id = %s and subscription_id = any(%s) and seq = 0",
        *(session.merchant_id, list(subscriptions)),
    )
    return {(row[0], row[1], row[2]) for row in rows}


def with_something_ahead(
    session: Session, today: date, horizon: date, after: UUID, limit: int
) -> list[Candidate]:
    """Subscriptions of which a day up to the horizon may have to be told, in order of their ids."""
    words = {
        "own": session.merchant_id,
        "today": today,
        "horizon": horizon,
        "after": after,
        "limit": limit,
    }
    return [Candidate(*row) for row in session.named(WITH_SOMETHING_AHEAD, words)]


def holder(session: Session, customer_id: UUID) -> Buyer:
    """The customer as it stands now. Raises NotFound."""
    row = session.row(
        "select s.document from customer c join snapshot s on s.merchant_id = c.merchant_id"
        " and s.sha256 = c.snapshot_sha256 where c.merchant_id = %s and c.id = %s",
        *(session.merchant_id, customer_id),
    )
    if row is None:
        raise NotFound("there is no such customer", code="unknown_customer", field="customer")
    return msgspec.json.decode(row[0], type=Buyer)


def subscription_about(session: Session, customer_id: UUID, notice_id: UUID) -> UUID | None:
    """The subscription that a notice to the customer is about, or None."""
    row = session.row(
        "select subscription_id from notice where merchant_id = %s and customer_id = %s"
        " and id = %s",
        *(session.merchant_id, customer_id, notice_id),
    )
    return row[0] if row else None


def subscriptions_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The subscriptions that notices are about, by notice."""
    rows = session.rows(
        "select id, subscription_id from notice where merchant_id = %s and id = any(%s)",
        *(session.merchant_id, list(ids)),
    )
    return {row[0]: row[1] for row in rows}
