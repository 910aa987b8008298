"""Rehearse: what a billing run would make, by the very calls that bill; reads only.

Nothing is locked, numbered or written. Payers are taken in parts, so that any number of processes
may rehearse side by side: the credit of a payer comes off in one of them.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.billing import Account, BillingGroup, bill_account
from kesto.core.calendar import local_date
from kesto.core.counting import Ask, asked
from kesto.core.credit_lines import Day
from kesto.core.invoicing import Draft
from kesto.core.rating import Rater, UsageOf
from kesto.core.refusals import Invalid, NotFound
from kesto.core.wallets import WalletKey
from kesto.flows.bill import BillingDesk, desk_of
from kesto.flows.credit_difference import Owed, credit_difference
from kesto.flows.take_credit import Purses, purses_of
from kesto.flows.tell_differences import tell_differences
from kesto.store import billing, invoices, merchants, rehearsing
from kesto.store.invoices import Stored
from kesto.store.rehearsing import Part
from kesto.store.session import LOST, Role, Session, reading
from kesto.store.usage.counted import ALL, UsageBook
from kesto.words.foreseen import Foreseen

PART_GROUPS = 1_000


class Rehearsal(Struct, frozen=True):
    """A run that is rehearsed: what fell due by `due_through`, payers in parts.

    `role` says with whose rights it reads, `language` in which reasons are told.
    """

    merchant_id: UUID
    due_through: date
    now: datetime
    parts: tuple[Part, ...]
    role: Role
    language: str

    @property
    def groups(self) -> int:
        """How many billing groups have work."""
        return sum(part.groups for part in self.parts)


def prepare(
    merchant_id: UUID,
    through: date,
    now: datetime,
    *,
    customer: str = "",
    role: Role = "app",
    language: str = "en",
) -> Rehearsal:
    """Find what a run through a day would bill: of the whole merchant, or of one customer.

    Raises NotFound for a customer that nobody knows.
    """
    with reading(merchant_id, role) as session:
        due_through = billing.due_through(through, merchants.merchant(session).grace_days)
        payer_id = None
        if customer:
            payer_id = rehearsing.customer_called(session, customer)
            if payer_id is None:
                raise NotFound(f"there is no customer {customer}", field="customer")
        parts = rehearsing.parts(session, due_through, PART_GROUPS, payer_id)
    return Rehearsal(merchant_id, due_through, now, tuple(parts), role, language)


def rehearse(plan: Rehearsal, part: Part) -> list[Foreseen]:
    """What comes of a part's groups; those that would be left as they are do not stand in it."""
    with reading(plan.merchant_id, plan.role) as session:
        desk = desk_of(session)
        groups = rehearsing.groups_due(session, part, plan.due_through)
        payers = rehearsing.external_ids(session, [group.payer_id for group in groups])
        made = _outcomes(session, plan, desk, groups)
        before = _last(session, groups)
        pairs = [
            (before[one.group.id], one.draft)
            for one in made
            if one.draft is not None and one.group.id in before
        ]
        told = tell_differences(session, pairs, plan.language)
        return [
            Foreseen(
                one.group.id,
                payers.get(one.group.payer_id, ""),
                one.group.currency,
                one.draft.totals.total_minor if one.draft else 0,
                before[one.group.id].invoice.total_minor if one.group.id in before else None,
                one.credited_minor,
                told.get(one.group.id, ()),
                one.set_aside,
                is_invoice=one.draft is not None,
            )
            for one in made
        ]


class _Made(Struct, frozen=True):
    """What comes of a group."""

    group: BillingGroup
    draft: Draft | None = None
    credited_minor: int = 0
    set_aside: str = ""


def _outcomes(
    session: Session, plan: Rehearsal, desk: BillingDesk, groups: Sequence[BillingGroup]
) -> list[_Made]:
    """Bill groups; one that can't be billed is found by halves, as a run finds it."""
    if not groups:
        return []
    try:
        return _bill(session, plan, desk, groups)
    except LOST:
        raise
    except Exception as failure:  # noqa: BLE001 - as in a run: it would be set aside
        if len(groups) == 1:
            reason = f"billing failed: {type(failure).__name__}: {failure}"
            return [_Made(groups[0], set_aside=reason)]
    middle = len(groups) // 2
    first = _outcomes(session, plan, desk, groups[:middle])
    return first + _outcomes(session, plan, desk, groups[middle:])


def _bill(
    session: Session, plan: Rehearsal, desk: BillingDesk, groups: Sequence[BillingGroup]
) -> list[_Made]:
    accounts = billing.accounts_of(session, groups, desk.prices)
    usage = _counted(session, plan, accounts if desk.prices.is_metered else ())
    raters = {own: desk.raters[own].counting(usage) for own in desk.entities}
    purses = purses_of(session, [group.payer_id for group in groups])
    found: list[_Made] = []
    for account in accounts:
        made = _bill_one(session, plan, desk, account, raters[account.group.billing_entity_id])
        if made is not None:
            found.append(_less_credit(plan, desk, purses, made))
    return found


def _bill_one(
    session: Session, plan: Rehearsal, desk: BillingDesk, account: Account, rater: Rater
) -> _Made | None:
    """What a run would make of a group, before its customer's credit; None: nothing for now."""
    group = account.group
    outcome = bill_account(account, rater, plan.due_through, desk.limit_minor)
    if outcome.parked is not None:
        return _Made(group, set_aside=outcome.parked.reason)
    draft = outcome.draft
    if draft is None or draft.totals.total_minor >= 0:
        return None if draft is None else _Made(group, draft)
    owed = Owed(group, draft, group.reach(plan.due_through), ALL)
    parted = credit_difference(session, owed, plan.now, is_writing=False)
    rest = parted.rest
    if rest is not None and rest.totals.total_minor < 0 and outcome.cursor.next_due_on is not None:
        return None  # waits until an invoice takes it up
    notes_minor = sum(one.document.invoice.total_minor for one in parted.notes)
    return _Made(group, rest, notes_minor)


def _less_credit(plan: Rehearsal, desk: BillingDesk, purses: Purses, made: _Made) -> _Made:
    """The same less the credit that comes off before tax."""
    group = made.group
    if made.draft is None or not purses.is_any:
        return made
    entity = desk.entities[group.billing_entity_id]
    key = WalletKey(group.payer_id, entity.id, group.currency)
    day = Day(local_date(plan.now, entity.zone), entity.zone, group.currency, group.includes_tax)
    return _Made(group, purses.less(made.draft, key, day), made.credited_minor)


def _counted(session: Session, plan: Rehearsal, accounts: Sequence[Account]) -> UsageOf:
    """What the accounts' metered prices ask for, read at once."""
    book = UsageBook(session)
    asks: list[Ask] = []
    for account in accounts:
        after = None if account.group.dirty_from is not None else account.group.billed_through
        asks += asked(account.items, after, account.group.reach(plan.due_through), book.meters)
    with suppress(Invalid):  # what can't be counted is found with the group that it is of
        book.fetch(asks)
    return book.seen()


def _last(session: Session, groups: Sequence[BillingGroup]) -> dict[UUID, Stored]:
    """The last invoice of each group."""
    last = rehearsing.last_invoices(session, [group.id for group in groups])
    return {one.invoice.billing_group_id: one for one in invoices.load(session, [*last.values()])}
