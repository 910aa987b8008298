"""Show the histories of a customer's subscriptions in words, all at once; reads only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.clock import Clock
from kesto.core.history import Told
from kesto.core.passing import passed
from kesto.core.play import play
from kesto.core.renewals import renewals
from kesto.flows.show_subscription import known_names
from kesto.store import deeds, lives
from kesto.store.deeds import Deed
from kesto.store.session import Session
from kesto.store.shop import party, shop
from kesto.words.changes import Happening, Known, happenings, with_renewals
from kesto.words.passing import with_passed
from kesto.words.tongue import Tongue


class Chapter(Struct, frozen=True):
    """Something that happened to a subscription; `deed` is None for what nobody told."""

    subscription_id: UUID
    happening: Happening
    deed: Deed | None


def show_histories(
    session: Session, subscriptions: Sequence[UUID], now: datetime, language: str
) -> list[Chapter]:
    """What happened to subscriptions, each in the order in which it happened."""
    if not subscriptions:
        return []
    told = lives.told(session, subscriptions)
    first = party(session, f"sub_{subscriptions[0].hex}")
    counter = shop(session, first, now, is_staff=True)
    known = known_names(session, counter, tuple(one for all_ in told.values() for one in all_))
    known_deeds = deeds.deeds_of(session, subscriptions)
    return [
        Chapter(own, one, known_deeds.get(one.seq))
        for own, events in told.items()
        if events
        for one in _happened(events, known, now, Tongue(language, first.currency))
    ]


def _happened(told: list[Told], known: Known, now: datetime, tongue: Tongue) -> list[Happening]:
    life = play(told)
    tongue = Tongue(tongue.language, life.currency or tongue.currency)
    today = Clock(life.first_cadence.zone, tuple(life.zones)).day_of(now)
    said = with_renewals(happenings(told, known, tongue), renewals(told, life, today), tongue)
    return with_passed(said, passed(told, life, today), tongue)
