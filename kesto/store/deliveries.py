"""Deliveries in the database: what is delivered to whom, where to, and what happened to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.customers import Person
from kesto.core.deliveries import Content, Delivered, FulfilmentEvent
from kesto.core.item import Course
from kesto.core.rhythm import Rhythm
from kesto.store.ids import new_id
from kesto.store.session import Session

ITEMS = """
    select i.subscription_id, s.external_id, s.holder_id, s.user_id, s.zone, i.id,
        coalesce(i.plan_version_id, i.add_on_id), coalesce(p.code, a.code, ''), i.quantity,
        i.start_on, i.end_on, i.rhythm::text, i.course::text
    from subscription_item i
    join subscription s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
    left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
    left join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id
    left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
    where i.merchant_id = %(own)s and i.rhythm is not null and i.start_on < %(until)s
        and (i.end_on is null or i.end_on > greatest(i.start_on, %(from)s))
        and (%(subscription)s::uuid is null or i.subscription_id = %(subscription)s)
    order by i.subscription_id, i.plan_version_id is null, i.id
"""
EVENTS = """
    select e.id, e.subscription_id, e.delivery_on, e.state, e.happened_at, e.carrier, e.tracking,
        e.note, e.external_id, e.contents::text, s.external_id, s.holder_id, s.user_id, s.zone
    from delivery_event e
    join subscription s on s.merchant_id = e.merchant_id and s.id = e.subscription_id
    where e.merchant_id = %(own)s and e.delivery_on >= %(from)s and e.delivery_on < %(until)s
        and (%(subscription)s::uuid is null or e.subscription_id = %(subscription)s)
    order by e.subscription_id, e.delivery_on, e.happened_at, e.id
"""
PERSON = "p.name, p.email, p.phone, p.street, p.postal_code, p.city, p.country"

_course = msgspec.json.Decoder(Course)
_rhythm = msgspec.json.Decoder(Rhythm)
_contents = msgspec.json.Decoder(tuple[Content, ...])


class Recipient(Struct, frozen=True):
    """A subscription that something is delivered to."""

    subscription_id: UUID
    external_id: str
    holder_id: UUID
    user_id: UUID
    zone: str


class Moved(Struct, frozen=True, gc=False):
    """Deliveries of a subscription go elsewhere from a day on (None: to the user's own)."""

    on: date
    address_id: UUID | None


def delivered(
    session: Session, from_on: date, until_on: date, subscription_id: UUID | None = None
) -> dict[Recipient, list[Delivered]]:
    """The items that run in `[from_on, until_on)` and are delivered, by subscription."""
    found: dict[Recipient, list[Delivered]] = {}
    for row in session.named(ITEMS, _window(session, from_on, until_on, subscription_id)):
        *whose, own, owner_id, code, quantity, start_on, end_on, rhythm, course = row
        item = Delivered(
            *(own, owner_id, code, quantity, start_on, end_on, _rhythm.decode(rhythm)),
            _course.decode(course) if course else None,
        )
        found.setdefault(Recipient(*whose), []).append(item)
    return found


def events(
    session: Session, from_on: date, until_on: date, subscription_id: UUID | None = None
) -> dict[tuple[Recipient, date], list[FulfilmentEvent]]:
    """What happened to the deliveries of days, each one's first event first."""
    found: dict[tuple[Recipient, date], list[FulfilmentEvent]] = {}
    for row in session.named(EVENTS, _window(session, from_on, until_on, subscription_id)):
        event = _event(row)
        recipient = Recipient(event.subscription_id, *row[10:])
        found.setdefault((recipient, event.delivery_on), []).append(event)
    return found


def event_named(session: Session, external_id: str) -> FulfilmentEvent | None:
    """The event that was reported under a number of the caller's own."""
    row = session.row(
        "select id, subscription_id, delivery_on, state, happened_at, carrier, tracking, note,"
        " external_id, contents::text from delivery_event"
        " where merchant_id = %s and external_id = %s and external_id <> ''",
        *(session.merchant_id, external_id),
    )
    return _event(row) if row else None


def add_events(session: Session, added: Sequence[FulfilmentEvent], now: datetime) -> None:
    """Write down what happened."""
    session.add(
        "delivery_event",
        [
            {
                "id": one.id,
                "subscription_id": one.subscription_id,
                "delivery_on": one.delivery_on,
                "state": one.state,
                "happened_at": one.at,
                "carrier": one.carrier,
                "tracking": one.tracking,
                "note": one.note,
                "external_id": one.external_id,
                "contents": one.contents,
                "recorded_at": now,
            }
            for one in added
        ],
    )


def sent_on(session: Session, subscription_id: UUID) -> frozenset[date]:
    """The days whose deliveries left; one that failed or came back did not get there."""
    rows = session.rows(
        "select distinct on (delivery_on) delivery_on, state from delivery_event"
        " where merchant_id = %s and subscription_id = %s"
        " order by delivery_on, happened_at desc, id desc",
        *(session.merchant_id, subscription_id),
    )
    return frozenset(day for day, state in rows if state in {"sent", "delivered"})


def add_address(session: Session, subscription_id: UUID, person: Person, now: datetime) -> UUID:
    """Keep an address of a subscription among the people; answers its id."""
    own, person_id = new_id(), new_id()
    session.add("person", [{"id": person_id, **msgspec.structs.asdict(person)}])
    row = {"id": own, "subscription_id": subscription_id, "person_id": person_id}
    session.add("delivery_address", [row | {"created_at": now}])
    return own


def addresses(session: Session, subscriptions: Sequence[UUID]) -> dict[UUID, dict[UUID, Person]]:
    """The addresses of subscriptions, by subscription and id, the oldest first."""
    rows = session.rows(
        f"select d.subscription_id, d.id, {PERSON} from delivery_address d"
        " join person p on p.merchant_id = d.merchant_id and p.id = d.person_id"
        " where d.merchant_id = %s and d.subscription_id = any(%s)"
        " order by d.created_at, d.id",
        *(session.merchant_id, list(subscriptions)),
    )
    found: dict[UUID, dict[UUID, Person]] = {}
    for subscription_id, own, *person in rows:
        found.setdefault(subscription_id, {})[own] = Person(*person)
    return found


def own_addresses(session: Session, customers: Sequence[UUID]) -> Mapping[UUID, Person]:
    """The own addresses of customers."""
    rows = session.rows(
        f"select c.id, {PERSON} from customer c"
        " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where c.merchant_id = %s and c.id = any(%s)",
        *(session.merchant_id, list(customers)),
    )
    return {own: Person(*person) for own, *person in rows}


def moves(
    session: Session, subscriptions: Sequence[UUID], until_on: date
) -> dict[UUID, list[Moved]]:
    """From which days on deliveries go elsewhere, by subscription, the earliest first."""
    rows = session.rows(
        "select subscription_id, effective_on, data ->> 'address_id' from subscription_event"
        " where merchant_id = %s and subscription_id = any(%s) and kind = 'address_changed'"
        " and effective_on < %s order by effective_on, seq",
        *(session.merchant_id, list(subscriptions), until_on),
    )
    found: dict[UUID, list[Moved]] = {}
    for subscription_id, on, address_id in rows:
        moved = Moved(on, UUID(address_id) if address_id else None)
        found.setdefault(subscription_id, []).append(moved)
    return found


def _window(
    session: Session, from_on: date, until_on: date, subscription_id: UUID | None
) -> dict[str, object]:
    return {
        "own": session.merchant_id,
        "from": from_on,
        "until": until_on,
        "subscription": subscription_id,
    }


def _event(row: Sequence[Any]) -> FulfilmentEvent:
    own, subscription_id, day, state, at, carrier, tracking, note, external_id, contents = row[:10]
    return FulfilmentEvent(
        *(own, subscription_id, day, state, at, carrier, tracking, note, external_id),
        _contents.decode(contents),
    )
