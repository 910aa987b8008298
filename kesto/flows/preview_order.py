"""Preview an order: what a new subscription would be billed, by the very calls that do it.

Reads only; `subscribe` begins what was previewed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.billing import Account, BillingGroup
from kesto.core.catalog import Product
from kesto.core.changes import decide
from kesto.core.clock import Clock
from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import Subscribed, Told
from kesto.core.item import Item
from kesto.core.life import Life
from kesto.core.life_items import Listing, discounts_of, items_of
from kesto.core.line import Line
from kesto.core.play import play
from kesto.core.rating import Rater
from kesto.core.refusals import NotFound
from kesto.core.subscription import NewSubscription
from kesto.countries.raters import rater_of
from kesto.flows.change_subscription import NOBODY
from kesto.flows.preview_change import Ahead, GroupPreview
from kesto.flows.preview_next import BEFORE_ALL
from kesto.flows.subscribe import OrderShop, begun_by, coupon_of, order_shop, prices_by_owner
from kesto.store import billing, merchants, subscriptions
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.shop import Party
from kesto.store.shop import shop as change_shop
from kesto.store.subscriptions import Begun
from kesto.store.usage.counted import UsageBook

FIRST, SECOND = 1, 2
NAMELESS = UUID(int=1)
"""The id of a discount that is only looked at: equal whenever it is."""


class OrderPreview(Struct, frozen=True):
    """What an order would come to: its first event, its life, and its payer's next bills."""

    event: Subscribed
    life: Life
    group: GroupPreview

    @property
    def sealed(self) -> str:
        """SHA-256 over the days, lines and sums of the bills: equal when the same was shown."""
        shown = [
            (bill.bill_on, sorted(map(_text, bill.draft.lines)), bill.total_minor)
            for bill in self.group.bills
        ]
        return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()


def preview_order(
    session: Session, order: NewSubscription, now: datetime, bills: int = 2
) -> OrderPreview:
    """What an order would bill, up to so many invoices ahead.

    Raises the refusals that carrying it out would raise.
    """
    shop = order_shop(session, [order], now)
    begun = begun_by(order, shop)
    known = subscriptions.groups_with(session, [begun.group]).get(begun.group)
    unchanged = _account(session, begun, known)
    told = [Told(FIRST, begun.id, begun.event)]
    if order.coupon:
        told += _given(session, order, begun, shop, now)
    life = play(told, unchanged.group.id)
    listing = Listing(
        prices_by_owner(shop), _nothing, begun.group.currency, begun.group.includes_tax
    )
    added = items_of([life], unchanged.group.id, listing)
    rater = rater_of(shop.entity.country, UsageBook(session).seen())
    discounts = discounts_of([life], unchanged.group.id)
    account = _with_items(unchanged, added, discounts, rater)
    ahead = Ahead(session, shop.entity, rater, shop.today, merchants.merchant(session), now)
    return OrderPreview(
        event=begun.event,
        life=life,
        group=replace(ahead.group(unchanged, account, bills), payer_id=begun.payer_id),
    )


def _given(
    session: Session, order: NewSubscription, begun: Begun, shop: OrderShop, now: datetime
) -> list[Told]:
    """The coupon of an order, decided as a change of the subscription that it begins."""
    group = begun.group
    party = Party(
        id=begun.id,
        external_id=begun.external_id,
        holder_id=begun.holder_id,
        payer_id=begun.payer_id,
        group_id=NOBODY,
        billing_entity_id=group.billing_entity_id,
        currency=group.currency,
        includes_tax=group.includes_tax,
        due_days=group.due_days,
        is_consolidated=order.is_consolidated,
        start_on=begun.event.start_on,
        is_consumer=shop.customers[order.holder].kind == "consumer",
        country=shop.entity.country,
        clock=Clock(begun.zone),
    )
    counter = replace(change_shop(session, party, now, is_staff=True), new_id=lambda: NAMELESS)
    told = [Told(FIRST, begun.id, begun.event)]
    return [Told(SECOND, begun.id, one) for one in decide(told, coupon_of(order), counter)]


def _account(session: Session, begun: Begun, known: UUID | None) -> Account:
    """The account of the billing group that the order falls into, made up where it is new."""
    if known is not None:
        return billing.accounts(session, [known], begun.event.start_on, PriceList())[0]
    group = begun.group
    return Account(
        BillingGroup(
            id=NOBODY,
            billing_entity_id=group.billing_entity_id,
            payer_id=group.payer_id,
            currency=group.currency,
            due_days=group.due_days,
            includes_tax=group.includes_tax,
            billed_through=None,
            dirty_from=None,
            history_seq=0,
            accepts_bounds=False,
            next_due_on=None,
            buyer_sha256=b"",
        ),
        (),
        {},
    )


def _with_items(
    unchanged: Account,
    added: Sequence[Item],
    discounts: Sequence[StandingDiscount],
    rater: Rater,
) -> Account:
    """The account with the new items, due when they or the others fall due first."""
    due = [unchanged.group.next_due_on, rater.next_due_on(added, BEFORE_ALL)]
    days = [day for day in due if day is not None]
    items = sorted([*unchanged.items, *added], key=lambda item: item.id)
    group = replace(unchanged.group, next_due_on=min(days) if days else None)
    standing = sorted([*unchanged.discounts, *discounts], key=lambda one: (one.number, one.id))
    return replace(unchanged, group=group, items=tuple(items), discounts=tuple(standing))


def _text(line: Line) -> str:
    """A line without its item: each preview names the items anew, in no certain order."""
    return msgspec.json.encode(line.rated).decode()


def _nothing(product_id: UUID) -> Product:
    raise NotFound(f"there is no product {product_id}", field="product")
