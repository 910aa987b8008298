"""Wallets in the database: what customers have as credit, grant by grant, and what it paid."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.wallets import Grant, WalletKey
from kesto.store import arrays
from kesto.store.session import Session

USABLE = (
    "select id, customer_id, billing_entity_id, currency, kind, priority, valid_from, expires_on,"
    " created_at, left_minor, amount_minor, before_tax from credit_grant"
    " where merchant_id = %s and customer_id = any(%s) and before_tax = %s and left_minor > 0"
    " and (select uses_credit from merchant where id = %s)"
    " order by id"
)


class NewGrant(Struct, frozen=True, kw_only=True):
    """Credit that is put into a wallet; `source_id` is the payment or credit note it came from."""

    id: UUID
    key: WalletKey
    kind: str
    origin: str
    amount_minor: int
    reason: str = ""
    priority: int = 100
    valid_from: date | None = None
    expires_on: date | None = None
    source_id: UUID | None = None
    before_tax: bool = False


class WalletUse(Struct, frozen=True, gc=False):
    """Credit of a grant that pays an invoice, or a part of it, on the day of its issue."""

    id: UUID
    key: WalletKey
    grant_id: UUID
    invoice_id: UUID
    total_minor: int
    amount_minor: int


def lock_wallets(session: Session, customers: Sequence[UUID]) -> list[UUID]:
    """Lock what customers have as credit; answers who has any, none where none is to be used.

    Both the credit before tax and the credit that pays invoices stand behind these locks: they
    are taken first, and in one order.
    """
    wallets = arrays.rows(
        session,
        "select customer_id from wallet where merchant_id = %(merchant)s"
        " and customer_id = any(%(customers)s::uuid[]) and balance_minor > 0"
        " and (select uses_credit from merchant where id = %(merchant)s)"
        " order by customer_id, billing_entity_id, currency for update",
        {"merchant": session.merchant_id, "customers": arrays.uuids(customers)},
    )
    return [row[0] for row in wallets]


def lock_grants(
    session: Session, owners: Sequence[UUID], *, before_tax: bool = False
) -> list[Grant]:
    """What is left of the credit of customers whose wallets are locked, itself locked.

    It is the credit that pays invoices, or with `before_tax` the credit that comes off their
    lines.
    """
    if not owners:
        return []
    return _grants(session, USABLE + " for update", owners, before_tax=before_tax)


def grants_left(
    session: Session, customers: Sequence[UUID], *, before_tax: bool = False
) -> list[Grant]:
    """What is left of customers' credit and will pay their invoices, or come off; reads only."""
    return _grants(session, USABLE, customers, before_tax=before_tax)


def add(session: Session, grants: Sequence[NewGrant], now: datetime) -> None:
    """Put credit into wallets, which are made at the first need."""
    sums: dict[WalletKey, int] = {}
    for one in grants:
        sums[one.key] = sums.get(one.key, 0) + one.amount_minor
    if not sums:
        return
    change_balances(session, sums)
    session.add("credit_grant", [_row(one, now) for one in grants])


def use(session: Session, uses: Sequence[WalletUse], now: datetime) -> None:
    """Take what invoices are paid with out of locked grants; the invoices are new."""
    taken: dict[WalletKey, int] = {}
    totals: dict[UUID, int] = {}
    paid: dict[UUID, int] = {}
    for one in uses:
        taken[one.key] = taken.get(one.key, 0) - one.amount_minor
        totals[one.invoice_id] = one.total_minor
        paid[one.invoice_id] = paid.get(one.invoice_id, 0) + one.amount_minor
    take_of_grants(session, [(one.grant_id, one.amount_minor) for one in uses])
    change_balances(session, taken)
    session.add(
        "wallet_use",
        [
            {
                "id": one.id,
                "grant_id": one.grant_id,
                "customer_id": one.key.customer_id,
                "billing_entity_id": one.key.billing_entity_id,
                "currency": one.key.currency,
                "invoice_id": one.invoice_id,
                "amount_minor": one.amount_minor,
                "created_at": now,
            }
            for one in uses
        ],
    )
    session.add(
        "settlement",
        [
            {
                "invoice_id": own,
                "total_minor": total_minor,
                "paid_minor": paid[own],
                "credited_minor": 0,
                "written_off_minor": 0,
            }
            for own, total_minor in totals.items()
        ],
    )


def expire(session: Session, today: date) -> list[tuple[UUID, int]]:
    """Let go what was not used in time; answers each grant with what expired of it."""
    session.rows(
        "select from wallet w where w.merchant_id = %s and exists (select from credit_grant g"
        "  where g.merchant_id = w.merchant_id and g.customer_id = w.customer_id"
        "   and g.billing_entity_id = w.billing_entity_id and g.currency = w.currency"
        "   and g.left_minor > 0 and g.expires_on < %s)"
        " order by customer_id, billing_entity_id, currency for update",
        *(session.merchant_id, today),
    )
    rows = session.rows(
        "select id, customer_id, billing_entity_id, currency, left_minor from credit_grant"
        " where merchant_id = %s and left_minor > 0 and expires_on < %s order by id for update",
        *(session.merchant_id, today),
    )
    gone: dict[WalletKey, int] = {}
    for _, customer_id, entity_id, currency, minor in rows:
        key = WalletKey(customer_id, entity_id, currency)
        gone[key] = gone.get(key, 0) - minor
    if rows:
        session.execute(
            "update credit_grant set expired_minor = expired_minor + left_minor"
            " where merchant_id = %s and id = any(%s)",
            *(session.merchant_id, [row[0] for row in rows]),
        )
        change_balances(session, gone)
    return [(row[0], row[4]) for row in rows]


def used_by(session: Session, invoices: Sequence[UUID]) -> Mapping[UUID, int]:
    """What each of the invoices was paid from its customer's credit when it was issued."""
    rows = session.rows(
        "select invoice_id, sum(amount_minor)::bigint from wallet_use"
        " where merchant_id = %s and invoice_id = any(%s) group by invoice_id",
        *(session.merchant_id, list(invoices)),
    )
    return {row[0]: row[1] for row in rows}


def given_of(session: Session, invoices: Sequence[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """What each invoice was paid with credit given, and what credit notes on it gave back."""
    rows = session.rows(
        "select u.invoice_id, sum(u.amount_minor)::bigint, (select"
        "  coalesce(sum(b.amount_minor), 0)::bigint from invoice o join invoice n"
        "   on n.merchant_id = o.merchant_id and n.billing_group_id = o.billing_group_id"
        "   and n.credits_invoice_id = o.id"
        "  join credit_grant b on b.merchant_id = n.merchant_id and b.source_id = n.id"
        "   and b.kind = 'given' and not b.before_tax"
        "  where o.merchant_id = %s and o.id = u.invoice_id)"
        " from wallet_use u join credit_grant g"
        "  on g.merchant_id = u.merchant_id and g.id = u.grant_id and g.kind = 'given'"
        " where u.merchant_id = %s and u.invoice_id = any(%s) group by u.invoice_id",
        *(session.merchant_id, session.merchant_id, list(invoices)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def change_balances(session: Session, changes: Mapping[WalletKey, int]) -> None:
    """Add to balances, or (negative) take from them."""
    found = sorted(changes.items())
    keys = [
        [key.customer_id for key, _ in found],
        [key.billing_entity_id for key, _ in found],
        [key.currency for key, _ in found],
    ]
    session.execute(
        "insert into wallet (merchant_id, customer_id, billing_entity_id, currency, balance_minor)"
        " select %s, t.*, 0 from unnest(%s::uuid[], %s::uuid[], %s::text[])"
        "  as t (customer_id, billing_entity_id, currency)"
        " on conflict (merchant_id, customer_id, billing_entity_id, currency) do nothing",
        *(session.merchant_id, *keys),
    )
    session.execute(
        "update wallet w set balance_minor = w.balance_minor + t.minor"
        " from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])"
        "  as t (customer_id, billing_entity_id, currency, minor)"
        " where w.merchant_id = %s and w.customer_id = t.customer_id"
        "  and w.billing_entity_id = t.billing_entity_id and w.currency = t.currency",
        *(*keys, [minor for _, minor in found], session.merchant_id),
    )


def take_of_grants(session: Session, taken: Sequence[tuple[UUID, int]]) -> None:
    """Count amounts as used of grants, which are locked."""
    session.execute(
        "update credit_grant g set used_minor = g.used_minor + t.minor"
        " from (select id, sum(minor)::bigint as minor"
        "  from unnest(%s::uuid[], %s::bigint[]) as u (id, minor) group by id) t"
        " where g.merchant_id = %s and g.id = t.id",
        [grant_id for grant_id, _ in taken],
        [minor for _, minor in taken],
        session.merchant_id,
    )


def _grants(
    session: Session, query: str, customers: Sequence[UUID], *, before_tax: bool
) -> list[Grant]:
    rows = session.rows(
        query, session.merchant_id, list(customers), before_tax, session.merchant_id
    )
    return [Grant(row[0], WalletKey(*row[1:4]), *row[4:]) for row in rows]


def _row(one: NewGrant, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "customer_id": one.key.customer_id,
        "billing_entity_id": one.key.billing_entity_id,
        "currency": one.key.currency,
        "kind": one.kind,
        "origin": one.origin,
        "source_id": one.source_id,
        "reason": one.reason,
        "priority": one.priority,
        "valid_from": one.valid_from,
        "expires_on": one.expires_on,
        "before_tax": one.before_tax,
        "amount_minor": one.amount_minor,
        "used_minor": 0,
        "expired_minor": 0,
        "created_at": now,
    }
