"""Start billing: a person asks for a run, a worker makes it."""

from datetime import date, datetime
from uuid import UUID

from kesto.core.calendar import local_date
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, NotAllowed
from kesto.core.staff import may
from kesto.store import approvals, audit, jobs, merchants, staff
from kesto.store.session import Session, writing

BILL = "bill"


def start_billing(
    merchant_id: UUID, through: date, now: datetime, actor: str, *, due_at: datetime
) -> UUID:
    """Ask for a run through a day; `due_at` is the moment by the workers' clock. Answers the job.

    Raises NotAllowed for a day that has not come yet or a closed month, Conflict while one is
    asked for already or waits for approval.
    """
    with writing(merchant_id) as session:
        merchant = merchants.merchant(session, lock=True)
        today = local_date(now, merchants.billing_entities(session)[0].zone)
        if through > today:
            raise NotAllowed(
                f"{through} has not come yet: today is {today}", code="not_come", field="through"
            )
        if merchant.closed_through is not None and today <= merchant.closed_through:
            raise NotAllowed(
                f"the books are closed through {merchant.closed_through}", code="month_closed"
            )
        if jobs.is_waiting(session, BILL):
            raise Conflict("a run is asked for already", code="run_asked", field="through")
        if approvals.waiting(session) is not None:
            raise Conflict(
                "a run waits for approval: approve or decline it first",
                code="run_waits",
                field="through",
            )
        payload = {"through": through.isoformat(), "actor": actor}
        job_id = jobs.ask(session, BILL, payload, due_at)
        data = {"job": job_id, "through": through}
        audit.record(session, "start_billing", data, now, actor)
    return job_id


def may_start(session: Session, actor: str) -> bool:
    """Whether who acts may start runs; the command line, which is no member of the staff, may."""
    return all(
        one.state == "active" and may(one.role, "bill")
        for one in staff.members(session)
        if shown("staff", one.id) == actor
    )
