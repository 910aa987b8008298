"""Drafts: billing groups with something due that waits to be invoiced, and runs of one of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from kesto.core.billing import Account, BillingGroup
from kesto.store import billing
from kesto.store.billing import Chunk
from kesto.store.catalogue import PriceList
from kesto.store.session import Session


def accounts_due(
    session: Session, wanted: Mapping[str, object], limit: int, today: date, prices: PriceList
) -> list[Account]:
    """Groups with work by today, the newest first, with what they are billed from; locks nothing.

    `wanted` are conditions on `g` with what stands for their `%s`.
    """
    conditions = "".join(f" and {text}" for text in wanted)
    rows = session.rows(
        f"select {billing.GROUP} from billing_group g where g.merchant_id = %s"
        f"  and g.next_due_on <= %s and g.parked_at is null{conditions}"
        " order by g.id desc limit %s",
        *(session.merchant_id, today, *wanted.values(), limit),
    )
    groups = billing.looking_back(session, [BillingGroup(*row) for row in rows])
    return billing.accounts_of(session, groups, prices)


def begin_run_of_one(
    session: Session, run_id: UUID, through: date, group_id: UUID, now: datetime, usage_seen: int
) -> Chunk:
    """A run of one group, without grace, that ends in the transaction that began it."""
    session.execute(
        "insert into billing_run (merchant_id, id, through, grace_days, group_id, started_at,"
        " finished_at, usage_seen) values (%s, %s, %s, 0, %s, %s, %s, %s)",
        *(session.merchant_id, run_id, through, group_id, now, now, usage_seen),
    )
    session.execute(
        "insert into billing_chunk (merchant_id, run_id, chunk_no, first_group_id, last_group_id,"
        " groups, is_done, invoices, total_minor, parked)"
        " values (%s, %s, 0, %s, %s, 1, false, 0, 0, 0)",
        *(session.merchant_id, run_id, group_id, group_id),
    )
    return Chunk(run_id, 0, group_id, group_id)


def payers(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """The names and languages of who would pay."""
    rows = session.rows(
        "select c.id, p.name, c.language from customer c join person p"
        " on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where c.merchant_id = %s and c.id = any(%s)",
        *(session.merchant_id, list(ids)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
