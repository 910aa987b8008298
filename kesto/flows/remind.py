"""Remind: subscribers are told of days that come nearer, each of them once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import Price, Product
from kesto.core.history import Told, currency_on
from kesto.core.life import Life
from kesto.core.life_items import Listing, first_group
from kesto.core.notices import Coming, coming, period_price
from kesto.core.play import play
from kesto.core.refusals import NotFound
from kesto.countries.raters import rater_of
from kesto.store import catalogue, lives, merchants, notices
from kesto.store.notices import Candidate, NewNotice, NoticeFacts
from kesto.store.session import Session, crash_point, writing

CHUNK = 500
FIRST = UUID(int=0)


class Sold(Struct, frozen=True):
    """What prices are looked up in."""

    prices: Mapping[UUID, tuple[Price, ...]]
    products: Mapping[UUID, Product]

    def listing(self, currency: str, *, includes_tax: bool) -> Listing:
        """The price list that a subscription buys from."""
        return Listing(self.prices_of, self._product, currency, includes_tax)

    def prices_of(self, owner_id: UUID) -> tuple[Price, ...]:
        """The prices of a plan version or an add-on."""
        return self.prices.get(owner_id, ())

    def _product(self, own: UUID) -> Product:
        found = self.products.get(own)
        if found is None:
            raise NotFound(f"there is no product {own}", field="product")
        return found


def remind(merchant_id: UUID, today: date, now: datetime) -> int:
    """Tell subscribers of what comes nearer; running it again tells nobody twice.

    Nothing is told where the merchant wishes none. Answers how many were told.
    """
    after, told = FIRST, 0
    while True:
        with writing(merchant_id, "run") as session:
            if not merchants.limits(session).sends_reminders:
                return told
            chunk = _chunk(session, today, after)
            told += notices.tell(session, _due(session, chunk, today), now) if chunk else 0
            crash_point("remind.before_commit")
        if len(chunk) < CHUNK:
            return told
        after = chunk[-1].id


def sold(session: Session) -> Sold:
    """The prices and products of the merchant."""
    products = {one.id: one for one in catalogue.products(session).values()}
    return Sold(catalogue.prices_by_owner(session), products)


def _chunk(session: Session, today: date, after: UUID) -> list[Candidate]:
    versions = catalogue.plan_versions(session).values()
    days = max((version.terms.reminder_days for version, _ in versions), default=0)
    horizon = today + timedelta(days=days)
    return notices.with_something_ahead(session, today, horizon, after, CHUNK)


def _due(session: Session, chunk: Sequence[Candidate], today: date) -> list[NewNotice]:
    ids = [one.id for one in chunk]
    histories, known = lives.told(session, ids), notices.told_of(session, ids)
    shelf = sold(session)
    found: list[NewNotice] = []
    for one in chunk:
        told: list[Told] = histories[one.id]
        life = play(told, first_group(told, one.group_id))
        found += [
            _notice(one, told, life, day, shelf)
            for day in coming(told, life, today, shelf.prices_of)
            if (one.id, day.kind, day.on) not in known
        ]
    return found


def _notice(
    one: Candidate, told: Sequence[Told], life: Life, day: Coming, shelf: Sold
) -> NewNotice:
    price = None
    if day.kind != "term_ends":
        plan = life.plan_at(day.on)
        group_id = plan.group_id if plan and plan.group_id else one.group_id
        currency = currency_on(told, day.on, one.currency)
        listing = shelf.listing(currency, includes_tax=one.includes_tax)
        price = period_price(life, group_id, day.on, listing, rater_of(one.country))
    facts = NoticeFacts(price=price, leave_by=day.leave_by, code=day.code, until=day.until)
    return NewNotice(one.id, day.kind, day.on, facts)
