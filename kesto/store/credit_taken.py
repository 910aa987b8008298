"""Credit that came off invoices before their VAT: what of which grant, and what was left of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.wallets import Grant, Used, WalletKey, in_order
from kesto.store.session import Session
from kesto.store.wallets import change_balances, take_of_grants


class CreditTaken(Struct, frozen=True, gc=False):
    """Credit of a grant that came off an invoice before tax; `left_minor` was left of it then."""

    id: UUID
    key: WalletKey
    grant_id: UUID
    invoice_id: UUID
    amount_minor: int
    left_minor: int


def take(session: Session, taken: Sequence[CreditTaken], now: datetime) -> None:
    """Take what came off invoices before tax out of locked grants; the invoices are written."""
    if not taken:
        return
    changes: dict[WalletKey, int] = {}
    for one in taken:
        changes[one.key] = changes.get(one.key, 0) - one.amount_minor
    take_of_grants(session, [(one.grant_id, one.amount_minor) for one in taken])
    change_balances(session, changes)
    session.add(
        "credit_taken",
        [
            {
                "id": one.id,
                "grant_id": one.grant_id,
                "invoice_id": one.invoice_id,
                "amount_minor": one.amount_minor,
                "left_minor": one.left_minor,
                "created_at": now,
            }
            for one in taken
        ],
    )


def of_invoices(session: Session, invoices: Sequence[UUID]) -> dict[UUID, list[Used]]:
    """What came off invoices before tax, in the order of its use."""
    rows = session.rows(
        "select t.invoice_id, t.amount_minor, g.id, g.customer_id, g.billing_entity_id, g.currency,"
        "  g.kind, g.priority, g.valid_from, g.expires_on, g.created_at,"
        "  t.left_minor + t.amount_minor, g.amount_minor, g.before_tax"
        " from credit_taken t"
        " join credit_grant g on g.merchant_id = t.merchant_id and g.id = t.grant_id"
        " where t.merchant_id = %s and t.invoice_id = any(%s)",
        *(session.merchant_id, list(invoices)),
    )
    uses: dict[UUID, dict[UUID, Used]] = {}
    for invoice_id, minor, own, *key, kind, priority, start, end, at, left, whole, before in rows:
        grant = Grant(
            *(own, WalletKey(*key), kind, priority, start, end, at, left),
            amount_minor=whole,
            before_tax=before,
        )
        uses.setdefault(invoice_id, {})[own] = Used(grant, minor)
    return {
        invoice_id: [found[grant.id] for grant in in_order(one.grant for one in found.values())]
        for invoice_id, found in uses.items()
    }
