"""Billing runs: how far each is, what it changed, what it set aside."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.pace import Pace, pace
from kesto.core.refusals import NotFound
from kesto.store.session import Session

RUN = """
    select r.id, r.through, r.started_at, r.finished_at,
        (select p.id from billing_run p where p.merchant_id = r.merchant_id and p.id < r.id
            and p.group_id is null
            and exists (select from billing_chunk c where c.merchant_id = p.merchant_id
                and c.run_id = p.id and c.invoices > 0)
            order by p.id desc limit 1),
        (select p.id from billing_run p where p.merchant_id = r.merchant_id and p.id > r.id
            order by p.id limit 1),
        count(c.chunk_no), count(c.chunk_no) filter (where c.is_done),
        coalesce(sum(c.groups), 0)::bigint,
        coalesce(sum(c.groups) filter (where c.is_done), 0)::bigint,
        coalesce(sum(c.invoices), 0)::bigint, coalesce(sum(c.total_minor), 0)::bigint,
        coalesce(sum(c.parked), 0)::bigint,
        coalesce(sum(c.groups) filter (where c.done_at > clock_timestamp() - interval '1 minute'),
            0)::bigint,
        coalesce(least(60000, extract(epoch from clock_timestamp() - r.begun_at) * 1000),
            0)::bigint
    from billing_run r
    left join billing_chunk c on c.merchant_id = r.merchant_id and c.run_id = r.id
    where r.merchant_id = %s
"""
# The invoices of this run beside those of the run before, group by group. Ids rise with time and
# runs follow one another, so a run's invoices lie between two ids; one that is written by hand
# knows of no history.
COMPARED = """
    with now as (
        select billing_group_id, id, customer_id, total_minor from invoice
        where merchant_id = %(own)s and kind = 'invoice' and history_seq > 0 and id > %(run)s
            and (%(following)s::uuid is null or id < %(following)s)),
    before as (
        select billing_group_id, sum(total_minor)::bigint as total_minor from invoice
        where merchant_id = %(own)s and kind = 'invoice' and history_seq > 0
            and id > %(previous)s and id < %(run)s
        group by billing_group_id),
    beside as (
        select now.id, now.customer_id, now.total_minor as now_minor,
            before.total_minor as before_minor
        from now full join before using (billing_group_id))
"""
CHANGES = (
    COMPARED
    + """
    select count(*) filter (where before_minor is null),
        coalesce(sum(now_minor) filter (where before_minor is null), 0)::bigint,
        count(*) filter (where now_minor is null),
        coalesce(sum(before_minor) filter (where now_minor is null), 0)::bigint,
        count(*) filter (where now_minor > before_minor),
        coalesce(sum(now_minor - before_minor) filter (where now_minor > before_minor),
            0)::bigint,
        count(*) filter (where now_minor < before_minor),
        coalesce(sum(now_minor - before_minor) filter (where now_minor < before_minor),
            0)::bigint,
        count(*) filter (where now_minor = before_minor),
        coalesce(sum(before_minor), 0)::bigint
    from beside
"""
)
FINDINGS = (
    COMPARED
    + """
    select beside.id, beside.customer_id, p.name, before_minor, now_minor
    from beside
    join customer c on c.merchant_id = %(own)s and c.id = beside.customer_id
    join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
    where now_minor is not null and before_minor is not null
        and abs(now_minor - before_minor) * 10 > before_minor * 3
        and abs(now_minor - before_minor) >= %(least)s
    order by abs(now_minor - before_minor) desc, beside.id limit %(limit)s
"""
)
UNDELIVERED = """
    select (select count(*) from outbox where merchant_id = %(own)s
            and topic = 'invoice.issued' and subject_id > %(run)s
            and (%(following)s::uuid is null or subject_id < %(following)s))
        + (select count(distinct subject_id) from message where merchant_id = %(own)s
            and kind = 'invoice.issued' and state in ('waiting', 'sending', 'prepared')
            and subject_id > %(run)s
            and (%(following)s::uuid is null or subject_id < %(following)s))
"""
LEAST_CHANGE_MINOR = 500


class RunRow(Struct, frozen=True):
    """A run with its counts; `previous_id` is the last one before it that made invoices.

    `recent_groups` were done in the last minute, or since it began: `recent_milliseconds`.
    """

    id: UUID
    through: date
    started_at: datetime
    finished_at: datetime | None
    previous_id: UUID | None
    following_id: UUID | None
    chunks: int
    chunks_done: int
    groups: int
    groups_done: int
    invoices: int
    total_minor: int
    parked: int
    recent_groups: int
    recent_milliseconds: int

    @property
    def pace(self) -> Pace | None:
        """How fast it goes; None when it has ended or nobody can say."""
        if self.finished_at is not None:
            return None
        left = self.groups - self.groups_done
        return pace(left, self.recent_groups, self.recent_milliseconds)


class Changes(Struct, frozen=True):
    """A run beside the one before: who is new, who was not billed again, who pays more or less."""

    new: int
    new_minor: int
    ended: int
    ended_minor: int
    more: int
    more_minor: int
    less: int
    less_minor: int
    same: int
    before_minor: int


class Jump(Struct, frozen=True):
    """An invoice that is far from the customer's one before."""

    invoice_id: UUID
    customer_id: UUID
    customer_name: str
    before_minor: int
    now_minor: int


class Parked(Struct, frozen=True):
    """A billing group that was set aside, with its payer."""

    group_id: UUID
    customer_id: UUID
    customer_name: str
    external_id: str
    reason: str
    parked_at: datetime
    accepts_bounds: bool


class Asked(Struct, frozen=True):
    """A run that was asked for and has not begun, or gave up."""

    id: UUID
    through: date
    state: str
    error: str
    created_at: datetime


def runs(session: Session, limit: int) -> list[RunRow]:
    """The latest runs, the newest first."""
    query = RUN + " and r.group_id is null group by r.merchant_id, r.id order by r.id desc limit %s"
    return [RunRow(*row) for row in session.rows(query, session.merchant_id, limit)]


def run(session: Session, run_id: UUID) -> RunRow:
    """One run. Raises NotFound."""
    query = RUN + " and r.id = %s group by r.merchant_id, r.id"
    row = session.row(query, session.merchant_id, run_id)
    if row is None:
        raise NotFound("there is no such billing run", code="unknown_run", field="run")
    return RunRow(*row)


def changes(session: Session, run: RunRow) -> Changes:
    """What changed from the run before."""
    (row,) = session.named(CHANGES, _words(session, run))
    return Changes(*row)


def jumps(session: Session, run: RunRow, limit: int) -> list[Jump]:
    """Invoices that changed by more than 30 %, and by five units at least, the largest first."""
    words = _words(session, run) | {"least": LEAST_CHANGE_MINOR, "limit": limit}
    return [Jump(*row) for row in session.named(FINDINGS, words)]


def parked(session: Session) -> list[Parked]:
    """All groups that wait for a person, the longest first."""
    rows = session.rows(
        "select g.id, c.id, p.name, c.external_id, g.parked_reason, g.parked_at, g.accepts_bounds"
        " from billing_group g"
        " join customer c on c.merchant_id = g.merchant_id and c.id = g.payer_id"
        " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where g.merchant_id = %s and g.parked_at is not null order by g.parked_at, g.id",
        session.merchant_id,
    )
    return [Parked(*row) for row in rows]


def asked(session: Session, kind: str) -> list[Asked]:
    """Runs that wait for a worker or gave up, the latest first."""
    rows = session.rows(
        "select id, payload, state, error, created_at from job where merchant_id = %s"
        " and kind = %s and state in ('waiting', 'dead') order by id desc limit 5",
        *(session.merchant_id, kind),
    )
    return [Asked(row[0], _through(row[1]), *row[2:]) for row in rows]


def undelivered(session: Session, run: RunRow) -> int:
    """How many invoices of a run still wait to be handed over."""
    (row,) = session.named(UNDELIVERED, _words(session, run))
    return int(row[0])


def _words(session: Session, run: RunRow) -> dict[str, object]:
    return {
        "own": session.merchant_id,
        "run": run.id,
        "following": run.following_id,
        "previous": run.previous_id or UUID(int=0),
    }


def _through(payload: dict[str, Any]) -> date:
    return date.fromisoformat(payload["through"])
