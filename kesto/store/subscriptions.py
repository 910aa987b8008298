"""Subscriptions in the database: their group, their history, and the items made from it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.history import Subscribed
from kesto.core.life import Life
from kesto.core.play import play
from kesto.store.ids import new_ids
from kesto.store.lives import append, item_rows, term_rows
from kesto.store.session import Session


class GroupIdentity(Struct, frozen=True, gc=False):
    """What makes two subscriptions share an invoice."""

    billing_entity_id: UUID
    payer_id: UUID
    currency: str
    due_days: int
    includes_tax: bool
    separate_for: UUID | None = None


class Begun(Struct, frozen=True, gc=False):
    """A subscription that begins, ready to be written."""

    id: UUID
    external_id: str
    holder_id: UUID
    payer_id: UUID
    user_id: UUID
    group: GroupIdentity
    zone: str
    event: Subscribed


def known_subscriptions(session: Session, external_ids: Sequence[str]) -> set[str]:
    """Which of the external ids are taken."""
    rows = session.rows(
        "select external_id from subscription where merchant_id = %s and external_id = any(%s)",
        *(session.merchant_id, list(external_ids)),
    )
    return {external_id for (external_id,) in rows}


def make_groups(session: Session, identities: Sequence[GroupIdentity]) -> None:
    """Make the groups of the given identities that are not there yet."""
    names = ", ".join(GroupIdentity.__struct_fields__)
    ids = new_ids(len(identities))
    session.execute(
        "insert into billing_group (merchant_id, id, history_seq, parked_reason, accepts_bounds,"
        f" {names}) select %s, id, 0, '', false, {names}"
        " from json_populate_recordset(null::billing_group, %s::json) on conflict do nothing",
        session.merchant_id,
        msgspec.json.encode(
            [
                {"id": own, **msgspec.structs.asdict(identity)}
                for own, identity in zip(ids, identities, strict=True)
            ]
        ).decode(),
    )


def groups_with(session: Session, identities: Sequence[GroupIdentity]) -> dict[GroupIdentity, UUID]:
    """The groups of identities that are there."""
    names = ", ".join(GroupIdentity.__struct_fields__)
    rows = session.rows(
        f"select id, {names} from billing_group where merchant_id = %s and payer_id = any(%s)",
        *(session.merchant_id, list({identity.payer_id for identity in identities})),
    )
    return {GroupIdentity(*row[1:]): row[0] for row in rows}


def lock_groups(
    session: Session, identities: Sequence[GroupIdentity]
) -> dict[GroupIdentity, tuple[UUID, date | None]]:
    """The groups of the given identities with how far they are billed, made and locked.

    Locks are taken in the order of ids, as everywhere.
    """
    wanted = list(dict.fromkeys(identities))
    make_groups(session, wanted)
    names = ", ".join(GroupIdentity.__struct_fields__)
    rows = session.rows(
        f"select id, billed_through, {names} from billing_group where merchant_id = %s"
        " and payer_id = any(%s) order by id for update",
        *(session.merchant_id, list({identity.payer_id for identity in wanted})),
    )
    found = {GroupIdentity(*row[2:]): (row[0], row[1]) for row in rows}
    return {identity: found[identity] for identity in wanted}


def begin(
    session: Session, begun: Sequence[Begun], groups: dict[GroupIdentity, UUID], now: datetime
) -> list[tuple[int, Life]]:
    """Write subscriptions with event, items and term; answers each one's event number and life."""
    session.add("subscription", [_subscription(one, groups[one.group], now) for one in begun])
    told = append(session, [(one.id, one.event) for one in begun], now)
    lives = [play([event], groups[one.group]) for one, event in zip(begun, told, strict=True)]
    session.add("subscription_item", [row for life in lives for row in item_rows(life)])
    terms = [row for life in lives for row in term_rows(life)]
    ids = new_ids(len(terms))
    session.add("contract_term", [{"id": own, **row} for own, row in zip(ids, terms, strict=True)])
    return [(event.seq, life) for event, life in zip(told, lives, strict=True)]


def touch_groups(
    session: Session, changes: Sequence[tuple[UUID, int, date | None, date | None]]
) -> None:
    """Tell groups that their history grew: event number, day of next work, day looked back to.

    Several changes may be of one group: the newest event and the earliest days count.
    """
    session.execute(
        "update billing_group g set history_seq = greatest(g.history_seq, t.seq),"
        " next_due_on = least(g.next_due_on, t.next_due_on),"
        " dirty_from = least(g.dirty_from, t.dirty_from)"
        " from (select id, max(seq) as seq, min(next_due_on) as next_due_on,"
        "   min(dirty_from) as dirty_from"
        "  from unnest(%s::uuid[], %s::bigint[], %s::date[], %s::date[])"
        "   as c(id, seq, next_due_on, dirty_from) group by id) t"
        " where g.merchant_id = %s and g.id = t.id",
        *map(list, zip(*changes, strict=True)),
        session.merchant_id,
    )


def _subscription(one: Begun, group_id: UUID, now: datetime) -> dict[str, object]:
    event = one.event
    return {
        "id": one.id,
        "external_id": one.external_id,
        "holder_id": one.holder_id,
        "payer_id": one.payer_id,
        "user_id": one.user_id,
        "billing_group_id": group_id,
        "zone": one.zone,
        "later_zones": [],
        "alignment": event.alignment,
        "billing_day": event.billing_day,
        "anchor": event.anchor,
        "start_on": event.start_on,
        "end_on": event.end_on,
        "created_at": now,
    }
