"""Lives in the database: histories read and added to, and what stands beside them written anew."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.history import SubscriptionEvent, Told, kind_of, read_event
from kesto.core.life import ADD_ON, PLAN, Life, LifeItem
from kesto.store.ids import new_ids
from kesto.store.session import Session


def told(session: Session, subscriptions: Sequence[UUID]) -> dict[UUID, list[Told]]:
    """The histories of subscriptions, the oldest event first."""
    rows = session.rows(
        "select seq, subscription_id, data::text from subscription_event"
        " where merchant_id = %s and subscription_id = any(%s) order by seq",
        *(session.merchant_id, list(subscriptions)),
    )
    found: dict[UUID, list[Told]] = {one: [] for one in subscriptions}
    for seq, subscription_id, document in rows:
        found[subscription_id].append(Told(seq, subscription_id, read_event(document)))
    return found


def append(
    session: Session,
    events: Sequence[tuple[UUID, SubscriptionEvent]],
    now: datetime,
) -> list[Told]:
    """Add events to the histories of subscriptions; answers them with their numbers."""
    rows = session.rows("select nextval('history_seq') from generate_series(1, %s)", len(events))
    added = [
        Told(seq, subscription_id, event)
        for (seq,), (subscription_id, event) in zip(rows, events, strict=True)
    ]
    session.add(
        "subscription_event",
        [
            {
                "subscription_id": one.subscription_id,
                "seq": one.seq,
                "kind": kind_of(one.event),
                "effective_on": one.event.on,
                "recorded_at": now,
                "data": one.event,
            }
            for one in added
        ],
    )
    return added


def project(session: Session, life: Life) -> None:
    """Write what a life comes to over what stood beside its history."""
    own = life.subscription_id
    session.execute(
        "update subscription set end_on = %s, payer_id = coalesce(%s, payer_id),"
        " billing_group_id = %s, later_zones = %s where merchant_id = %s and id = %s",
        *(life.end_on, life.payer_id, life.group_id),
        *(msgspec.json.encode(life.zones).decode(), session.merchant_id, own),
    )
    for table in ("subscription_item", "discount", "contract_term"):
        session.execute(
            f"delete from {table} where merchant_id = %s and subscription_id = %s",
            *(session.merchant_id, own),
        )
    session.add("subscription_item", item_rows(life))
    session.add("discount", discount_rows(life))
    terms = term_rows(life)
    ids = new_ids(len(terms))
    session.add("contract_term", [{"id": one, **row} for one, row in zip(ids, terms, strict=True)])


def item_rows(life: Life) -> list[dict[str, Any]]:
    """The items of a life as rows: what verify makes again and compares."""
    return [_item_row(life, item) for item in life.items]


def discount_rows(life: Life) -> list[dict[str, Any]]:
    """The discounts of a life as rows."""
    return [
        {
            "id": one.id,
            "subscription_id": life.subscription_id,
            "number": one.number,
            "code": one.code,
            "coupon_id": one.coupon_id,
            "start_on": one.start_on,
            "until_on": one.until_on,
            "scope": one.scope,
            "document": one,
        }
        for one in life.discounts
    ]


def term_rows(life: Life) -> list[dict[str, Any]]:
    """The contract terms of a life as rows, without ids."""
    return [
        {
            "subscription_id": life.subscription_id,
            "start_on": span.start_on,
            "minimum_months": span.minimum_months,
            "minimum_until": span.until,
            "notice_days": span.notice_days,
        }
        for span in life.spans
    ]


def groups_of(session: Session, subscription_id: UUID) -> list[UUID]:
    """The billing groups that items of a subscription are in, and the one it is in now."""
    rows = session.rows(
        "select billing_group_id from subscription where merchant_id = %s and id = %s"
        " union select billing_group_id from subscription_item"
        " where merchant_id = %s and subscription_id = %s",
        *(session.merchant_id, subscription_id, session.merchant_id, subscription_id),
    )
    return sorted(group_id for (group_id,) in rows)


def groups_of_many(session: Session, subscriptions: Sequence[UUID]) -> list[UUID]:
    """The billing groups that subscriptions are in now, in the order of their ids."""
    rows = session.rows(
        "select distinct billing_group_id from subscription where merchant_id = %s"
        " and id = any(%s) order by 1",
        *(session.merchant_id, list(subscriptions)),
    )
    return [group_id for (group_id,) in rows]


def lock_groups(
    session: Session, groups: Sequence[UUID]
) -> Mapping[UUID, tuple[date | None, str, bool]]:
    """Lock billing groups in the order of their ids: `billed_through`, currency, `includes_tax`."""
    rows = session.rows(
        "select id, billed_through, currency, includes_tax from billing_group"
        " where merchant_id = %s and id = any(%s) order by id for update",
        *(session.merchant_id, list(groups)),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _item_row(life: Life, item: LifeItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "subscription_id": life.subscription_id,
        "plan_version_id": item.owner_id if item.kind == PLAN else None,
        "add_on_id": item.owner_id if item.kind == ADD_ON else None,
        "quantity": f"{item.quantity:f}",
        "start_on": item.start_on,
        "end_on": item.end_on,
        "billed_from": None if item.extra is not None else life.billed_from,
        "billing_group_id": item.group_id,
        "phase": item.phase,
        "course": item.course,
        "extra": item.extra,
        "rhythm": item.rhythm,
    }
