"""Clear a run: one above the merchant's limit waits until somebody approves it.

It is computed first, by a rehearsal, and compared with the limit or with what was approved.
"""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import NotAllowed
from kesto.core.run_limit import has_changed
from kesto.flows.rehearse import Rehearsal, prepare, rehearse
from kesto.store import approvals, audit, billing, merchants
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.session import Session, reading, writing
from kesto.words.foreseen import Sums

SCHEDULE = "schedule"
"""Who asks for the runs that come by themselves."""


class RunAsked(Struct, frozen=True):
    """A run that is to begin: through which day, who asked, and the approval that it has."""

    through: date
    actor: str
    approval_id: UUID | None = None


class ApprovalWaits(NotAllowed):
    """The run is above the merchant's limit and waits until somebody approves it."""

    default_code = "run_waits"

    def __init__(self, approval: Approval) -> None:
        changed = " it has changed since it was approved, and" if approval.earlier_id else " it"
        super().__init__(
            f"the run through {approval.through} is above the merchant's limit"
            f" ({approval.invoices} invoices):{changed} waits for approval; approve it on"
            " Billing runs in the office, or with `kesto bill --approve`",
            field="through",
        )
        self.approval = approval


def add_up(plan: Rehearsal) -> Sums:
    """What a rehearsed run comes to, computed in this very process."""
    sums = Sums()
    for part in plan.parts:
        sums.count(rehearse(plan, part))
    return sums


def clear_run(
    merchant_id: UUID,
    asked: RunAsked,
    now: datetime,
    *,
    add_up: Callable[[Rehearsal], Sums] = add_up,
) -> None:
    """Return when a run may begin, or an earlier one goes on first.

    Raises ApprovalWaits when it is above the limit and not approved, or when it comes to something
    else than what was approved; then it is written down as waiting.
    """
    with reading(merchant_id, "run") as session:
        limit = merchants.limits(session).run_limit
        if not limit.is_set or billing.open_run(session) is not None:
            return
    sums = add_up(prepare(merchant_id, asked.through, now, role="run"))
    found = Approval(
        new_id(),
        *(asked.through, asked.actor, now, sums.invoices, sums.total_minor),
        *(sums.before_minor, sums.credited_minor, sums.set_aside),
    )
    if not limit.is_exceeded(found.size):
        return
    with writing(merchant_id) as session:
        merchants.merchant(session, lock=True)
        earlier = approvals.approval(session, asked.approval_id) if asked.approval_id else None
        if earlier is not None and _still_counts(earlier, found):
            return
        waits = _waits(session, found, earlier, now)
    raise ApprovalWaits(waits)


def _still_counts(earlier: Approval, found: Approval) -> bool:
    return (
        earlier.state == "approved"
        and earlier.through == found.through
        and not has_changed(earlier.size, found.size)
    )


def _waits(session: Session, found: Approval, earlier: Approval | None, now: datetime) -> Approval:
    """Write down a run as waiting; what waits already with the same figures stays as it is.

    What a person asked for stays theirs when the schedule asks again.
    """
    known = approvals.waiting(session)
    asked_by = found.asked_by
    if known is not None:
        if known.through == found.through and known.size == found.size:
            return known
        asked_by = known.asked_by if asked_by == SCHEDULE else asked_by
        approvals.decide(session, known.id, "replaced", "", now, found.asked_by)
    waits = Approval(
        found.id,
        *(found.through, asked_by, now, found.invoices, found.total_minor),
        *(found.before_minor, found.credited_minor, found.set_aside),
        earlier_id=earlier.id if earlier is not None and earlier.state == "approved" else None,
    )
    approvals.add(session, waits)
    data = {
        "approval": waits.id,
        "through": waits.through,
        "asked_by": waits.asked_by,
        "invoices": waits.invoices,
        "total_minor": waits.total_minor,
        "earlier": waits.earlier_id,
    }
    audit.record(session, "ask_approval", data, now, found.asked_by)
    return waits
