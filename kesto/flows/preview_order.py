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
from kesto.core.history import Subscribed, Told
from kesto.core.item import Item
from kesto.core.life import Life
from kesto.core.life_items import Listing, items_of
from kesto.core.line import Line
from kesto.core.play import play
from kesto.core.rating import Rater
from kesto.core.refusals import NotFound
from kesto.core.subscription import NewSubscription
from kesto.countries.raters import rater_of
from kesto.flows.change_subscription import NOBODY
from kesto.flows.preview_change import Ahead, GroupPreview
from kesto.flows.preview_next import BEFORE_ALL
from kesto.flows.subscribe import begun_by, order_shop, prices_by_owner
from kesto.store import billing, merchants, subscriptions
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.subscriptions import Begun

FIRST = 1


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
    life = play([Told(FIRST, begun.id, begun.event)], unchanged.group.id)
    listing = Listing(
        prices_by_owner(shop), _nothing, begun.group.currency, begun.group.includes_tax
    )
    added = items_of([life], unchanged.group.id, listing)
    rater = rater_of(shop.entity.country)
    account = _with_items(unchanged, added, rater)
    ahead = Ahead(session, shop.entity, rater, shop.today, merchants.merchant(session), now)
    return OrderPreview(
        event=begun.event,
        life=life,
        group=replace(ahead.group(unchanged, account, bills), payer_id=begun.payer_id),
    )


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


def _with_items(unchanged: Account, added: Sequence[Item], rater: Rater) -> Account:
    """The account with the new items, due when they or the others fall due first."""
    due = [unchanged.group.next_due_on, rater.next_due_on(added, BEFORE_ALL)]
    days = [day for day in due if day is not None]
    items = sorted([*unchanged.items, *added], key=lambda item: item.id)
    group = replace(unchanged.group, next_due_on=min(days) if days else None)
    return replace(unchanged, group=group, items=tuple(items))


def _text(line: Line) -> str:
    """A line without its item: each preview names the items anew, in no certain order."""
    return msgspec.json.encode(line.rated).decode()


def _nothing(product_id: UUID) -> Product:
    raise NotFound(f"there is no product {product_id}", field="product")
