"""Preview a change: what it would bill and when, by the very call that bills; reads only."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.billing import Account, BillingEntity, BillingGroup
from kesto.core.calendar import local_date
from kesto.core.catalog import Product
from kesto.core.changes import Command, Payer
from kesto.core.credit_lines import Day
from kesto.core.crediting import added
from kesto.core.differences import Differences, Outlook, differences
from kesto.core.history import SubscriptionEvent, Told
from kesto.core.invoicing import Draft, totals
from kesto.core.life import Life
from kesto.core.life_items import Listing, discounts_of, items_of
from kesto.core.line import CREDIT, Line
from kesto.core.merchant import Merchant
from kesto.core.rating import Rater
from kesto.core.tax import TaxGroup
from kesto.core.wallets import WalletKey
from kesto.countries.raters import rater_of
from kesto.flows.change_subscription import NOBODY, Proposal, future_payer, proposal
from kesto.flows.credit_difference import Credited, Owed, credit_difference
from kesto.flows.preview_next import Made, next_draft
from kesto.flows.take_credit import Purses, purses_of
from kesto.store import billing, merchants
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.shop import entity_of, party
from kesto.store.usage.counted import UsageBook

UNNUMBERED = 2**62
"""Events that are not written come after all that are."""


ONE_DAY = timedelta(days=1)
MOST_BILLS = 14
"""So far ahead the bill is looked for in which a change shows: a year of months and its ends."""


class Bill(Struct, frozen=True):
    """What will be invoiced on a day; of a draft below zero, what is credited and what is not.

    `notes` are credit notes, each on the invoice whose lines it takes back.
    """

    bill_on: date
    draft: Draft
    invoiced: Draft | None
    notes: tuple[Credited, ...] = ()

    @property
    def taxes(self) -> tuple[TaxGroup, ...]:
        """The VAT of it by rate; what is credited is below zero."""
        invoiced = self.invoiced.totals.taxes if self.invoiced else ()
        credited = [
            TaxGroup(tax.category, tax.rate_percent, -tax.net_minor, -tax.tax_minor)
            for one in self.notes
            for tax in one.document.taxes
        ]
        return added(invoiced, credited)

    @property
    def total_minor(self) -> int:
        """What is to pay, VAT included; below zero it goes to the customer."""
        credited_minor = sum(one.document.invoice.total_minor for one in self.notes)
        return (self.invoiced.totals.total_minor if self.invoiced else 0) - credited_minor


class Lookout(Struct, frozen=True):
    """The bills that lie ahead, and whether more come after them."""

    bills: tuple[Bill, ...] = ()
    goes_on: bool = False

    @property
    def outlook(self) -> Outlook:
        """What they come to."""
        return Outlook([(one.bill_on, one.total_minor) for one in self.bills], self.goes_on)


class GroupPreview(Struct, frozen=True):
    """What a billing group comes to with the change, and what without it.

    `bills` are its next invoices, the first with what the change brings. `after` are these and
    one more, `unchanged` as many as they would be without the change.
    """

    payer_id: UUID
    currency: str
    includes_tax: bool
    bills: tuple[Bill, ...]
    after: Lookout
    unchanged: Lookout

    @property
    def before(self) -> Bill | None:
        """The next invoice as it would be unchanged."""
        return next(iter(self.unchanged.bills), None)

    @property
    def differences(self) -> Differences:
        """What the change makes of the bills to come."""
        return differences(self.after.outlook, self.unchanged.outlook)


class ChangePreview(Struct, frozen=True):
    """What a command would come to; nothing has been written."""

    subscription_id: UUID
    events: tuple[SubscriptionEvent, ...]
    on: date
    groups: tuple[GroupPreview, ...]
    basis: dict[str, int]


def preview_change(
    session: Session,
    subscription: str,
    command: Command,
    now: datetime,
    *,
    is_staff: bool = True,
    bills: int = 2,
) -> ChangePreview:
    """What a command on a subscription would bill, up to so many invoices ahead.

    Raises the refusals that carrying it out would raise.
    """
    found = party(session, subscription)
    payer = future_payer(session, command, found, is_writing=False)
    proposed = proposal(session, found, command, now, payer=payer, is_staff=is_staff)
    return previewed(session, proposed, now, bills)


def previewed(session: Session, proposed: Proposal, now: datetime, bills: int = 2) -> ChangePreview:
    """The same for a command that is decided already."""
    entity = entity_of(session, proposed.found)
    today = local_date(now, entity.zone)
    first_on = min(event.on for event in proposed.events)
    rater = rater_of(entity.country, UsageBook(session).seen())
    ahead = Ahead(session, entity, rater, today, merchants.merchant(session), now)
    known = [group for group in proposed.groups if group != NOBODY]
    unchanged = billing.accounts(session, known, first_on, PriceList())
    if NOBODY in proposed.groups and proposed.shop.payer is not None:
        unchanged.append(_new_account(unchanged[0], proposed.shop.payer))
    own = proposed.found.id
    added = [Told(UNNUMBERED + place, own, event) for place, event in enumerate(proposed.events)]
    before, after = proposed.life(proposed.told), proposed.life([*proposed.told, *added])
    found = []
    for account in unchanged:
        with_change = _with_life(account, before, after, proposed, max(first_on, today))
        found.append(ahead.group(account, with_change, bills, first_on))
    basis = {account.group.id.hex: account.group.history_seq for account in unchanged}
    return ChangePreview(own, proposed.events, first_on, tuple(found), basis)


class Ahead(NamedTuple):
    """What lies ahead of billing groups, by the very calls that bill them."""

    session: Session
    entity: BillingEntity
    rater: Rater
    today: date
    merchant: Merchant
    now: datetime

    def group(
        self, account: Account, changed: Account, most: int, through: date = date.min
    ) -> GroupPreview:
        """What a group comes to as it is and as it would be changed, `through` the first day."""
        beyond = min(through, date.max - ONE_DAY) + ONE_DAY
        after = self.bills(changed, most + 1, beyond)
        unchanged = self.bills(account, most + 1, beyond)
        return GroupPreview(
            payer_id=account.group.payer_id,
            currency=account.group.currency,
            includes_tax=account.group.includes_tax,
            bills=_as_many(after.bills, most, through),
            after=after,
            unchanged=unchanged,
        )

    def bills(self, account: Account, most: int, through: date = date.min) -> Lookout:
        """The next invoices of a group, one after the other: so many, or up to one on `through`."""
        found: list[Bill] = []
        day = self.today
        purses = purses_of(self.session, [account.group.payer_id])
        while _wants_more(found, most, through):
            made = next_draft(account, self.rater, day, self.merchant)
            if made is None:
                return Lookout(tuple(found))
            found.append(self._bill(account.group, made, purses))
            group = account.group
            reached = group.reach(made.due_through)
            done = replace(
                group,
                billed_through=reached,
                dirty_from=None,
                next_due_on=self.rater.next_due_on(account.items, reached),
            )
            account, day = replace(account, group=done, billed={}), made.bill_on
        return Lookout(tuple(found), goes_on=True)

    def _bill(self, group: BillingGroup, made: Made, purses: Purses) -> Bill:
        key = WalletKey(group.payer_id, group.billing_entity_id, group.currency)
        day = Day(made.bill_on, self.entity.zone, group.currency, group.includes_tax)
        if made.draft.totals.total_minor >= 0:
            draft = purses.less(made.draft, key, day)
            return Bill(made.bill_on, draft, draft)
        owed = Owed(group, made.draft, group.reach(made.due_through), group.usage_seen)
        parted = credit_difference(self.session, owed, self.now, is_writing=False)
        rest = purses.less(parted.rest, key, day) if parted.rest else None
        lines = (*made.draft.lines, *_credit_lines(rest, parted.notes))
        draft = Draft(lines, totals(lines, includes_tax=group.includes_tax))
        return Bill(made.bill_on, draft, rest, parted.notes)


def _credit_lines(rest: Draft | None, notes: Sequence[Credited]) -> list[Line]:
    """The credit that comes off before tax, and what of it comes back with credit notes."""
    found = [line for line in (rest.lines if rest else ()) if line.rated.kind == CREDIT]
    for one in notes:
        for line in one.document.lines:
            if line.rated.kind == CREDIT:
                back = replace(line.rated, amount_minor=-line.rated.amount_minor)
                found.append(Line(line.item_id, back))
    return found


def _wants_more(found: Sequence[Bill], most: int, through: date) -> bool:
    return len(found) < most or (found[-1].bill_on < through and len(found) < MOST_BILLS)


def _as_many(bills: Sequence[Bill], most: int, through: date) -> tuple[Bill, ...]:
    """The first of bills: so many, or up to one on `through`."""
    found: list[Bill] = []
    for bill in bills:
        if not _wants_more(found, most, through):
            break
        found.append(bill)
    return tuple(found)


def _with_life(
    account: Account, before: Life, after: Life, proposed: Proposal, due_on: date
) -> Account:
    """A group's account as it is once the change is written."""
    group = account.group
    products = {product.id: product for product in proposed.shop.products.values()}

    def product(own: UUID) -> Product:
        return products[own]

    listing = Listing(
        lambda owner_id: proposed.shop.published(owner_id).prices,
        product,
        group.currency,
        group.includes_tax,
    )
    gone = {item.id for item in (*before.items, *after.items)}
    items = [item for item in account.items if item.id not in gone]
    items += items_of([after], group.id, listing)
    ended = {one.id for one in (*before.discounts, *after.discounts)}
    discounts = [one for one in account.discounts if one.id not in ended]
    discounts += discounts_of([after], group.id)
    return replace(
        account,
        group=replace(group, next_due_on=min(group.next_due_on or due_on, due_on)),
        items=tuple(sorted(items, key=lambda item: item.id)),
        discounts=tuple(sorted(discounts, key=lambda one: (one.number, one.id))),
    )


def _new_account(like: Account, payer: Payer) -> Account:
    """The account of a billing group that a transfer or another currency will make."""
    group: BillingGroup = replace(
        like.group,
        id=NOBODY,
        payer_id=payer.customer_id,
        currency=payer.currency,
        billed_through=None,
        next_due_on=None,
        history_seq=0,
        accepts_bounds=False,
    )
    return Account(group, (), {})
