"""A billing office in memory on a clock of its own: it keeps what the store keeps, and no more.

What is decided, made and billed is decided, made and billed by the core. This file only does what
flows and store do around it: number events, touch billing groups, move cursors, release the parked.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from kesto.core import billing
from kesto.core.billing import Account, BillingGroup, Cursor, Outcome
from kesto.core.calendar import local_date
from kesto.core.catalog import Price
from kesto.core.changes import Command, Payer, Shop, Transfer, decide
from kesto.core.changes.shop import FIRST_FOR_ALL
from kesto.core.discount_lines import StandingDiscount
from kesto.core.discounts import DiscountScope
from kesto.core.due import Stretch
from kesto.core.history import Subscribed, SubscriptionEvent, Told
from kesto.core.invoicing import Billed, Draft
from kesto.core.item import Item
from kesto.core.life import Life
from kesto.core.life_items import Listing, discounts_of, first_group, items_of
from kesto.core.line import Key, Line
from kesto.core.play import play
from kesto.core.pricing import Usage
from kesto.core.rating import Rater, nothing_used
from tests.simulator.usage import Book, Used
from tests.simulator.wares import ADD_ONS, COUPONS, PLANS, PRICES, PRODUCTS, RATES

ENTITY_ZONE = "Europe/Helsinki"
LIMIT_MINOR = 10**9
UNNUMBERED = 2**62
FIRST_ID = 10**6
EARLIEST = date.min + timedelta(days=1)
REPAIRABLE = {"too_many_periods", "amount_over_limit"}
"""What a person may let pass; everything else that parks a group is a bug."""

_PRODUCTS = {one.id: one for one in PRODUCTS.values()}
LISTING = Listing(lambda owner: PRICES[owner], lambda own: _PRODUCTS[own], "EUR", includes_tax=True)


class Unbillable(AssertionError):  # noqa: N818 - a group is unbillable
    """A legal history that billing refused."""


class Member(Struct):
    """A subscription of the office: its history, the group it began in, and who pays now."""

    id: UUID
    zone: str
    first_group_id: UUID
    told: list[Told] = []
    book: Book = field(default_factory=Book)
    known_life: Life | None = None
    known_items: dict[UUID, list[Item]] = {}

    def life(self) -> Life:
        """Its life as it stands."""
        if self.known_life is None:
            self.known_life = play(self.told, self.first_group_id)
            self.known_items = {}
        return self.known_life

    def items(self, group_id: UUID) -> list[Item]:
        """What a group is billed for it."""
        life = self.life()
        if group_id not in self.known_items:
            self.known_items[group_id] = items_of([life], group_id, LISTING)
        return self.known_items[group_id]

    def add(self, told: Sequence[Told]) -> None:
        """Let its history grow."""
        self.told.extend(told)
        self.known_life = None


class Invoice(Struct):
    """What a group was sent on a day."""

    group_id: UUID
    through: date
    draft: Draft


class OfficeRater(Rater):
    """The seller's rater; what is due of the very same items is computed once and asked twice."""

    def __init__(self) -> None:
        super().__init__(lambda category, _on: RATES[category])
        self._known: dict[tuple[object, ...], tuple[object, tuple[list[Line], date | None]]] = {}

    def due(
        self,
        items: Sequence[Item],
        after: date | None,
        through: date,
        discounts: Sequence[StandingDiscount] = (),
    ) -> tuple[list[Line], date | None]:
        """The lines that fall due, and the day of the next."""
        key = (after, through, *map(id, items), 0, *map(id, discounts))
        known = self._known.get(key)
        if known is None:
            made = super().due(items, after, through, discounts)
            # What is kept beside it can't make place for others of the same identity.
            known = self._known[key] = ((tuple(items), tuple(discounts)), made)
        return known[1]

    def forget(self) -> None:
        """Forget what was due, because the items are others now."""
        self._known.clear()


class World:
    """Payers with a billing group each, subscriptions, and the invoices that were sent."""

    def __init__(
        self, payers: int, now: datetime, rater: OfficeRater | None = None, first_id: int = FIRST_ID
    ) -> None:
        self.now = now
        self.today = local_date(now, ENTITY_ZONE)
        self.groups = {
            (own := UUID(int=10 + place)): BillingGroup(
                id=own,
                billing_entity_id=UUID(int=2),
                payer_id=UUID(int=50 + place),
                currency="EUR",
                due_days=14,
                includes_tax=True,
                billed_through=None,
                dirty_from=None,
                history_seq=0,
                accepts_bounds=False,
                next_due_on=None,
                buyer_sha256=b"",
            )
            for place in range(payers)
        }
        self.members: list[Member] = []
        self.invoices: list[Invoice] = []
        self.billed: dict[UUID, dict[Key, Billed]] = {own: {} for own in self.groups}
        self.released = 0
        self.looked_at: list[UUID] = []
        self.rater = rater or OfficeRater()
        self.rater.usage = self._used
        self.rater.forget()
        self._ids = first_id
        self._seq = 0

    def new_id(self) -> UUID:
        """The next id."""
        self._ids += 1
        return UUID(int=self._ids)

    def moves_to(self, now: datetime) -> None:
        """Let time pass; `today` is the day at the seller."""
        self.now = max(self.now, now)
        self.today = local_date(self.now, ENTITY_ZONE)

    def subscribe(self, group_id: UUID, event: Subscribed) -> Member:
        """Begin a subscription that a group pays; as flows/subscribe does."""
        member = Member(self.new_id(), event.zone, group_id, told=[], known_items={})
        self.members.append(member)
        self._add(member, [event])
        through = self.groups[group_id].billed_through
        next_on = self.rater.next_due_on(member.items(group_id), EARLIEST)
        is_late = next_on is not None and through is not None and next_on <= through
        self._touch(group_id, next_on, event.start_on if is_late else None)
        return member

    def shop(self, member: Member, payer: Payer | None = None, *, is_staff: bool = True) -> Shop:
        """What a command on a subscription is decided from; as store/shop does."""
        life = member.life()
        group = self.groups[life.group_id or member.first_group_id]
        return Shop(
            today=local_date(self.now, member.zone),
            currency="EUR",
            includes_tax=True,
            plans=PLANS,
            add_ons=ADD_ONS,
            coupons=COUPONS,
            products=PRODUCTS,
            new_id=self.new_id,
            next_for_all=self._next_for_all(member),
            next_discount=1 + _highest([life], "subscription", 0),
            payer=payer,
            group_id=group.id,
            payer_id=group.payer_id,
            is_staff=is_staff,
        )

    def payer(self, command: Command) -> Payer | None:
        """Who is to pay after a transfer; the name is the place of the group."""
        if not isinstance(command, Transfer):
            return None
        group = list(self.groups.values())[int(command.payer)]
        return Payer(group.payer_id, group.id)

    def decide(
        self, member: Member, command: Command, *, is_staff: bool = True
    ) -> list[SubscriptionEvent]:
        """The events that a command comes to. Raises Refused."""
        counter = self.shop(member, self.payer(command), is_staff=is_staff)
        return decide(member.told, command, counter)

    def carry_out(
        self, member: Member, command: Command, events: Sequence[SubscriptionEvent]
    ) -> None:
        """Write what was decided and tell the groups; as flows/change_subscription does."""
        payer = self.payer(command)
        touched = self.groups_of(member) | ({payer.group_id} if payer else set())
        first_on = min(event.on for event in events)
        self._add(member, events)
        for group_id in sorted(touched):
            self._touch(group_id, max(first_on, self.today), first_on)

    def takes_in(self, member: Member, sent: Sequence[Used]) -> None:
        """Keep what was used, and look back where it came late; as flows/accept_usage does."""
        new = member.book.takes_in(sent)
        if not new:
            return
        self.rater.forget()
        since = local_date(min(one.at for one in new), member.zone) - timedelta(days=1)
        for group_id in sorted(self.groups_of(member)):
            group = self.groups[group_id]
            if group.billed_through is not None and since < group.billed_through:
                self._touch(group_id, group.next_due_on or self.today, since)

    def groups_of(self, member: Member) -> set[UUID]:
        """The groups that its items are in, and the one it is in now."""
        life = member.life()
        found = {item.group_id for item in life.items} | {life.group_id}
        return {own for own in found if own is not None}

    def bill(self, through: date) -> list[Invoice]:
        """Bill every group with work by a day; as flows/bill and store/billing do."""
        made = []
        self.looked_at = []
        for group_id, group in self.groups.items():
            if group.next_due_on is None or group.next_due_on > through:
                continue
            self.looked_at.append(group_id)
            outcome = self._billed(group, through)
            self.groups[group_id] = moved(self.groups[group_id], outcome.cursor)
            if outcome.draft is not None:
                invoice = Invoice(group_id, group.reach(through), outcome.draft)
                self._keep(group_id, outcome.draft.lines)
                self.invoices.append(invoice)
                made.append(invoice)
        return made

    def account(self, group: BillingGroup, *, with_ended: bool = False) -> Account:
        """A group as the store reads it: of a clean one what ended before is left out.

        Unless an amount is taken off: what is left of it for a period hangs on what ended in it.
        """
        discounts = tuple(self.discounts(group.id))
        with_ended = with_ended or any(one.amount_minor for one in discounts)
        after = None if group.dirty_from is not None or with_ended else group.billed_through
        items = [
            item
            for member in self.members
            for item in member.items(group.id)
            if item.end_on is None or after is None or item.end_on > after
        ]
        billed = self.billed[group.id] if group.dirty_from is not None else {}
        items.sort(key=lambda item: item.id)
        return Account(group, tuple(items), billed, discounts)

    def discounts(self, group_id: UUID) -> list[StandingDiscount]:
        """The discounts on anything in a group."""
        return discounts_of([member.life() for member in self.members], group_id)

    def preview(
        self, member: Member, command: Command, events: Sequence[SubscriptionEvent]
    ) -> dict[UUID, tuple[Line, ...]]:
        """What each touched group would be billed today with the change; nothing is written."""
        payer = self.payer(command)
        touched = self.groups_of(member) | ({payer.group_id} if payer else set())
        first_on = min(event.on for event in events)
        told = [Told(UNNUMBERED + place, member.id, one) for place, one in enumerate(events)]
        life = play([*member.told, *told], first_group(member.told, self._group_now(member)))
        found: dict[UUID, tuple[Line, ...]] = {}
        for group_id in sorted(touched):
            group = self.groups[group_id]
            due_on = min(group.next_due_on or date.max, max(first_on, self.today))
            if due_on > self.today:
                continue
            others = [one for one in self.members if one is not member]
            items = [item for one in others for item in one.items(group_id)]
            items += items_of([life], group_id, LISTING)
            account = Account(
                replace(group, dirty_from=group.dirty_from or first_on, accepts_bounds=True),
                tuple(sorted(items, key=lambda item: item.id)),
                self.billed[group_id],
                tuple(discounts_of([*(one.life() for one in others), life], group_id)),
            )
            outcome = billing.bill_account(account, self.rater, self.today, LIMIT_MINOR)
            if outcome.draft is not None:
                found[group_id] = outcome.draft.lines
        return found

    def due(self, group_id: UUID, through: date) -> list[Line]:
        """Everything that was ever due in a group up to a day, from scratch."""
        account = self.account(self.groups[group_id], with_ended=True)
        return self.rater.due_lines(account.items, None, through, account.discounts)

    def _used(self, item: Item, sold: Price, stretch: Stretch) -> Usage:
        book = next((one.book for one in self.members if one.id == item.subscription_id), None)
        if book is None:
            return nothing_used(item, sold, stretch)
        return book.used(item, sold, stretch)

    def _next_for_all(self, member: Member) -> int:
        """The next number of a discount on all that a payer buys; as store/shop does."""
        groups = self.groups_of(member)
        lives = [one.life() for one in self.members if groups & self.groups_of(one)]
        return 1 + _highest(lives, "customer", FIRST_FOR_ALL - 1)

    def _group_now(self, member: Member) -> UUID:
        return member.life().group_id or member.first_group_id

    def _billed(self, group: BillingGroup, through: date) -> Outcome:
        outcome = billing.bill_account(self.account(group), self.rater, through, LIMIT_MINOR)
        if outcome.parked is None:
            return outcome
        if outcome.parked.code not in REPAIRABLE:
            raise Unbillable(f"{outcome.parked.code}: {outcome.parked.reason}")
        self.released += 1
        accepting = replace(group, accepts_bounds=True)
        return billing.bill_account(self.account(accepting), self.rater, through, LIMIT_MINOR)

    def _add(self, member: Member, events: Sequence[SubscriptionEvent]) -> None:
        told = []
        for event in events:
            self._seq += 1
            told.append(Told(self._seq, member.id, event))
        member.add(told)
        self.rater.forget()

    def _touch(self, group_id: UUID, next_on: date | None, dirty_on: date | None) -> None:
        group = self.groups[group_id]
        self.groups[group_id] = replace(
            group,
            next_due_on=_earliest(group.next_due_on, next_on),
            dirty_from=_earliest(group.dirty_from, dirty_on),
        )

    def _keep(self, group_id: UUID, lines: Sequence[Line]) -> None:
        billed = self.billed[group_id]
        for line in lines:
            before = billed.get(line.key)
            amount_minor = line.rated.amount_minor + (before.amount_minor if before else 0)
            billed[line.key] = Billed(amount_minor, line.rated)


def _highest(lives: Sequence[Life], scope: DiscountScope, least: int) -> int:
    discounts = [one for life in lives for one in life.discounts if one.scope == scope]
    return max([one.number for one in discounts], default=least)


def moved(group: BillingGroup, cursor: Cursor) -> BillingGroup:
    """A group after it was looked at; as store/billing.move_cursors does."""
    return replace(
        group,
        billed_through=cursor.billed_through,
        next_due_on=cursor.next_due_on,
        accepts_bounds=False,
        dirty_from=None if cursor.is_clean else group.dirty_from or group.next_due_on,
    )


def amounts(billed: Mapping[Key, Billed]) -> dict[Key, int]:
    """What was billed by key, without what came to nothing."""
    return {key: one.amount_minor for key, one in billed.items() if one.amount_minor}


def noon(day: date) -> datetime:
    """An instant of a day at which it is that day almost everywhere."""
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def _earliest(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)
