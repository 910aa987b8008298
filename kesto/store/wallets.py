"""Wallets in the database: what customers have as credit, and what it paid."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.wallets import WalletKey
from kesto.store.session import Session


class WalletUse(Struct, frozen=True, gc=False):
    """Credit that pays a part of an invoice, or all of it, on the day of its issue."""

    id: UUID
    key: WalletKey
    invoice_id: UUID
    total_minor: int
    amount_minor: int


def lock_balances(session: Session, customers: Sequence[UUID]) -> dict[WalletKey, int]:
    """The wallets of customers that have something, locked; none where the merchant uses none."""
    rows = session.rows(
        "select customer_id, billing_entity_id, currency, balance_minor from wallet"
        " where merchant_id = %s and customer_id = any(%s) and balance_minor > 0"
        " and (select uses_credit from merchant where id = %s)"
        " order by customer_id, billing_entity_id, currency for update",
        *(session.merchant_id, list(customers), session.merchant_id),
    )
    return {WalletKey(*row[:3]): row[3] for row in rows}


def add(session: Session, more: Sequence[tuple[WalletKey, int]]) -> None:
    """Put credit into wallets, or (negative) take it out again; made at the first need."""
    sums: dict[WalletKey, int] = {}
    for key, minor in more:
        sums[key] = sums.get(key, 0) + minor
    found = sorted((key, minor) for key, minor in sums.items() if minor)
    if not found:
        return
    session.execute(
        "insert into wallet as w (merchant_id, customer_id, billing_entity_id, currency,"
        " balance_minor)"
        " select %s, t.* from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])"
        "  as t (customer_id, billing_entity_id, currency, minor)"
        " on conflict (merchant_id, customer_id, billing_entity_id, currency)"
        " do update set balance_minor = w.balance_minor + excluded.balance_minor",
        session.merchant_id,
        [key.customer_id for key, _ in found],
        [key.billing_entity_id for key, _ in found],
        [key.currency for key, _ in found],
        [minor for _, minor in found],
    )


def use(session: Session, uses: Sequence[WalletUse], now: datetime) -> None:
    """Take what invoices are paid with out of locked wallets; the invoices are new."""
    _take(session, uses)
    session.add(
        "wallet_use",
        [
            {
                "id": one.id,
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
                "invoice_id": one.invoice_id,
                "total_minor": one.total_minor,
                "paid_minor": one.amount_minor,
                "credited_minor": 0,
                "written_off_minor": 0,
            }
            for one in uses
        ],
    )


def used_by(session: Session, invoices: Sequence[UUID]) -> Mapping[UUID, int]:
    """What each of the invoices was paid from its customer's credit when it was issued."""
    rows = session.rows(
        "select invoice_id, amount_minor from wallet_use"
        " where merchant_id = %s and invoice_id = any(%s)",
        *(session.merchant_id, list(invoices)),
    )
    return {row[0]: row[1] for row in rows}


def _take(session: Session, uses: Sequence[WalletUse]) -> None:
    session.execute(
        "update wallet w set balance_minor = w.balance_minor - t.minor"
        " from (select customer_id, billing_entity_id, currency, sum(minor)::bigint as minor"
        "  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])"
        "   as u (customer_id, billing_entity_id, currency, minor) group by 1, 2, 3) t"
        " where w.merchant_id = %s and w.customer_id = t.customer_id"
        "  and w.billing_entity_id = t.billing_entity_id and w.currency = t.currency",
        [one.key.customer_id for one in uses],
        [one.key.billing_entity_id for one in uses],
        [one.key.currency for one in uses],
        [one.amount_minor for one in uses],
        session.merchant_id,
    )
