"""Change a subscription: a command becomes events, and what stands beside them is written anew.

The billing groups are told that their past changed; the next run bills or credits the difference.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.changes import ChangeCurrency, Command, Payer, Shop, Transfer, decide
from kesto.core.history import SubscriptionEvent, Told, kind_of
from kesto.core.life import Life
from kesto.core.life_items import first_group
from kesto.core.money import digits
from kesto.core.play import play
from kesto.core.refusals import Conflict, NotFound
from kesto.flows.keep_address import keep_address
from kesto.flows.tell_change import tell_change
from kesto.store import audit, customers, lives, subscriptions
from kesto.store.session import Session, crash_point, writing
from kesto.store.shop import Party, entity_of, party, shop
from kesto.store.subscriptions import GroupIdentity

NOBODY = UUID(int=0)


class Changed(Struct, frozen=True):
    """What a change came to: the events, and the day on which the first takes effect."""

    subscription_id: UUID
    events: tuple[SubscriptionEvent, ...]
    on: date


class Proposal(Struct, frozen=True):
    """A command decided but not written: the life with its events, and the groups it touches."""

    found: Party
    events: tuple[SubscriptionEvent, ...]
    told: tuple[Told, ...]
    first_group_id: UUID
    groups: tuple[UUID, ...]
    shop: Shop

    def life(self, told: Sequence[Told]) -> Life:
        """The life with these events."""
        return play(told, self.first_group_id)


def change_subscription(
    merchant_id: UUID,
    subscription: str,
    command: Command,
    now: datetime,
    actor: str,
    *,
    is_staff: bool = True,
) -> Changed:
    """Carry out a command on a subscription (`sub_...` or external id), or refuse it.

    Raises NotFound, Invalid, Conflict or NotAllowed; nothing has changed then.
    """
    with writing(merchant_id) as session:
        return change(session, subscription, command, now, actor, is_staff=is_staff)


def change(
    session: Session,
    subscription: str,
    command: Command,
    now: datetime,
    actor: str,
    *,
    is_staff: bool = True,
    tells: bool = True,
) -> Changed:
    """The same inside a flow that does more, and may tell the subscriber of all of it itself."""
    found = party(session, subscription)
    command = keep_address(session, found, command, now)
    payer = future_payer(session, command, found, is_writing=True)
    lock(session, found.id, payer)
    proposed = proposal(session, found, command, now, payer=payer, is_staff=is_staff)
    return carry_out(session, proposed, proposed.events, now, actor, tells=tells)


def proposal(
    session: Session,
    found: Party,
    command: Command,
    now: datetime,
    *,
    payer: Payer | None = None,
    is_staff: bool,
) -> Proposal:
    """Decide a command; reads only."""
    told = lives.told(session, [found.id])[found.id]
    counter = shop(session, found, now, is_staff=is_staff, payer=payer)
    events = tuple(decide(told, command, counter))
    groups = set(lives.groups_of(session, found.id))
    if payer is not None:
        groups.add(payer.group_id)
    return Proposal(
        found,
        events,
        tuple(told),
        first_group(told, found.group_id),
        tuple(sorted(groups)),
        counter,
    )


def proposed_again(
    session: Session,
    found: Party,
    events: Sequence[SubscriptionEvent],
    now: datetime,
    payer: Payer | None,
    *,
    is_staff: bool,
) -> Proposal:
    """The proposal of events that were decided before; reads only."""
    told = lives.told(session, [found.id])[found.id]
    groups = {*lives.groups_of(session, found.id), *([payer.group_id] if payer else [])}
    return Proposal(
        found=found,
        events=tuple(events),
        told=tuple(told),
        first_group_id=first_group(told, found.group_id),
        groups=tuple(sorted(groups)),
        shop=shop(session, found, now, is_staff=is_staff, payer=payer),
    )


def lock(session: Session, subscription_id: UUID, payer: Payer | None) -> None:
    """Lock every group that a change touches, in the order of their ids. Raises Conflict."""
    own = lives.groups_of(session, subscription_id)
    lives.lock_groups(session, sorted({*own, *([payer.group_id] if payer else [])}))
    if lives.groups_of(session, subscription_id) != own:
        raise Conflict(
            "the subscription was changed at this very moment; look at it and try again",
            code="changed_meanwhile",
            field="subscription",
        )


def carry_out(
    session: Session,
    proposed: Proposal,
    events: Sequence[SubscriptionEvent],
    now: datetime,
    actor: str,
    *,
    tells: bool = True,
) -> Changed:
    """Write decided events and all that follows from them; the groups are locked already.

    The subscriber is told, unless somebody else does so.
    """
    own = proposed.found.id
    added = lives.append(session, [(own, event) for event in events], now)
    crash_point("change.after_events")
    lives.project(session, proposed.life([*proposed.told, *added]))
    crash_point("change.after_items")
    first_on = min(event.on for event in events)
    today = local_date(now, entity_of(session, proposed.found).zone)
    newest = max(one.seq for one in added)
    subscriptions.touch_groups(
        session,
        [(group, newest, max(first_on, today), first_on) for group in proposed.groups],
    )
    data: Mapping[str, object] = {
        "subscription": own,
        "events": [kind_of(event) for event in events],
        "seqs": [one.seq for one in added],
        "on": first_on,
    }
    audit.record(session, "change_subscription", data, now, actor)
    if tells:
        tell_change(session, added, now)
    crash_point("change.before_commit")
    return Changed(own, tuple(events), first_on)


def future_payer(
    session: Session, command: Command, found: Party, *, is_writing: bool
) -> Payer | None:
    """Who is to pay after a transfer, or in another currency; None for other commands.

    The billing group is made when `is_writing`; else one that is not there yet has the id 0.
    """
    payer_id, currency = found.payer_id, found.currency
    if isinstance(command, ChangeCurrency):
        digits(currency := command.currency)  # refuses what is no currency
    elif isinstance(command, Transfer):
        payer_id = _customer(session, command.payer)
    else:
        return None
    identity = GroupIdentity(
        *(found.billing_entity_id, payer_id, currency, found.due_days, found.includes_tax),
        separate_for=None if found.is_consolidated else found.id,
    )
    if is_writing:
        subscriptions.make_groups(session, [identity])
    groups = subscriptions.groups_with(session, [identity])
    return Payer(payer_id, groups.get(identity, NOBODY), currency)


def _customer(session: Session, external_id: str) -> UUID:
    known = customers.known_customers(session, [external_id]).get(external_id)
    if known is None:
        raise NotFound(
            f"there is no customer {external_id!r}", code="unknown_customer", field="payer"
        )
    return known.id
