"""Use credit: what customers have pays the invoices that are being issued, within their flow."""

from collections.abc import Sequence
from datetime import datetime

from kesto.core import ledger
from kesto.core.invoice import Invoice
from kesto.core.wallets import WalletKey, paid_from
from kesto.store import journal, wallets
from kesto.store.ids import new_ids
from kesto.store.journal import Entry
from kesto.store.session import Session
from kesto.store.wallets import WalletUse


def use_credit(session: Session, invoices: Sequence[Invoice], now: datetime) -> None:
    """Pay new invoices from their customers' wallets, the oldest first, as far as these go.

    Asks once for all of them; where nobody has credit nothing else happens.
    """
    if not invoices:
        return
    balances = wallets.lock_balances(session, [one.customer_id for one in invoices])
    if not balances:
        return
    keys = [WalletKey(one.customer_id, one.billing_entity_id, one.currency) for one in invoices]
    due = [(key, one.total_minor) for key, one in zip(keys, invoices, strict=True)]
    paid = paid_from(balances, due)
    found = [
        (key, one, minor) for key, one, minor in zip(keys, invoices, paid, strict=True) if minor
    ]
    uses = [
        WalletUse(own, key, one.id, one.total_minor, minor)
        for own, (key, one, minor) in zip(new_ids(len(found)), found, strict=True)
    ]
    if not uses:
        return
    wallets.use(session, uses, now)
    journal.book(
        session,
        [
            Entry(
                use.id,
                "wallet_use",
                one.billing_entity_id,
                one.customer_id,
                one.invoice_on,
                ledger.wallet_use(use.amount_minor, one.currency),
            )
            for use, (_, one, _) in zip(uses, found, strict=True)
        ],
        now,
    )
