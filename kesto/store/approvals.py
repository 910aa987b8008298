"""Approvals of billing runs: what waits, and what was decided."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.run_limit import RunSize
from kesto.store.session import Session

State = Literal["waiting", "approved", "declined", "replaced"]


class Approval(Struct, frozen=True):
    """A run above the limit: who asked for it, what it would come to, what was decided.

    `before_minor` is the last invoices of those that get one again. `earlier_id` was approved, and
    the run has changed since.
    """

    id: UUID
    through: date
    asked_by: str
    asked_at: datetime
    invoices: int
    total_minor: int
    before_minor: int
    credited_minor: int
    set_aside: int
    earlier_id: UUID | None = None
    state: State = "waiting"
    decided_by: str = ""
    decided_at: datetime | None = None
    note: str = ""

    @property
    def size(self) -> RunSize:
        """What the run would come to."""
        return RunSize(self.invoices, self.total_minor)


FIELDS = ", ".join(Approval.__struct_fields__)


def add(session: Session, approval: Approval) -> None:
    """Let a run wait; the one that waited before must have been decided on."""
    session.add("run_approval", [structs.asdict(approval)])


def approval(session: Session, own: UUID) -> Approval | None:
    """One approval, or None."""
    row = session.row(
        f"select {FIELDS} from run_approval where merchant_id = %s and id = %s",
        *(session.merchant_id, own),
    )
    return Approval(*row) if row else None


def waiting(session: Session) -> Approval | None:
    """The run that waits, or None."""
    row = session.row(
        f"select {FIELDS} from run_approval where merchant_id = %s and state = 'waiting'",
        session.merchant_id,
    )
    return Approval(*row) if row else None


def count_decided(session: Session) -> int:
    """How many were decided on, or asked for again with other figures."""
    row = session.row(
        "select count(*) from run_approval where merchant_id = %s and state <> 'waiting'",
        session.merchant_id,
    )
    return row[0] if row else 0


def decided(session: Session, limit: int, offset: int) -> list[Approval]:
    """A page of those that wait no more, what was asked for last first."""
    rows = session.rows(
        f"select {FIELDS} from run_approval where merchant_id = %s and state <> 'waiting'"
        " order by id desc limit %s offset %s",
        *(session.merchant_id, limit, offset),
    )
    return [Approval(*row) for row in rows]


def decide(session: Session, own: UUID, state: State, note: str, now: datetime, by: str) -> None:
    """Write down what was decided of a run that waits."""
    session.execute(
        "update run_approval set state = %s, note = %s, decided_at = %s, decided_by = %s"
        " where merchant_id = %s and id = %s and state = 'waiting'",
        *(state, note, now, by, session.merchant_id, own),
    )
