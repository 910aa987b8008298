"""Decide on a run that waits: approved, it begins; declined, nothing is billed."""

from datetime import datetime
from uuid import UUID

from kesto.core.ids import PREFIXES, parsed, shown
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from kesto.core.staff import may
from kesto.flows.start_billing import BILL, may_start
from kesto.store import api_keys, approvals, audit, jobs, merchants, staff
from kesto.store.approvals import Approval, State
from kesto.store.session import Session, writing

MOST_NOTE = 500


def approve_run(
    merchant_id: UUID,
    approval_id: UUID,
    note: str,
    now: datetime,
    actor: str,
    *,
    due_at: datetime | None,
) -> Approval:
    """Approve a run; a worker begins it from `due_at` on, or, without it, who called.

    Raises NotFound, Conflict when it was decided on already or a run is about to begin, Invalid
    for the note, and NotAllowed for who asked for it while somebody else may approve, and for a key
    of somebody who may not start runs any more.
    """
    with writing(merchant_id) as session:
        found = _waiting(session, approval_id)
        if needs_other(session, found, actor):
            raise NotAllowed(
                "who asked for a run does not approve it, nor does a key that they made:"
                " somebody else who may start runs does",
                code="four_eyes",
            )
        if not may_start(session, _maker(session, actor)):
            raise NotAllowed(
                "who made this key may not start runs any more: somebody who may makes a new one",
                code="scope_not_yours",
                field="Authorization",
            )
        if due_at is not None:
            if jobs.is_waiting(session, BILL):
                raise Conflict("a run is asked for already", code="run_asked", field="through")
            payload = {
                "through": found.through.isoformat(),
                "actor": found.asked_by,
                "approval": str(found.id),
            }
            jobs.ask(session, BILL, payload, due_at)
        _decide(session, found, "approved", note, now, actor)
    return found


def decline_run(
    merchant_id: UUID, approval_id: UUID, note: str, now: datetime, actor: str
) -> Approval:
    """Decline a run, also one's own. Raises NotFound, Conflict when it was decided on, Invalid."""
    with writing(merchant_id) as session:
        found = _waiting(session, approval_id)
        _decide(session, found, "declined", note, now, actor)
    return found


def needs_other(session: Session, found: Approval, actor: str) -> bool:
    """Whether who looks at a run asked for it and has to leave it to somebody else.

    A key of the API is who made it: nobody approves through one what they asked for themselves.
    """
    is_own = found.asked_by in {actor, _maker(session, actor)}
    return is_own and _others(session, found.asked_by)


def _waiting(session: Session, approval_id: UUID) -> Approval:
    """The approval, the merchant locked: two people do not decide at once."""
    merchants.merchant(session, lock=True)
    found = approvals.approval(session, approval_id)
    if found is None:
        raise NotFound("no such run waits", code="unknown_approval", field="approval")
    if found.state != "waiting":
        raise Conflict(
            f"this run is {found.state} already; start billing again to have it decided anew",
            code="decided_already",
            field="approval",
        )
    return found


def _maker(session: Session, actor: str) -> str:
    """Who made the key that acts; who acts in person, as they are."""
    if not actor.startswith(f"{PREFIXES['api_key']}_"):
        return actor
    return api_keys.made_by(session, parsed("api_key", actor))


def _others(session: Session, actor: str) -> bool:
    """Whether somebody else may approve a run."""
    return any(
        one.state == "active" and may(one.role, "bill") and shown("staff", one.id) != actor
        for one in staff.members(session)
    )


def _decide(
    session: Session, found: Approval, state: State, note: str, now: datetime, actor: str
) -> None:
    tidied = " ".join(note.split())
    if len(tidied) > MOST_NOTE:
        raise Invalid(f"give at most {MOST_NOTE} characters", code="long_note", field="note")
    approvals.decide(session, found.id, state, tidied, now, actor)
    data = {
        "approval": found.id,
        "through": found.through,
        "asked_by": found.asked_by,
        "invoices": found.invoices,
        "total_minor": found.total_minor,
        "note": tidied,
    }
    action = "approve_run" if state == "approved" else "decline_run"
    audit.record(session, action, data, now, actor)
