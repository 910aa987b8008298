"""What documents show beside the invoice itself: its neighbours, its services, its settlement."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.invoice import Buyer, Invoice, Seller
from kesto.core.refusals import NotFound
from kesto.store.invoices import Parties, numbers_of
from kesto.store.session import Session

AT_ONCE = "a.created_at = p.created_at"
"""Of the allocations `a` of a payment `p` those that its receipt shows: no credit used later."""

HAS_RECEIPT = f"""
    exists (select from allocation a where a.merchant_id = p.merchant_id and a.payment_id = p.id
        and {AT_ONCE})
"""

_seller = msgspec.json.Decoder(Seller)
_buyer = msgspec.json.Decoder(Buyer)


class Past(Struct, frozen=True, gc=False):
    """An invoice among those of its group, at a glance."""

    id: UUID
    invoice_on: date
    total_minor: int


class Origin(Struct, frozen=True, gc=False):
    """The subscription of an item: its plans in time, and its user where that is not the payer.

    `plans` are (first day, names), the earliest first.
    """

    subscription_id: UUID
    external_id: str
    user: str
    plans: tuple[tuple[date, dict[str, str]], ...]


class PlanItem(Struct, frozen=True, gc=False):
    """The plan that an item sells, by its code and names, and the subscription it is in."""

    subscription_id: UUID
    plan: str
    names: dict[str, str]


class Credited(Struct, frozen=True, gc=False):
    """The invoice that a note credits, and how it stood when the note was made.

    `taken_minor` is what this note took off what was still open, `credited_minor` what those
    before it took, `left_minor` what stayed open.
    """

    number: str
    invoice_on: date
    total_minor: int
    taken_minor: int
    credited_minor: int
    left_minor: int


class Paid(Struct, frozen=True, gc=False):
    """An invoice that a payment settled when it came in, and by how much."""

    invoice_id: UUID
    invoice_on: date
    total_minor: int
    paid_minor: int


class Received(Struct, frozen=True, gc=False):
    """A payment as it came in."""

    id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    received_on: date


def parties(session: Session, found: Sequence[Invoice]) -> dict[UUID, Parties]:
    """Seller and buyer of each invoice, as it froze them; NotFound when a snapshot is gone."""
    wanted = {sha256 for one in found for sha256 in (one.seller_sha256, one.buyer_sha256)}
    rows = session.rows(
        "select sha256, kind, document from snapshot where merchant_id = %s and sha256 = any(%s)",
        *(session.merchant_id, list(wanted)),
    )
    sellers = {row[0]: _seller.decode(row[2]) for row in rows if row[1] == "seller"}
    buyers = {row[0]: _buyer.decode(row[2]) for row in rows if row[1] == "buyer"}
    try:
        return {
            one.id: Parties(sellers[one.seller_sha256], buyers[one.buyer_sha256]) for one in found
        }
    except KeyError:
        raise NotFound("the names on this invoice have been erased", field="invoice") from None


def past(session: Session, ids: Sequence[UUID], most: int) -> dict[UUID, list[Past]]:
    """The latest invoices of each invoice's group up to and with itself, the oldest first."""
    rows = session.rows(
        "select n.id, p.id, p.invoice_on, p.total_minor from invoice n cross join lateral ("
        "  select p.id, p.invoice_on, p.total_minor from invoice p"
        "  where p.merchant_id = n.merchant_id and p.billing_group_id = n.billing_group_id"
        "   and p.kind = 'invoice' and p.id <= n.id order by p.id desc limit %s) p"
        " where n.merchant_id = %s and n.id = any(%s) and n.kind = 'invoice' order by n.id, p.id",
        *(most, session.merchant_id, list(ids)),
    )
    found: dict[UUID, list[Past]] = {}
    for own, *earlier in rows:
        found.setdefault(own, []).append(Past(*earlier))
    return found


def origins(session: Session, items: Sequence[UUID]) -> dict[UUID, Origin]:
    """The subscription of each item."""
    rows = session.rows(
        "select i.id, s.id, s.external_id,"
        "  case when s.user_id = s.payer_id then '' else u.name end"
        " from subscription_item i"
        " join subscription s on s.merchant_id = i.merchant_id and s.id = i.subscription_id"
        " join customer c on c.merchant_id = s.merchant_id and c.id = s.user_id"
        " join person u on u.merchant_id = c.merchant_id and u.id = c.person_id"
        " where i.merchant_id = %s and i.id = any(%s)",
        *(session.merchant_id, list(items)),
    )
    plans = _plans(session, list({row[1] for row in rows}))
    return {
        own: Origin(subscription_id, external_id, user, tuple(plans.get(subscription_id, ())))
        for own, subscription_id, external_id, user in rows
    }


def plan_items(session: Session, items: Sequence[UUID]) -> dict[UUID, PlanItem]:
    """The plan of each item that sells one; add-ons and extras have none."""
    rows = session.rows(
        "select i.id, i.subscription_id, p.code, v.names from subscription_item i"
        " join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id"
        " join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
        " where i.merchant_id = %s and i.id = any(%s)",
        *(session.merchant_id, list(items)),
    )
    return {own: PlanItem(*rest) for own, *rest in rows}


def credited(session: Session, notes: Sequence[UUID]) -> dict[UUID, Credited]:
    """What each of the credit notes credits."""
    rows = session.rows(
        "select n.id, o.id, o.invoice_on, o.total_minor, coalesce(s.credited_minor, 0),"
        "  earlier.minor,"
        "  o.total_minor - coalesce(s.credited_minor, 0) - earlier.minor - paid.minor"
        " from invoice n"
        " join invoice o on o.merchant_id = n.merchant_id and o.id = n.credits_invoice_id"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        " cross join lateral (select coalesce(sum(t.credited_minor), 0)::bigint as minor"
        "  from invoice c"
        "  join settlement t on t.merchant_id = c.merchant_id and t.invoice_id = c.id"
        "  where c.merchant_id = n.merchant_id and c.billing_group_id = n.billing_group_id"
        "   and c.credits_invoice_id = o.id and c.id < n.id) earlier"
        " cross join lateral (select coalesce(sum(a.amount_minor), 0)::bigint as minor from ("
        "   select amount_minor from allocation a where a.merchant_id = n.merchant_id"
        "    and a.invoice_id = o.id and a.created_at <= n.created_at"
        "   union all select amount_minor from wallet_use u where u.merchant_id = n.merchant_id"
        "    and u.invoice_id = o.id) a) paid"
        " where n.merchant_id = %s and n.id = any(%s)",
        *(session.merchant_id, list(notes)),
    )
    numbers = numbers_of(session, [row[1] for row in rows])
    return {own: Credited(numbers[of], *rest) for own, of, *rest in rows}


def open_amounts(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is left to pay of each invoice."""
    rows = session.rows(
        "select n.id, n.total_minor - coalesce(s.settled_minor, 0) from invoice n"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        " where n.merchant_id = %s and n.id = any(%s)",
        *(session.merchant_id, list(ids)),
    )
    return {row[0]: row[1] for row in rows}


def received(session: Session, payment_id: UUID) -> Received | None:
    """A payment, or None."""
    row = session.row(
        "select id, customer_id, currency, amount_minor, received_on from payment"
        " where merchant_id = %s and id = %s",
        *(session.merchant_id, payment_id),
    )
    return Received(*row) if row else None


def paid(session: Session, payment_id: UUID) -> list[Paid]:
    """What a payment settled at once; credit that is used later makes no receipt."""
    rows = session.rows(
        "select n.id, n.invoice_on, n.total_minor, a.amount_minor from payment p"
        " join allocation a on a.merchant_id = p.merchant_id and a.payment_id = p.id"
        f"  and {AT_ONCE}"
        " join invoice n on n.merchant_id = a.merchant_id and n.id = a.invoice_id"
        " where p.merchant_id = %s and p.id = %s order by n.id",
        *(session.merchant_id, payment_id),
    )
    return [Paid(*row) for row in rows]


def _plans(
    session: Session, subscriptions: Sequence[UUID]
) -> dict[UUID, list[tuple[date, dict[str, str]]]]:
    rows = session.rows(
        "select i.subscription_id, i.start_on, v.names from subscription_item i"
        " join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id"
        " where i.merchant_id = %s and i.subscription_id = any(%s) order by i.start_on, i.id",
        *(session.merchant_id, list(subscriptions)),
    )
    found: dict[UUID, list[tuple[date, dict[str, str]]]] = {}
    for subscription_id, start_on, names in rows:
        found.setdefault(subscription_id, []).append((start_on, names))
    return found
