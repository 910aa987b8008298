"""Take credit: what was given before tax comes off invoices that are being made, in their flow.

The drafts come first, then the invoices are written, then what came off is taken of the grants.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.credit_lines import Day, less_credit
from kesto.core.invoicing import Draft
from kesto.core.wallets import Grant, Used, WalletKey
from kesto.store import credit_taken, wallets
from kesto.store.credit_taken import CreditTaken
from kesto.store.ids import new_ids
from kesto.store.session import Session, crash_point


class Reduced(Struct, frozen=True, gc=False):
    """What came off an invoice."""

    invoice_id: UUID
    credit: tuple[Used, ...]


class Purses:
    """What customers have to come off before tax, as one draft after the other takes of it.

    `is_any` says whether any of them has credit of whatever kind.
    """

    def __init__(self, grants: Iterable[Grant], *, is_any: bool = True) -> None:
        self.is_any = is_any
        self._left: dict[WalletKey, dict[UUID, Grant]] = {}
        for one in grants:
            self._left.setdefault(one.key, {})[one.id] = one

    def less(self, draft: Draft, key: WalletKey, day: Day) -> Draft:
        """A draft with the credit of its customer off it; what it takes is not there any more."""
        own = self._left.get(key) if self._left else None
        if own is None or draft.totals.total_minor <= 0:
            return draft
        made = less_credit(draft, own.values(), day)
        for grant, minor in made.credit:
            own[grant.id] = replace(grant, left_minor=grant.left_minor - minor)
        return made


def purses_of(session: Session, customers: Sequence[UUID], *, is_writing: bool = False) -> Purses:
    """What customers have to come off before tax, locked where it is to be taken."""
    if not customers:
        return Purses((), is_any=False)
    if not is_writing:
        return Purses(wallets.grants_left(session, customers, before_tax=True))
    owners = wallets.lock_wallets(session, customers)
    return Purses(wallets.lock_grants(session, owners, before_tax=True), is_any=bool(owners))


def take_credit(session: Session, reduced: Sequence[Reduced], now: datetime) -> None:
    """Take what came off written invoices out of the grants, which are locked.

    Nothing is booked: what was sold is less by it.
    """
    found = [(one.invoice_id, used) for one in reduced for used in one.credit]
    if not found:
        return
    crash_point("take_credit.before_taking")
    taken = [
        CreditTaken(
            *(own, used.grant.key, used.grant.id, invoice_id, used.amount_minor),
            left_minor=used.grant.left_minor - used.amount_minor,
        )
        for own, (invoice_id, used) in zip(new_ids(len(found)), found, strict=True)
    ]
    credit_taken.take(session, taken, now)
