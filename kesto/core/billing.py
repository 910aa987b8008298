"""Billing one group: the pure heart of a billing run, of a preview and of the proof afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from kesto.core.discount_lines import StandingDiscount
from kesto.core.invoicing import Billed, Draft, Parked, draft, out_of_bounds
from kesto.core.item import Item
from kesto.core.line import Key, Line
from kesto.core.rating import Rater

UNPRICED = "unpriced"
LONGEST_WAIT_DAYS = 31
"""So long a customer's credit may wait for the next invoice to take it up."""


class BillingEntity(Struct, frozen=True):
    """The seller as a run needs it."""

    id: UUID
    code: str
    country: str
    zone: str
    currency: str
    reference_scheme: str
    due_days: int
    iban: str
    snapshot_sha256: bytes


class BillingGroup(Struct, frozen=True, gc=False):
    """What shares an invoice, and how far it has been billed.

    `billed_through` None: never billed. `dirty_from` not None: the past changed and is looked at.
    `next_due_on` is the day when there is work again, `usage_seen` the last batch of usage that
    was counted.
    """

    id: UUID
    billing_entity_id: UUID
    payer_id: UUID
    currency: str
    due_days: int
    includes_tax: bool
    billed_through: date | None
    dirty_from: date | None
    history_seq: int
    accepts_bounds: bool
    next_due_on: date | None
    buyer_sha256: bytes
    usage_seen: int = 0

    def reach(self, through: date) -> date:
        """How far a run for a day bills: one for an earlier day takes back nothing."""
        billed = self.billed_through
        return through if billed is None or billed <= through else billed


class Account(Struct, frozen=True, gc=False):
    """A group with its items, and for a dirty one what was billed so far."""

    group: BillingGroup
    items: tuple[Item, ...]
    billed: Mapping[Key, Billed]
    discounts: tuple[StandingDiscount, ...] = ()


class Cursor(Struct, frozen=True, gc=False):
    """Where a group stands after it was looked at."""

    group_id: UUID
    billed_through: date | None
    next_due_on: date | None
    is_clean: bool


class Outcome(Struct, frozen=True, gc=False):
    """What billing a group comes to: an invoice or none, or a reason to set the group aside.

    The draft of a group that waits for prices holds what is known of it.
    """

    draft: Draft | None
    cursor: Cursor
    parked: Parked | None = None


def bill_account(account: Account, rater: Rater, through: date, limit_minor: int) -> Outcome:
    """Bill what a group owes up to and with a day, as far as it has not been billed.

    A clean group proposes what falls due after `billed_through` only; a dirty one is compared
    from its beginning. What comes to nothing makes no invoice. What comes to less than nothing
    waits when the next invoice follows soon and takes it up, else it is credited: the draft's
    total is below zero then.
    """
    group = account.group
    through = group.reach(through)
    after = None if group.dirty_from is not None else group.billed_through
    due, next_due_on = rater.due(account.items, after, through, account.discounts)
    made = draft(due, account.billed, includes_tax=group.includes_tax)
    done = Cursor(group.id, through, next_due_on, is_clean=True)
    waiting = _waits_for_prices(due)
    if waiting is not None:
        return Outcome(made, done, waiting)
    if made.is_empty:
        return Outcome(None, done)
    if not group.accepts_bounds:
        parked = out_of_bounds(
            made, billed=account.billed, currency=group.currency, limit_minor=limit_minor
        )
        if parked is not None:
            return Outcome(None, done, parked)
    if made.totals.total_minor < 0 and _is_taken_up(account, rater, after, through, next_due_on):
        later = Cursor(group.id, group.billed_through, next_due_on, is_clean=False)
        return Outcome(None, later)
    return Outcome(made, done)


def _waits_for_prices(due: Sequence[Line]) -> Parked | None:
    """Why a group waits: something was used at a time that has no price yet."""
    for line in due:
        if line.unpriced is not None:
            return Parked(UNPRICED, line.unpriced.reason, line.unpriced.series)
    return None


def _is_taken_up(
    account: Account, rater: Rater, after: date | None, through: date, next_due_on: date | None
) -> bool:
    """Whether an invoice that follows soon is large enough to set off what is below zero."""
    if next_due_on is None or (next_due_on - through).days > LONGEST_WAIT_DAYS:
        return False
    due, _ = rater.due(account.items, after, next_due_on, account.discounts)
    made = draft(due, account.billed, includes_tax=account.group.includes_tax)
    return made.totals.total_minor >= 0
