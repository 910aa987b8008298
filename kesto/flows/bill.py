"""Bill: what is due and not yet billed becomes invoices, chunk by chunk.

A run is cut into chunks of billing groups. A chunk is locked, read set-based, priced by the pure
core, written by COPY and numbered last, in one transaction: it happens whole or not at all. Any
number of workers may call `work` for the same run; one that dies leaves its chunk to the others.
A chunk that fails is halved until the one group at fault is parked.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from kesto.adapters.banking.references import reference_of
from kesto.core import ledger
from kesto.core.billing import Account, BillingEntity, BillingGroup, Cursor, bill_account
from kesto.core.calendar import local_date
from kesto.core.counting import Ask, asked
from kesto.core.credit_lines import Day
from kesto.core.invoice import INVOICE, Document, Invoice
from kesto.core.invoicing import Draft, Parked, due_date
from kesto.core.merchant import Merchant
from kesto.core.rating import Rater, UsageOf
from kesto.core.refusals import NotAllowed, NotFound
from kesto.core.wallets import WalletKey
from kesto.countries.raters import rater_of
from kesto.flows.credit_difference import (
    Credited,
    Owed,
    Parted,
    credit_difference,
    settle_difference,
)
from kesto.flows.take_credit import Purses, Reduced, purses_of, take_credit
from kesto.flows.use_credit import use_credit
from kesto.store import audit, billing, merchants
from kesto.store.billing import Chunk
from kesto.store.catalogue import PriceList
from kesto.store.ids import new_id, new_ids
from kesto.store.invoice_writer import Writer, take_references
from kesto.store.session import LOST, Session, crash_point, reading, writing
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.late import look_back
from kesto.store.usage.taking_in import usage_so_far

CHUNK_GROUPS = 10_000


class Named(NamedTuple):
    """What makes a draft an invoice: its id, its reference, its day and its moment."""

    id: UUID
    reference: str
    on: date
    at: datetime


class Run(Struct, frozen=True, gc=False):
    """A billing run; `is_resumed` when it was begun earlier and not finished.

    It bills what fell due by `due_through`: `through` less the days of grace, and the usage that
    came up to the batch `usage_seen`: what comes meanwhile is for the next run.
    """

    id: UUID
    merchant_id: UUID
    through: date
    due_through: date
    groups: int
    is_resumed: bool
    usage_seen: int


class BillingDesk(NamedTuple):
    """What stays the same from chunk to chunk of a run."""

    entities: dict[UUID, BillingEntity]
    raters: dict[UUID, Rater]
    prices: PriceList
    limit_minor: int


def begin(merchant_id: UUID, through: date, now: datetime, chunk_groups: int = CHUNK_GROUPS) -> Run:
    """Begin a run over all groups with work on or before `through`, or resume the open one.

    What fell due later than the merchant's days of grace before `through` stays a draft. Raises
    NotAllowed for a day that has not come yet where the seller is, or that is closed.
    """
    with writing(merchant_id, "run") as session:
        usage_seen = usage_so_far(session)
    with writing(merchant_id, "run") as session:
        entity = _first_entity(session)
        today = local_date(now, entity.zone)
        if through > today:
            raise NotAllowed(
                f"{through} has not come yet: today is {today} in {entity.zone}", field="through"
            )
        merchant = merchants.merchant(session)
        check_open(merchant, today)
        unfinished = billing.open_run(session)
        if unfinished is not None:
            run_id, through, grace_days, usage_seen = unfinished
            groups = billing.progress(session, run_id).groups
        else:
            run_id, grace_days = new_id(), merchant.grace_days
            look_back(session, usage_seen)
            billing.wake(session)
            groups = billing.begin_run(
                *(session, run_id, through, chunk_groups, now),
                grace_days=grace_days,
                usage_seen=usage_seen,
            )
    return Run(
        id=run_id,
        merchant_id=merchant_id,
        through=through,
        due_through=billing.due_through(through, grace_days),
        groups=groups,
        is_resumed=unfinished is not None,
        usage_seen=usage_seen,
    )


def work(run: Run, now: datetime) -> int:
    """Bill chunk after chunk until none is left; answers how many invoices this call made."""
    with reading(run.merchant_id, "run") as session:
        desk = desk_of(session)
    invoices = 0
    while (made := _next_chunk(run, desk, now)) is not None:
        invoices += made
    return invoices


def bill(merchant_id: UUID, through: date, now: datetime) -> int:
    """A whole run by one worker; answers how many invoices were made."""
    return work(begin(merchant_id, through, now), now)


def check_open(merchant: Merchant, today: date) -> None:
    """Refuse to invoice on a day of a closed month. Raises NotAllowed."""
    if merchant.closed_through is not None and today <= merchant.closed_through:
        raise NotAllowed(
            f"the books are closed through {merchant.closed_through}: no invoice can be dated"
            f" {today}",
            code="month_closed",
            field="through",
        )


def _first_entity(session: Session) -> BillingEntity:
    entities = merchants.billing_entities(session)
    if not entities:
        raise NotFound("the merchant has no billing entity yet", field="billing_entity")
    return entities[0]


def desk_of(session: Session) -> BillingDesk:
    """What bills are made with, read once for a run."""
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    return BillingDesk(
        entities,
        {entity.id: rater_of(entity.country) for entity in entities.values()},
        PriceList(),
        merchants.merchant(session).invoice_limit_minor,
    )


def _next_chunk(run: Run, desk: BillingDesk, now: datetime) -> int | None:
    """Bill the next chunk; None when none is left that nobody works on: the last closes the run."""
    chunk = None
    try:
        with writing(run.merchant_id, "run") as session:
            chunk = billing.claim_chunk(session, run.id)
            if chunk is None:
                billing.finish_run(session, run.id, now)
                return None
            made = _bill_range(session, run, chunk, desk, now, is_done=True)
            crash_point("bill.before_commit")
        crash_point("bill.after_commit")
    except LOST:
        raise
    except Exception as failure:  # one bad group must not stop a run: it is found and parked
        if chunk is None:
            raise
        made = _bisect(run, chunk, desk, now, failure)
        with writing(run.merchant_id, "run") as session:
            billing.count_chunk(session, chunk, is_done=True)
    return made


def _bisect(run: Run, chunk: Chunk, desk: BillingDesk, now: datetime, failure: Exception) -> int:
    """Bill a failing chunk in halves until the group at fault stands alone, and park that."""
    with reading(run.merchant_id, "run") as session:
        groups = billing.groups_with_work(
            session, chunk.first_group_id, chunk.last_group_id, run.due_through
        )
    made = 0
    if len(groups) == 1:
        with writing(run.merchant_id, "run") as session:
            reason = f"billing failed: {type(failure).__name__}: {failure}"
            billing.park(session, {groups[0]: Parked("failed", reason)}, now)
            billing.count_chunk(session, chunk, parked=1, is_done=False)
            audit.record(session, "park", {"group": groups[0], "reason": reason}, now)
    elif groups:
        middle = len(groups) // 2
        for half in (groups[:middle], groups[middle:]):
            made += _half(run, Chunk(chunk.run_id, chunk.number, half[0], half[-1]), desk, now)
            crash_point("bill.between_halves")
    return made


def _half(run: Run, half: Chunk, desk: BillingDesk, now: datetime) -> int:
    try:
        with writing(run.merchant_id, "run") as session:
            return _bill_range(session, run, half, desk, now, is_done=False)
    except LOST:
        raise
    except Exception as failure:  # noqa: BLE001 - as above: halved again
        return _bisect(run, half, desk, now, failure)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Let the collector rest: a chunk's values hold no cycles, and it would walk them often."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_search_for_cycles()
def _bill_range(
    session: Session, run: Run, chunk: Chunk, desk: BillingDesk, now: datetime, *, is_done: bool
) -> int:
    """Lock, read, price, write, number: one range of groups in the open transaction."""
    billing.take_room(session)
    accounts = billing.lock_accounts(
        session, chunk.first_group_id, chunk.last_group_id, run.due_through, desk.prices
    )
    writer = bill_accounts(session, run, chunk, accounts, desk, now, is_done=is_done)
    counts = {"run": run.id, "chunk": chunk.number, "invoices": writer.invoices}
    audit.record(session, "bill", {**counts, "total_minor": writer.total_minor}, now)
    return writer.invoices


def bill_accounts(
    session: Session,
    run: Run,
    chunk: Chunk,
    accounts: Sequence[Account],
    desk: BillingDesk,
    now: datetime,
    *,
    is_done: bool,
) -> Writer:
    """Price, write, number: locked accounts in the open transaction; answers what was written."""
    usage = _counted(session, run, accounts if desk.prices.is_metered else ())
    raters = {own.int: desk.raters[own].counting(usage) for own in desk.entities}
    drafts: list[tuple[BillingGroup, Draft]] = []
    cursors: list[Cursor] = []
    parked: dict[UUID, Parked] = {}
    credited: list[Credited] = []
    for account in accounts:
        group = account.group
        rater = raters[group.billing_entity_id.int]
        outcome = bill_account(account, rater, run.due_through, desk.limit_minor)
        if outcome.parked is not None:
            parked[group.id] = outcome.parked
            continue
        cursors.append(outcome.cursor)
        draft = outcome.draft
        if draft is not None and draft.totals.total_minor < 0:
            owed = Owed(group, draft, group.reach(run.due_through), run.usage_seen)
            parted = credit_difference(session, owed, now)
            if _waits_for_more(parted, outcome.cursor):
                cursors[-1] = Cursor(group.id, group.billed_through, cursors[-1].next_due_on, False)
                continue
            draft = parted.rest
            credited += parted.notes
        if draft is not None:
            drafts.append((group, draft))
    writer = Writer(session)
    purses = purses_of(session, [group.payer_id for group, _ in drafts], is_writing=True)
    reduced = _add_invoices(writer, run, drafts, purses, desk, now)
    for one in credited:
        writer.add(one.document)
    writer.write()
    take_credit(session, reduced, now)
    settle_difference(session, credited, now)
    if purses.is_any or credited:  # a difference may be credit for another invoice
        use_credit(session, [one for one in writer.made if one.kind == INVOICE], now)
    billing.move_cursors(session, cursors, run.usage_seen)
    billing.park(session, parked, now)
    billing.count_chunk(
        session,
        chunk,
        invoices=writer.invoices,
        total_minor=writer.total_minor,
        parked=len(parked),
        is_done=is_done,
    )
    writer.number(now)
    return writer


def _add_invoices(
    writer: Writer,
    run: Run,
    drafts: Sequence[tuple[BillingGroup, Draft]],
    purses: Purses,
    desk: BillingDesk,
    now: datetime,
) -> list[Reduced]:
    """Hand drafts to the writer as invoices, less the credit that comes off before tax."""
    reduced: list[Reduced] = []
    ids = new_ids(len(drafts))
    bases = take_references(writer.session, len(drafts))
    sellers = {
        own.int: (entity, local_date(now, entity.zone), reference_of(entity.reference_scheme))
        for own, entity in desk.entities.items()
    }
    for (group, draft), own, base in zip(drafts, ids, bases, strict=True):
        entity, invoice_on, make_reference = sellers[group.billing_entity_id.int]
        made = draft
        if purses.is_any:
            key = WalletKey(group.payer_id, entity.id, group.currency)
            day = Day(invoice_on, entity.zone, group.currency, group.includes_tax)
            made = purses.less(draft, key, day)
        named = Named(own, make_reference(base), invoice_on, now)
        writer.add(_document(run, group, made, named, entity.snapshot_sha256))
        if made.credit:
            reduced.append(Reduced(own, made.credit))
    return reduced


def _waits_for_more(parted: Parted, cursor: Cursor) -> bool:
    """Whether what is below zero goes back to no invoice, and waits until one takes it up.

    A month at spot prices below zero is so; no invoice is below zero.
    """
    is_below = parted.rest is not None and parted.rest.totals.total_minor < 0
    return is_below and cursor.next_due_on is not None


def _counted(session: Session, run: Run, accounts: Sequence[Account]) -> UsageOf:
    """What the accounts' metered prices ask for, read at once; few other prices look at it."""
    book = UsageBook(session)
    asks: list[Ask] = []
    for account in accounts:
        if any(price.meter for item in account.items for price in item.prices):
            after = None if account.group.dirty_from is not None else account.group.billed_through
            through = account.group.reach(run.due_through)
            asks += asked(account.items, after, through, book.meters)
    book.fetch(asks, run.usage_seen)
    return book.seen(run.usage_seen)


def _document(
    run: Run, group: BillingGroup, made: Draft, named: Named, seller_sha256: bytes
) -> Document:
    """A draft as an invoice, its fields in their order: by name they are filled half as fast."""
    totals = made.totals
    tax_minor = totals.tax_minor
    invoice = Invoice(
        named.id,
        INVOICE,
        group.billing_entity_id,
        group.id,
        group.payer_id,
        group.currency,
        group.includes_tax,
        named.on,
        due_date(named.on, group.due_days),
        totals.net_minor,
        tax_minor,
        totals.net_minor + tax_minor,
        named.reference,
        seller_sha256,
        group.buyer_sha256,
        group.reach(run.due_through),
        group.history_seq,
        None,
        "",
        named.at,
        run.usage_seen,
    )
    postings = ledger.invoice(totals.revenue, tax_minor, group.currency)
    return Document(invoice, made.lines, totals.taxes, postings)
