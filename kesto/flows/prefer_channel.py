"""Prefer a channel: a customer chooses how, and in which language, each group of messages comes."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec.structs import astuple

from kesto.core.ids import shown
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.core.wishes import GROUPS, MessageGroup, channels_of
from kesto.store import audit, portal
from kesto.store.ids import new_id
from kesto.store.portal import Preference, Visitor
from kesto.store.session import Session, writing
from kesto.words import LANGUAGES


def prefer_channel(
    merchant_id: UUID,
    customer_id: UUID,
    wishes: Mapping[str, Preference],
    now: datetime,
    actor: str = "",
) -> list[MessageGroup]:
    """Take a customer's wishes by group of messages; answers the groups that changed.

    `actor` is who asks, if not the customer.

    Raises Invalid for a channel, language or group that does not exist, Conflict for a channel
    that the customer can't be reached by, NotFound.
    """
    with writing(merchant_id) as session:
        customer = portal.visitor(session, customer_id)
        if customer is None:
            raise NotFound("there is no such customer", code="unknown_customer", field="customer")
        before = portal.preferences(session, customer_id, lock=True)
        seen = _checked(wishes, customer)
        changed = [group for group in seen if wishes[group] != before[group]]
        # All that was seen is kept: a group that followed another one stays where the customer,
        # who looked at it, left it.
        for group in seen if changed else ():
            portal.prefer(session, new_id(), customer_id, group, wishes[group])
        if changed:
            name = shown("customer", customer_id)
            told = {one: wishes[one] for one in changed}
            record_wishes(session, customer_id, before, told, now, actor or name)
    return changed


def _checked(wishes: Mapping[str, Preference], customer: Visitor) -> list[MessageGroup]:
    unknown = [group for group in wishes if group not in GROUPS]
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} is no group of messages; known: {', '.join(GROUPS)}",
            code="unknown_group",
            field="message_group",
        )
    groups = [group for group in GROUPS if group in wishes]
    for group in groups:
        check_wish(group, wishes[group], customer, group)
    return groups


def check_wish(group: MessageGroup, wish: Preference, customer: Visitor, field: str) -> None:
    """Raise Invalid for what there is not, Conflict for where nobody is reached, at a field."""
    if wish.channel not in channels_of(group):
        raise Invalid(
            f"{wish.channel!r} is no channel for {group}; choose one of"
            f" {', '.join(channels_of(group))}",
            code="unknown_channel",
            field=field,
        )
    if wish.language not in {"", *LANGUAGES}:
        raise Invalid(
            f"{wish.language!r} is no language for messages; choose one of {', '.join(LANGUAGES)}",
            code="unknown_language",
            field=field,
        )
    reach = {"email": customer.email, "letter": customer.street and customer.city}
    if not reach.get(wish.channel, "yes"):
        raise Conflict(
            f"no {wish.channel} address is known for this customer; choose another channel",
            code="not_reachable",
            field=field,
        )


def record_wishes(
    session: Session,
    customer_id: UUID,
    before: Mapping[MessageGroup, Preference],
    changed: Mapping[MessageGroup, Preference],
    now: datetime,
    actor: str,
) -> None:
    """The change in the customer's story and in the audit log, with what was chosen before."""
    data = {
        group: {"from": [*astuple(before[group])], "to": [*astuple(wish)]}
        for group, wish in changed.items()
    }
    event = {"kind": "channel_preferred", "occurred_at": now, "data": data}
    session.add("journey_event", [{"id": new_id(), "customer_id": customer_id, **event}])
    name = shown("customer", customer_id)
    audit.record(session, "prefer_channel", {"customer": name, "groups": data}, now, actor)
