"""Credit grants as they are read: with what is left, and which invoices they paid."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.wallets import WalletKey
from kesto.store.invoices import numbers_of
from kesto.store.session import Session, across_merchants

GRANTS = """
    select g.id, g.customer_id, g.currency, g.kind, g.origin, g.reason, g.priority, g.valid_from,
        g.expires_on, g.amount_minor, g.used_minor, g.expired_minor, g.left_minor, g.created_at,
        g.before_tax
    from credit_grant g
"""


class Granted(Struct, frozen=True):
    """A grant with what became of it."""

    id: UUID
    customer_id: UUID
    currency: str
    kind: str
    origin: str
    reason: str
    priority: int
    valid_from: date | None
    expires_on: date | None
    amount_minor: int
    used_minor: int
    expired_minor: int
    left_minor: int
    created_at: datetime
    before_tax: bool


class UsedOn(Struct, frozen=True):
    """What a grant paid of an invoice, or what came off it before tax."""

    grant_id: UUID
    number: str
    invoice_on: date
    amount_minor: int


class Balance(Struct, frozen=True):
    """What is left of a customer's credit in a currency; `paid_minor` of it is their money."""

    currency: str
    left_minor: int
    paid_minor: int


def currencies_of(session: Session, customer_id: UUID) -> list[str]:
    """The currencies that a customer is billed in."""
    rows = session.rows(
        "select distinct currency from billing_group where merchant_id = %s and payer_id = %s",
        *(session.merchant_id, customer_id),
    )
    return sorted(row[0] for row in rows)


def of_customer(session: Session, customer_id: UUID, limit: int) -> list[Granted]:
    """A customer's grants: what is left first, in the order of its use, then the newest."""
    rows = session.rows(
        f"{GRANTS} where g.merchant_id = %s and g.customer_id = %s"
        " order by g.left_minor = 0,"
        "  case when g.left_minor > 0 then g.priority end,"
        "  case when g.left_minor > 0 then coalesce(g.expires_on, 'infinity') end,"
        "  case when g.left_minor > 0 then g.created_at end, g.id desc limit %s",
        *(session.merchant_id, customer_id, limit),
    )
    return [Granted(*row) for row in rows]


def uses(session: Session, grants: Sequence[UUID]) -> list[UsedOn]:
    """What grants paid, and what of them came off before tax, the newest first."""
    wanted = (session.merchant_id, list(grants))
    rows = session.rows(
        "select u.grant_id, n.id, n.invoice_on, u.amount_minor from ("
        "  select merchant_id, id, grant_id, invoice_id, amount_minor from wallet_use"
        "   where merchant_id = %s and grant_id = any(%s)"
        "  union all select merchant_id, id, grant_id, invoice_id, amount_minor from credit_taken"
        "   where merchant_id = %s and grant_id = any(%s)) u"
        " join invoice n on n.merchant_id = u.merchant_id and n.id = u.invoice_id"
        " order by u.id desc",
        *(*wanted, *wanted),
    )
    numbers = numbers_of(session, [row[1] for row in rows])
    return [UsedOn(row[0], numbers[row[1]], row[2], row[3]) for row in rows]


def balances(session: Session, customers: Sequence[UUID]) -> dict[UUID, list[Balance]]:
    """What is left of customers' credit, by currency."""
    rows = session.rows(
        "select customer_id, currency, sum(left_minor)::bigint,"
        " coalesce(sum(left_minor) filter (where kind = 'paid'), 0)::bigint from credit_grant"
        " where merchant_id = %s and customer_id = any(%s) and left_minor > 0"
        " group by customer_id, currency order by currency",
        *(session.merchant_id, list(customers)),
    )
    found: dict[UUID, list[Balance]] = {}
    for customer_id, *rest in rows:
        found.setdefault(customer_id, []).append(Balance(*rest))
    return found


def balance_minor(session: Session, key: WalletKey) -> int:
    """What is in a wallet."""
    row = session.row(
        "select balance_minor from wallet where merchant_id = %s and customer_id = %s"
        " and billing_entity_id = %s and currency = %s",
        *(session.merchant_id, *key),
    )
    return int(row[0]) if row else 0


def is_known(session: Session, grant_id: UUID) -> bool:
    """Whether there is a grant of this id."""
    row = session.row(
        "select from credit_grant where merchant_id = %s and id = %s",
        *(session.merchant_id, grant_id),
    )
    return row is not None


def merchants_with_expired(now: datetime) -> list[tuple[UUID, date]]:
    """Live merchants with credit whose last day is over where they are, and the day there."""
    with across_merchants() as connection:
        return connection.execute(
            "select m.id, today.local_on from merchant m cross join lateral ("
            "  select (%s at time zone e.zone)::date as local_on from billing_entity e"
            "  where e.merchant_id = m.id order by e.id limit 1) today"
            " where m.mode = 'live' and exists (select from credit_grant g"
            "  where g.merchant_id = m.id and g.left_minor > 0 and g.expires_on < today.local_on)",
            [now],
        ).fetchall()
