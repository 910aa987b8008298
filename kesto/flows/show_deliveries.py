"""Show deliveries: who gets what on which day, where to, and how far it is; reads only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.customers import Person
from kesto.core.deliveries import Content, Delivery, FulfilmentEvent, deliveries
from kesto.core.life import DAY
from kesto.store import catalogue
from kesto.store import deliveries as store
from kesto.store.deliveries import Moved, Recipient
from kesto.store.session import Session

Status = Literal["planned", "skipped", "sent", "delivered", "failed", "returned"]
NOWHERE = Person("")


class Stop(Struct, frozen=True):
    """A delivery of a subscription: what, where to, and what happened to it.

    `planned` is None where something was sent that is not planned any more. `address_id` None:
    it goes to the own address of who uses the subscription.
    """

    recipient: Recipient
    on: date
    planned: Delivery | None
    contents: tuple[Content, ...]
    address_id: UUID | None
    address: Person
    events: tuple[FulfilmentEvent, ...]

    @property
    def key(self) -> tuple[date, UUID]:
        """Where it stands in a list."""
        return self.on, self.recipient.subscription_id

    @property
    def latest(self) -> FulfilmentEvent | None:
        """What happened last."""
        return self.events[-1] if self.events else None

    @property
    def status(self) -> Status:
        """How far it is."""
        if self.latest is not None:
            return self.latest.state
        return "skipped" if self.planned and self.planned.is_skipped else "planned"

    def may_change(self, today: date) -> bool:
        """Whether the subscriber can still change it."""
        if self.planned is None or self.latest is not None:
            return False
        return today <= self.planned.last_change_on


class Total(Struct, frozen=True):
    """How much of something a day's deliveries have together."""

    owner_id: UUID
    code: str
    quantity: Decimal
    deliveries: int


def stops(
    session: Session, from_on: date, until_on: date, subscription_id: UUID | None = None
) -> list[Stop]:
    """The deliveries in `[from_on, until_on)`, by day and subscription."""
    planned = {
        (recipient, one.on): one
        for recipient, items in store.delivered(session, from_on, until_on, subscription_id).items()
        for one in deliveries(items, from_on, until_on)
    }
    events = store.events(session, from_on, until_on, subscription_id)
    keys = sorted({*planned, *events}, key=lambda key: (key[1], key[0].subscription_id))
    recipients = {recipient.subscription_id: recipient for recipient, _ in keys}
    directory = _Directory(session, recipients.values(), until_on)
    return [_stop(*key, planned.get(key), events.get(key, []), directory) for key in keys]


def stop_on(session: Session, subscription_id: UUID, on: date) -> Stop | None:
    """The delivery of a subscription on a day, or None."""
    return next(iter(stops(session, on, on + DAY, subscription_id)), None)


def totals(found: Iterable[Stop]) -> list[Total]:
    """What is to be packed in all: of everything that is not skipped, by plan and add-on."""
    sums: dict[tuple[str, UUID], tuple[Decimal, int]] = {}
    for one in found:
        if one.status == "skipped":
            continue
        for content in one.contents:
            key = (content.code, content.owner_id)
            quantity, count = sums.get(key, (Decimal(0), 0))
            sums[key] = (quantity + content.quantity, count + 1)
    return [Total(key[1], key[0], *sums[key]) for key in sorted(sums)]


def sold_names(session: Session) -> Mapping[UUID, Mapping[str, str]]:
    """The names of all that is published, by the id of the plan version or add-on."""
    versions = [one for one, _ in catalogue.plan_versions(session).values()]
    add_ons = [one for one, _ in catalogue.add_ons(session).values()]
    return {one.id: one.names for one in versions} | {one.id: one.names for one in add_ons}


class _Directory:
    """Where deliveries go."""

    def __init__(self, session: Session, recipients: Iterable[Recipient], until_on: date) -> None:
        whose = list(recipients)
        subscriptions = [one.subscription_id for one in whose]
        self.moves = store.moves(session, subscriptions, until_on)
        self.addresses = store.addresses(session, list(self.moves))
        self.own = store.own_addresses(session, [one.user_id for one in whose])

    def find(self, recipient: Recipient, on: date) -> tuple[UUID | None, Person]:
        """The address of a day."""
        moves: Sequence[Moved] = self.moves.get(recipient.subscription_id, ())
        address_id = next((one.address_id for one in reversed(moves) if one.on <= on), None)
        if address_id is None:
            return None, self.own.get(recipient.user_id, NOWHERE)
        known = self.addresses.get(recipient.subscription_id, {})
        return address_id, known.get(address_id, NOWHERE)


def _stop(
    recipient: Recipient,
    on: date,
    planned: Delivery | None,
    events: Sequence[FulfilmentEvent],
    directory: _Directory,
) -> Stop:
    address_id, address = directory.find(recipient, on)
    contents = events[-1].contents if events else planned.contents if planned else ()
    return Stop(recipient, on, planned, contents, address_id, address, tuple(events))
