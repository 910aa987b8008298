"""Keep credit: what is over of a payment or a credit note goes into the wallet, within its flow."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core import ledger
from kesto.core.invoice import Invoice
from kesto.core.wallets import GIVEN, PAID, WalletKey, gives_back
from kesto.store import journal, wallets
from kesto.store.ids import new_id
from kesto.store.journal import Entry
from kesto.store.payments import Payment
from kesto.store.session import Session
from kesto.store.wallets import NewGrant


class Kept(Struct, frozen=True):
    """What a credit note keeps for its customer of what was paid on an invoice.

    `back_minor` comes back of credit that came off the invoice before tax.
    """

    note: Invoice
    invoice_id: UUID
    kept_minor: int
    back_minor: int = 0


def keep_overpaid(session: Session, paid: Sequence[tuple[Payment, UUID]], now: datetime) -> None:
    """What payments left over is their customers' money, each with its billing entity."""
    wallets.add(
        session,
        [
            NewGrant(
                id=new_id(),
                key=WalletKey(one.customer_id, entity_id, one.currency),
                kind=PAID,
                origin="overpayment",
                amount_minor=one.amount_minor - one.allocated_minor,
                source_id=one.id,
            )
            for one, entity_id in paid
            if one.amount_minor > one.allocated_minor
        ],
        now,
    )


def keep_credited(session: Session, kept: Sequence[Kept], now: datetime) -> None:
    """What credit notes keep is the customer's money, but what was given stays given.

    What came off before tax comes back to come off before tax again; nothing is booked for it, as
    nothing was when it was used: the credit note takes back what was sold.
    """
    kept = [one for one in kept if one.kept_minor > 0 or one.back_minor]
    if not kept:
        return
    given = {
        own: list(sums)
        for own, sums in wallets.given_of(session, [one.invoice_id for one in kept]).items()
    }
    grants: list[NewGrant] = []
    for one in kept:
        used_minor, back_minor = given.get(one.invoice_id, (0, 0))
        back = gives_back(one.kept_minor, used_minor, back_minor)
        if back:
            given[one.invoice_id][1] += back
        grants += [
            _grant(one.note, kind, minor, before_tax=before_tax)
            for kind, minor, before_tax in (
                (PAID, one.kept_minor - back, False),
                (GIVEN, back, False),
                (GIVEN, one.back_minor, True),
            )
            if minor
        ]
    wallets.add(session, grants, now)
    notes = {one.note.id: one.note for one in kept}
    entries = [
        Entry(
            *(one.id, "credit_grant", one.key.billing_entity_id, one.key.customer_id),
            notes[one.source_id].invoice_on,
            ledger.given_back(one.amount_minor, one.key.currency),
        )
        for one in grants
        if one.kind == GIVEN and not one.before_tax and one.source_id is not None
    ]
    journal.book(session, entries, now)


def _grant(note: Invoice, kind: str, minor: int, *, before_tax: bool) -> NewGrant:
    key = WalletKey(note.customer_id, note.billing_entity_id, note.currency)
    return NewGrant(
        id=new_id(),
        key=key,
        kind=kind,
        origin="credit_note",
        amount_minor=minor,
        source_id=note.id,
        before_tax=before_tax,
    )
