"""Show a subscription: its life, its history in words, and what may come of it; reads only."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.cancellation import Ending
from kesto.core.catalog import AddOn, PlanVersion, Price, SoldMeter, SoldNoun
from kesto.core.changes import Shop
from kesto.core.changes.ending import ending_of
from kesto.core.customers import Person as Named
from kesto.core.history import CalledOff, Told, Transferred, currency_on
from kesto.core.item import Pause
from kesto.core.life import ADD_ON, PLAN, Life, LifeItem
from kesto.core.life_items import first_group
from kesto.core.passing import passed
from kesto.core.play import play
from kesto.core.refusals import NotFound, Refused
from kesto.core.renewals import renewals
from kesto.flows.show_deliveries import Stop, stops
from kesto.store import catalogue, deeds, deliveries, lives
from kesto.store.deeds import Deed
from kesto.store.meters import meters
from kesto.store.office import customer
from kesto.store.office.customer import Known as Person
from kesto.store.session import Session
from kesto.store.shop import Party, party, shop
from kesto.words.changes import Happening, Known, happenings, with_renewals
from kesto.words.passing import with_passed
from kesto.words.tongue import Tongue

SEEN_BACK, SEEN_AHEAD = timedelta(days=200), timedelta(days=366)
"""So far back and ahead the deliveries of a subscription are looked at."""


class Item(Struct, frozen=True):
    """A plan or an add-on that runs on the day or lies ahead, with the prices it is billed by."""

    own: LifeItem
    names: Mapping[str, str]
    prices: tuple[Price, ...]


class ShownSubscription(Struct, frozen=True):
    """A subscription from all sides on a day, `today`, of its own zone.

    `ending` is what a notice given today would come to; None once it has ended. `past` holds what
    has taken effect, `ahead` what has not; `deeds` when each was told and by whom. `deliveries`
    are those around the day, `addresses` where they went or go besides the own address. `meters`
    are the merchant's, by their codes.
    """

    found: Party
    today: date
    life: Life
    told: tuple[Told, ...]
    shop: Shop
    holder: Person
    payer: Person
    user: Person
    items: tuple[Item, ...]
    past: tuple[Happening, ...]
    ahead: tuple[Happening, ...]
    deeds: Mapping[int, Deed]
    ending: Ending | None
    known: Known
    deliveries: tuple[Stop, ...] = ()
    addresses: Mapping[UUID, Named] = {}
    meters: Mapping[str, SoldMeter] = {}

    @property
    def id(self) -> UUID:
        """The subscription's id."""
        return self.found.id

    @property
    def plan(self) -> Item | None:
        """The plan that runs, or the first that will."""
        return next((one for one in self.items if one.own.kind == PLAN), None)

    @property
    def add_ons(self) -> list[Item]:
        """The add-ons that run or will."""
        return [one for one in self.items if one.own.kind == ADD_ON]

    @property
    def is_over(self) -> bool:
        """Whether its last day is gone."""
        return self.life.end_on is not None and self.life.end_on <= self.today


def show_subscription(
    session: Session, subscription_id: UUID, now: datetime, language: str, *, is_staff: bool = True
) -> ShownSubscription:
    """A subscription with everything that its page shows. Raises NotFound."""
    people = deeds.parties(session, subscription_id)
    if people is None:
        raise NotFound(
            "there is no such subscription", code="unknown_subscription", field="subscription"
        )
    found = party(session, f"sub_{subscription_id.hex}")
    counter = shop(session, found, now, is_staff=is_staff)
    told = tuple(lives.told(session, [found.id])[found.id])
    life = play(told, first_group(told, found.group_id))
    today = found.clock.day_of(now)
    counter = replace(counter, currency=currency_on(told, today, found.currency))
    known = known_names(session, counter, told)
    tongue = Tongue(language, found.currency)
    said = happenings(told, known, tongue)
    past = [one for one in said if not _is_ahead(one, today)]
    past = with_renewals(past, renewals(told, life, today), tongue)
    holder, payer, user = (customer.customer(session, own) for own in people)
    return ShownSubscription(
        found=found,
        today=today,
        life=life,
        told=told,
        shop=counter,
        holder=holder,
        payer=payer,
        user=user,
        items=tuple(_items(life, counter, max(today, life.start_on))),
        past=tuple(with_passed(past, passed(told, life, today), tongue)),
        ahead=tuple(sorted((one for one in said if _is_ahead(one, today)), key=_by_day)),
        deeds=deeds.deeds(session, found.id),
        ending=_ending(life, counter, today),
        known=known,
        deliveries=tuple(stops(session, today - SEEN_BACK, today + SEEN_AHEAD, found.id)),
        addresses=deliveries.addresses(session, [found.id]).get(found.id, {}),
        meters=meters(session),
    )


def running_pauses(
    session: Session, subscriptions: Sequence[UUID], today: date
) -> dict[UUID, Pause]:
    """The pauses of subscriptions that run on a day, by subscription."""
    found = {}
    for own, told in lives.told(session, subscriptions).items():
        pause = play(told).pause_at(today) if told else None
        if pause is not None:
            found[own] = pause
    return found


def known_names(session: Session, counter: Shop, told: tuple[Told, ...]) -> Known:
    """The names of all that a history and a change of it may speak of."""
    versions = [one for versions in counter.plans.values() for one in versions]
    add_ons = [one for add_ons in counter.add_ons.values() for one in add_ons]
    sold: list[PlanVersion | AddOn] = [*versions, *add_ons]
    payers = {
        own
        for one in told
        if isinstance(one.event, Transferred)
        for own in (one.event.payer_id, one.event.from_payer_id)
    }
    if counter.payer is not None:
        payers.add(counter.payer.customer_id)
    return Known(
        sold={one.id: one.names for one in sold},
        add_ons={code: found[-1].names for code, found in counter.add_ons.items()},
        products={one.id: one.names for one in catalogue.products(session).values()},
        people=customer.names_of(session, list(payers)),
        coupons={one.code: one.names for one in counter.coupons.values()},
    )


def _items(life: Life, counter: Shop, day: date) -> list[Item]:
    """What runs on a day, or what ran last; then what lies ahead of the kinds that do not run."""
    running = [own for own in life.items if own.owner_id and own.runs(day)]
    if not running and life.end_on is not None:
        last = date.fromordinal(max(life.end_on, life.start_on).toordinal() - 1)
        running = [own for own in life.items if own.owner_id and own.runs(last)]
    codes = {(own.kind, own.code) for own in running}
    ahead = [
        own
        for own in life.live(ADD_ON, day)
        if own.is_ahead(day) and (own.kind, own.code) not in codes
    ]
    running.sort(key=lambda own: own.kind != PLAN)
    return [_item(own, counter) for own in (*running, *ahead)]


def _item(own: LifeItem, counter: Shop) -> Item:
    if own.owner_id is None:
        return Item(own, {}, ())
    sold = counter.published(own.owner_id)
    prices = tuple(one for one in counter.prices_of(sold) if _is_of_phase(one, own))
    return Item(own, sold.names, prices)


def _is_of_phase(price: Price, own: LifeItem) -> bool:
    return not price.phases or own.phase in price.phases


def _ending(life: Life, counter: Shop, today: date) -> Ending | None:
    if life.end_on is not None and life.end_on <= today:
        return None
    try:
        return ending_of(life, today, counter)
    except Refused:  # a term that ended by itself leaves nothing to give notice of
        return None


def _is_ahead(one: Happening, today: date) -> bool:
    return one.on > today and not one.is_called_off and not isinstance(one.event, CalledOff)


def _by_day(one: Happening) -> tuple[date, int]:
    return one.on, one.seq


def offered_plans(counter: Shop) -> list[PlanVersion]:
    """The newest version of each plan that is in the price list and may be chosen here."""
    newest = [
        versions[-1]
        for code, versions in counter.plans.items()
        if _may_choose(counter, "plan", code)
    ]
    return [one for one in newest if _is_sold(one, counter)]


def offered_add_ons(counter: Shop, plan: str) -> list[AddOn]:
    """The newest version of each add-on that goes with a plan and may be chosen here."""
    newest = [
        add_ons[-1]
        for code, add_ons in counter.add_ons.items()
        if _may_choose(counter, "add_on", code)
    ]
    return [
        one for one in newest if _is_sold(one, counter) and (not one.plans or plan in one.plans)
    ]


def offered_currencies(shown: ShownSubscription) -> list[str]:
    """The other currencies in which all that runs or lies ahead has prices."""
    counter, day = shown.shop, max(shown.today, shown.life.start_on)
    sold = [
        counter.published(item.owner_id).prices
        for item in shown.life.items
        if item.owner_id is not None and (item.runs(day) or item.is_ahead(day))
    ]
    lists = [
        {one.currency for one in prices if one.includes_tax == counter.includes_tax}
        for prices in sold
        if prices
    ]
    return sorted(set.intersection(*lists) - {shown.found.currency}) if lists else []


def _may_choose(counter: Shop, noun: SoldNoun, code: str) -> bool:
    return counter.is_staff or (noun, code) in counter.in_portal


def _is_sold(one: PlanVersion | AddOn, counter: Shop) -> bool:
    wanted = (counter.currency, counter.includes_tax)
    return any((price.currency, price.includes_tax) == wanted for price in one.prices)
