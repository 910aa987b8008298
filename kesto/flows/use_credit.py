"""Use credit: what customers have pays the invoices that are being issued, within their flow."""

from collections.abc import Sequence
from datetime import datetime

from kesto.core import ledger
from kesto.core.invoice import Invoice
from kesto.core.wallets import GIVEN, Due, Used, WalletKey, paid_from
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
    owners = wallets.lock_wallets(session, [one.customer_id for one in invoices])
    grants = wallets.lock_grants(session, owners)
    if not grants:
        return
    paid = paid_from(grants, [_due(one) for one in invoices])
    found = [(one, part) for one, parts in zip(invoices, paid, strict=True) for part in parts]
    if not found:
        return
    uses = [
        WalletUse(*(own, part.grant.key, part.grant.id, one.id, one.total_minor, part.amount_minor))
        for own, (one, part) in zip(new_ids(len(found)), found, strict=True)
    ]
    wallets.use(session, uses, now)
    entries = [_entry(use, *of) for use, of in zip(uses, found, strict=True)]
    journal.book(session, entries, now)


def _due(one: Invoice) -> Due:
    key = WalletKey(one.customer_id, one.billing_entity_id, one.currency)
    return Due(key, one.total_minor, one.invoice_on)


def _entry(use: WalletUse, one: Invoice, part: Used) -> Entry:
    template = ledger.given_use if part.grant.kind == GIVEN else ledger.wallet_use
    postings = template(part.amount_minor, one.currency)
    return Entry(
        *(use.id, "wallet_use", one.billing_entity_id, one.customer_id, one.invoice_on), postings
    )
