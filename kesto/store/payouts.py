"""Payouts in the database: credit that customers get back to their bank accounts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.wallets import Grant, WalletKey
from kesto.store.session import Session

PAYOUTS = """
    select o.id, o.customer_id, o.billing_entity_id, o.currency, o.amount_minor, o.iban,
        o.reference, o.reason, o.state, o.asked_on, p.name
    from payout o join customer c on c.merchant_id = o.merchant_id and c.id = o.customer_id
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
"""
# Money that left the account and names a payout of its sum, in the transfer's message or reference.
NAMED = """
    select o.id, t.id, t.booked_on, o.customer_id, o.billing_entity_id, o.amount_minor, o.currency
    from payout o
    join billing_entity e on e.merchant_id = o.merchant_id and e.id = o.billing_entity_id
    join bank_transaction t on t.merchant_id = o.merchant_id and t.state = 'unmatched'
        and t.direction = 'out' and not t.is_reversal and t.account = e.iban
        and t.amount_minor = o.amount_minor and t.currency = o.currency
        and position(o.reference in
            array_to_string(t.texts || t."references" || t.end_to_end_id, ' ')) > 0
    where o.merchant_id = %s and o.bank_transaction_id is null
    order by t.booked_on, t.id, o.id for update of o, t
"""


class Payout(Struct, frozen=True):
    """Credit on its way to a customer's account; `reference` goes into the transfer's message."""

    id: UUID
    customer_id: UUID
    billing_entity_id: UUID
    currency: str
    amount_minor: int
    iban: str
    reference: str
    reason: str
    state: str
    asked_on: date
    customer_name: str = ""


class Cleared(Struct, frozen=True):
    """A payout that the bank has carried out, and the transaction that says so."""

    payout_id: UUID
    transaction_id: UUID
    booked_on: date
    customer_id: UUID
    billing_entity_id: UUID
    amount_minor: int
    currency: str


class Owed(Struct, frozen=True):
    """A customer without a running subscription whose money is still kept."""

    customer_id: UUID
    name: str
    external_id: str
    currency: str
    amount_minor: int


def lock_paid(session: Session, key: WalletKey) -> list[Grant]:
    """What is left of the credit that a customer paid for, locked with its wallet."""
    session.rows(
        "select from wallet where merchant_id = %s and customer_id = %s"
        " and billing_entity_id = %s and currency = %s for update",
        *(session.merchant_id, *key),
    )
    rows = session.rows(
        "select id, kind, priority, valid_from, expires_on, created_at, left_minor"
        " from credit_grant where merchant_id = %s and customer_id = %s"
        " and billing_entity_id = %s and currency = %s and kind = 'paid' and left_minor > 0"
        " order by id for update",
        *(session.merchant_id, *key),
    )
    return [Grant(row[0], key, *row[1:]) for row in rows]


def add(session: Session, one: Payout, taken: Mapping[UUID, int], now: datetime) -> None:
    """Take a payout out of locked grants and their wallet."""
    session.execute(
        "update credit_grant g set paid_out_minor = g.paid_out_minor + t.minor"
        " from unnest(%s::uuid[], %s::bigint[]) as t (id, minor)"
        " where g.merchant_id = %s and g.id = t.id",
        *([*taken], [*taken.values()], session.merchant_id),
    )
    session.execute(
        "update wallet set balance_minor = balance_minor - %s where merchant_id = %s"
        " and customer_id = %s and billing_entity_id = %s and currency = %s",
        *(one.amount_minor, session.merchant_id),
        *(one.customer_id, one.billing_entity_id, one.currency),
    )
    session.add(
        "payout",
        [
            {
                "id": one.id,
                "customer_id": one.customer_id,
                "billing_entity_id": one.billing_entity_id,
                "currency": one.currency,
                "amount_minor": one.amount_minor,
                "iban": one.iban,
                "reference": one.reference,
                "reason": one.reason,
                "state": one.state,
                "asked_on": one.asked_on,
                "created_at": now,
            }
        ],
    )


def named_in_bank(session: Session) -> list[Cleared]:
    """The payouts that waiting transactions name, each once, locked with their transactions."""
    found: list[Cleared] = []
    seen: set[UUID] = set()
    for row in session.rows(NAMED, session.merchant_id):
        one = Cleared(*row)
        if not seen & {one.payout_id, one.transaction_id}:
            found.append(one)
            seen |= {one.payout_id, one.transaction_id}
    return found


def clear(session: Session, cleared: Sequence[tuple[UUID, Cleared]]) -> None:
    """Note which transactions carried payouts out; each pair under the id of its booking."""
    session.execute(
        "update payout o set state = 'paid', clearing_id = t.own, bank_transaction_id = t.paid_by"
        " from unnest(%s::uuid[], %s::uuid[], %s::uuid[]) as t (own, id, paid_by)"
        " where o.merchant_id = %s and o.id = t.id",
        [own for own, _ in cleared],
        [one.payout_id for _, one in cleared],
        [one.transaction_id for _, one in cleared],
        session.merchant_id,
    )


def mark_paid(session: Session, payout_id: UUID) -> bool:
    """Note that a payout left; False where it is not waiting (any more)."""
    return bool(
        session.execute(
            "update payout set state = 'paid'"
            " where merchant_id = %s and id = %s and state = 'asked'",
            *(session.merchant_id, payout_id),
        )
    )


def latest(session: Session, limit: int) -> list[Payout]:
    """The payouts: what is asked first, then the newest."""
    rows = session.rows(
        f"{PAYOUTS} where o.merchant_id = %s order by o.state = 'paid', o.id desc limit %s",
        *(session.merchant_id, limit),
    )
    return [Payout(*row) for row in rows]


def owed(session: Session, today: date, limit: int) -> list[Owed]:
    """Customers whose subscriptions have ended and whose money is kept, the largest sums first."""
    rows = session.rows(
        "select c.id, p.name, c.external_id, g.currency, sum(g.left_minor)::bigint as minor"
        " from credit_grant g join customer c on c.merchant_id = g.merchant_id"
        "  and c.id = g.customer_id"
        " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where g.merchant_id = %s and g.kind = 'paid' and g.left_minor > 0"
        "  and not exists (select from subscription s where s.merchant_id = c.merchant_id"
        "   and s.payer_id = c.id and (s.end_on is null or s.end_on > %s))"
        " group by c.id, p.name, c.external_id, g.currency order by minor desc, c.id limit %s",
        *(session.merchant_id, today, limit),
    )
    return [Owed(*row) for row in rows]
