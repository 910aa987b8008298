"""What a billing run reads and moves: groups, their items, what was billed, and the run itself."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.billing import Account, BillingGroup, Cursor
from kesto.core.invoicing import Parked
from kesto.store import arrays, running
from kesto.store.billed import billed_by_key
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.usage.late import late_since

# The payer is looked up for each group: joined, all customers would be read for each chunk.
GROUP = (
    "g.id, g.billing_entity_id, g.payer_id, g.currency, g.due_days, g.includes_tax,"
    " g.billed_through, g.dirty_from, g.history_seq, g.accepts_bounds, g.next_due_on,"
    " (select payer.snapshot_sha256 from customer payer"
    "  where payer.merchant_id = g.merchant_id and payer.id = g.payer_id), g.usage_seen"
)

ROOM = "32MB"
"""What a chunk's statements may hold: the rows of a table, for the check that looks at all."""

FEW_CHUNKS, FEW_GROUPS = 4, 1_000
"""A run is cut into so many chunks, for processes side by side, if they get so many groups each."""


class Chunk(Struct, frozen=True, gc=False):
    """A range of groups that one transaction bills."""

    run_id: UUID
    number: int
    first_group_id: UUID
    last_group_id: UUID


class Progress(Struct, frozen=True, gc=False):
    """How far a run is."""

    chunks: int
    chunks_done: int
    groups: int
    groups_done: int
    invoices: int
    total_minor: int
    parked: int


def open_run(session: Session) -> tuple[UUID, date, int, int] | None:
    """The unfinished run, its day, its grace and the usage that it sees, when there is one."""
    row = session.row(
        "select id, through, grace_days, usage_seen from billing_run"
        " where merchant_id = %s and finished_at is null"
        " order by id limit 1",
        session.merchant_id,
    )
    return (row[0], row[1], row[2], row[3]) if row else None


def begin_run(
    session: Session,
    run_id: UUID,
    through: date,
    chunk_groups: int,
    now: datetime,
    *,
    grace_days: int,
    usage_seen: int,
) -> int:
    """Cut the groups whose grace is over into chunks of up to so many; answers how many groups."""
    session.execute(
        "insert into billing_run (merchant_id, id, through, grace_days, started_at, usage_seen,"
        " begun_at) values (%s, %s, %s, %s, %s, %s, clock_timestamp())",
        *(session.merchant_id, run_id, through, grace_days, now, usage_seen),
    )
    # Equal chunks, the last four half as large: no worker is left with a long last one. A middling
    # run has some, too. Workers wait for this, so only where chunks begin and end is put together.
    session.change(
        "insert into billing_chunk (merchant_id, run_id, chunk_no, first_group_id, last_group_id,"
        " groups, is_done, invoices, total_minor, parked)"
        " with due as not materialized ("
        "  select id from billing_group where merchant_id = %(merchant)s"
        "   and next_due_on <= %(due)s and parked_at is null),"
        "  run as (select most, chunks, case when chunks > %(few_chunks)s"
        "    then chunks - 2 else chunks end as whole"
        "   from (select count(*) as most, greatest((count(*) + %(size)s - 1) / %(size)s,"
        "     least(%(few_chunks)s, count(*) / %(few_groups)s)) as chunks from due) t),"
        # Counted in halves of a chunk: two for each, one for each of the last four.
        "  chunk as (select no, first, lead(first) over (order by no) - 1 as last"
        "   from run, generate_series(0, 2 * chunks - whole) no, lateral ("
        "    select (least(2 * no, no + whole) * most + 2 * chunks - 1)"
        "     / greatest(2 * chunks, 1) as first) t)"
        " select %(merchant)s, %(run)s, no, (array_agg(id order by place))[1],"
        "  (array_agg(id order by place desc))[1], last - first + 1, false, 0, 0, 0"
        " from chunk cross join lateral unnest(array[first, last]) edge"
        " join (select id, row_number() over (order by id) - 1 as place from due) placed"
        "  on placed.place = edge"
        " where last >= first group by no, first, last",
        {
            "merchant": session.merchant_id,
            "run": run_id,
            "due": due_through(through, grace_days),
            "size": chunk_groups,
            "few_chunks": FEW_CHUNKS,
            "few_groups": FEW_GROUPS,
        },
    )
    row = session.row(
        "select coalesce(sum(groups), 0)::bigint from billing_chunk"
        " where merchant_id = %s and run_id = %s",
        *(session.merchant_id, run_id),
    )
    return row[0] if row else 0


def due_through(through: date, grace_days: int) -> date:
    """What fell due on or before this day is invoiced on a day; later things wait their grace."""
    return through - timedelta(days=grace_days)


def finish_run(session: Session, run_id: UUID, now: datetime) -> bool:
    """Close a run whose chunks are all done; answers whether this call closed it."""
    changed = session.execute(
        "update billing_run r set finished_at = %s where merchant_id = %s and id = %s"
        " and finished_at is null and not exists (select from billing_chunk c"
        "  where c.merchant_id = r.merchant_id and c.run_id = r.id and not c.is_done)",
        *(now, session.merchant_id, run_id),
    )
    return bool(changed)


def claim_chunk(session: Session, run_id: UUID) -> Chunk | None:
    """Take the next chunk that nobody works on; it is free again if this transaction dies."""
    row = session.row(
        "select run_id, chunk_no, first_group_id, last_group_id from billing_chunk"
        " where merchant_id = %s and run_id = %s and not is_done"
        " order by chunk_no limit 1 for update skip locked",
        *(session.merchant_id, run_id),
    )
    return Chunk(*row) if row else None


def count_chunk(
    session: Session,
    chunk: Chunk,
    *,
    invoices: int = 0,
    total_minor: int = 0,
    parked: int = 0,
    is_done: bool,
) -> None:
    """Add to a chunk's counts in the transaction of its invoices, and say whether it is done."""
    session.execute(
        "update billing_chunk set is_done = %s, invoices = invoices + %s,"
        " total_minor = total_minor + %s, parked = parked + %s,"
        " done_at = case when %s then clock_timestamp() end"
        " where merchant_id = %s and run_id = %s and chunk_no = %s",
        *(is_done, invoices, total_minor, parked, is_done),
        *(session.merchant_id, chunk.run_id, chunk.number),
    )


def progress(session: Session, run_id: UUID) -> Progress:
    """How far a run is, counted from its chunks."""
    row = session.row(
        "select count(*), count(*) filter (where is_done), coalesce(sum(groups), 0)::bigint,"
        " coalesce(sum(groups) filter (where is_done), 0)::bigint,"
        " coalesce(sum(invoices), 0)::bigint, coalesce(sum(total_minor), 0)::bigint,"
        " coalesce(sum(parked), 0)::bigint"
        " from billing_chunk where merchant_id = %s and run_id = %s",
        *(session.merchant_id, run_id),
    )
    return Progress(*(row or (0,) * 7))


def take_room(session: Session) -> None:
    """Let this transaction's checks hold a chunk's rows in memory, where less is usual."""
    session.execute(
        "select set_config('work_mem', %s, true)"
        " where pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(%s)",
        *(ROOM, ROOM),
    )


def lock_accounts(
    session: Session,
    first: UUID,
    last: UUID,
    through: date,
    prices: PriceList,
) -> list[Account]:
    """Lock the groups of a range that have work, and read what they are billed from."""
    groups = [
        BillingGroup(*row)
        for row in session.rows(
            f"select {GROUP} from billing_group g"
            " where g.merchant_id = %s and g.id between %s and %s"
            "  and g.next_due_on <= %s and g.parked_at is null"
            " order by g.id for update of g",
            *(session.merchant_id, first, last, through),
        )
    ]
    return accounts_of(session, groups, prices)  # what came late was marked before


def accounts_of_payer(session: Session, payer_id: UUID, prices: PriceList) -> list[Account]:
    """The groups of a payer that will be billed, with what they are billed from; locks nothing."""
    rows = session.rows(
        f"select {GROUP} from billing_group g"
        " where g.merchant_id = %s and g.payer_id = %s and g.next_due_on is not null"
        "  and g.parked_at is null order by g.next_due_on, g.id",
        *(session.merchant_id, payer_id),
    )
    groups = looking_back(session, [BillingGroup(*row) for row in rows])
    return accounts_of(session, groups, prices)


def looking_back(session: Session, groups: Sequence[BillingGroup]) -> list[BillingGroup]:
    """Groups as the next run will see them: those that usage came late for look at their past."""
    since = late_since(session, [group.id for group in groups])
    return [
        replace(group, dirty_from=min(group.dirty_from or since[group.id], since[group.id]))
        if group.id in since and since[group.id] < (group.billed_through or date.min)
        else group
        for group in groups
    ]


def accounts(
    session: Session, groups: Sequence[UUID], since: date, prices: PriceList
) -> list[Account]:
    """Groups as a run will see them whose past changed since a day; locks nothing."""
    dirty = [
        replace(one, dirty_from=min(one.dirty_from or since, since))
        for one in groups_by_id(session, groups)
    ]
    return accounts_of(session, dirty, prices)


def groups_by_id(session: Session, groups: Sequence[UUID]) -> list[BillingGroup]:
    """Groups in the order of their ids; locks nothing."""
    rows = session.rows(
        f"select {GROUP} from billing_group g where g.merchant_id = %s and g.id = any(%s)"
        " order by g.id",
        *(session.merchant_id, list(groups)),
    )
    return [BillingGroup(*row) for row in rows]


def accounts_of(
    session: Session, groups: Sequence[BillingGroup], prices: PriceList
) -> list[Account]:
    """Groups that were read, with what they are billed from."""
    discounts = running.discounts(session, [group.id for group in groups])
    # What is left of an amount for a period hangs on all that fell due in it.
    looking_back = {
        group_id.int
        for group_id, found in discounts.items()
        if any(one.amount_minor for one in found)
    }
    looking_back |= {group.id.int for group in groups if group.dirty_from is not None}
    items = running.items(session, groups, looking_back, prices)
    dirty = [group.id for group in groups if group.dirty_from is not None]
    billed = billed_by_key(session, dirty) if dirty else {}
    return [
        Account(
            group,
            tuple(items.get(group.id.int, ())),
            # Few have any, and an id is slow to look up.
            billed.get(group.id, {}) if group.dirty_from is not None else {},
            tuple(discounts.get(group.id, ())) if discounts else (),
        )
        for group in groups
    ]


def groups_with_work(session: Session, first: UUID, last: UUID, through: date) -> list[UUID]:
    """The groups of a range that wait to be billed, without locking them."""
    rows = session.rows(
        "select id from billing_group where merchant_id = %s and id between %s and %s"
        " and next_due_on <= %s and parked_at is null order by id",
        *(session.merchant_id, first, last, through),
    )
    return [group_id for (group_id,) in rows]


def move_cursors(session: Session, cursors: Sequence[Cursor], usage_seen: int) -> None:
    """Say of each group, in the order of ids, how far it is billed and when there is work again."""
    if not cursors:
        return
    # The range is said as well, so that the database reads it and not the whole table.
    arrays.change(
        session,
        "update billing_group g set billed_through = t.billed_through,"
        " next_due_on = t.next_due_on, accepts_bounds = false, usage_seen = %(usage_seen)s,"
        " dirty_from = case when t.is_clean then null"
        "  else coalesce(g.dirty_from, g.next_due_on) end"
        " from unnest(%(groups)s::uuid[], %(billed)s::date[], %(next)s::date[],"
        "  %(clean)s::boolean[]) as t(id, billed_through, next_due_on, is_clean)"
        " where g.merchant_id = %(merchant)s and g.id = t.id"
        "  and g.id between %(first)s and %(last)s",
        {
            "usage_seen": usage_seen,
            "groups": arrays.uuids([cursor.group_id for cursor in cursors]),
            "billed": arrays.dates([cursor.billed_through for cursor in cursors]),
            "next": arrays.dates([cursor.next_due_on for cursor in cursors]),
            "clean": arrays.truths([cursor.is_clean for cursor in cursors]),
            "merchant": session.merchant_id,
            "first": cursors[0].group_id,
            "last": cursors[-1].group_id,
        },
    )


def park(session: Session, parked: Mapping[UUID, Parked], now: datetime) -> None:
    """Set groups aside with the reason; they are left alone until a person releases them.

    What waits for the prices of a series goes back to work by itself: see `wake`.
    """
    if not parked:
        return
    session.execute(
        "update billing_group g set parked_reason = t.reason, parked_at = %s,"
        " awaits_series_id = (select s.id from price_series s"
        "  where s.merchant_id = g.merchant_id and s.code = t.awaits)"
        " from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, reason, awaits)"
        " where g.merchant_id = %s and g.id = t.id",
        *(now, list(parked), [one.reason for one in parked.values()]),
        *([one.awaits for one in parked.values()], session.merchant_id),
    )


def wake(session: Session, series_id: UUID | None = None) -> int:
    """Put groups that wait for prices back to work: of one series, or of all."""
    return session.execute(
        "update billing_group set parked_reason = '', parked_at = null, awaits_series_id = null"
        " where merchant_id = %s and awaits_series_id is not null"
        " and awaits_series_id = coalesce(%s, awaits_series_id)",
        *(session.merchant_id, series_id),
    )


def parked_groups(session: Session) -> list[tuple[UUID, str, str, datetime]]:
    """Groups that wait for a person: id, payer's external id, reason, since when."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in session.rows(
            "select g.id, c.external_id, g.parked_reason, g.parked_at from billing_group g"
            " join customer c on c.merchant_id = g.merchant_id and c.id = g.payer_id"
            " where g.merchant_id = %s and g.parked_at is not null order by g.parked_at, g.id",
            session.merchant_id,
        )
    ]


def release(session: Session, group_id: UUID, *, accepts_bounds: bool) -> bool:
    """Put a parked group back to work; `accepts_bounds` lets its next invoice pass the bounds."""
    return bool(
        session.execute(
            "update billing_group set parked_reason = '', parked_at = null,"
            " awaits_series_id = null, accepts_bounds = %s"
            " where merchant_id = %s and id = %s and parked_at is not null",
            *(accepts_bounds, session.merchant_id, group_id),
        )
    )


def due_days(session: Session, through: date, grace_days: int) -> tuple[int, date | None]:
    """How many groups a run for a day would bill, and the first day on which one fell due."""
    row = session.row(
        "select count(*), min(next_due_on) from billing_group"
        " where merchant_id = %s and next_due_on <= %s and parked_at is null",
        *(session.merchant_id, due_through(through, grace_days)),
    )
    return (row[0], row[1]) if row else (0, None)
