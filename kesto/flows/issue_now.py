"""Issue now: a person lets a draft be invoiced before its grace is over."""

from datetime import datetime
from uuid import UUID

from kesto.core.calendar import local_date
from kesto.core.refusals import Conflict
from kesto.flows.bill import Run, bill_accounts, check_open, desk_of
from kesto.flows.preview_next import Made
from kesto.flows.show_drafts import no_draft, sealed, waiting
from kesto.store import audit, billing, drafts, merchants
from kesto.store.ids import new_id
from kesto.store.session import crash_point, writing
from kesto.store.usage.late import look_back
from kesto.store.usage.taking_in import usage_so_far


def issue_now(
    merchant_id: UUID,
    group_id: UUID,
    now: datetime,
    actor: str,
    *,
    seal: str | None = None,
    accepts_bounds: bool = False,
) -> tuple[UUID, ...]:
    """Invoice the draft of a billing group; answers the ids of what was issued.

    It is an invoice as a rule; where a draft is below zero, credit notes. `seal` is that of the
    draft that was shown: Conflict where it has changed since. `accepts_bounds` says that a person
    looked at a draft that a run would set aside. Raises NotFound where nothing waits, Conflict
    while a run is on its way, NotAllowed in a closed month.
    """
    with writing(merchant_id) as session:
        desk = desk_of(session)
        today = local_date(now, next(iter(desk.entities.values())).zone)
        check_open(merchants.merchant(session), today)
        if billing.open_run(session) is not None:
            raise Conflict(
                "a billing run is on its way; wait until it is done", code="run_open", field="draft"
            )
        usage_seen = usage_so_far(session)
        look_back(session, usage_seen, group_id)
        accounts = billing.lock_accounts(session, group_id, group_id, today, desk.prices)
        made = _agreed(waiting(session, accounts, today), seal, accepts_bounds=accepts_bounds)
        through = made.due_through
        chunk = drafts.begin_run_of_one(session, new_id(), through, group_id, now, usage_seen)
        run = Run(chunk.run_id, merchant_id, through, through, 1, False, usage_seen)
        writer = bill_accounts(session, run, chunk, [made.account], desk, now, is_done=True)
        data = {"group": group_id, "through": through, "total_minor": made.draft.totals.total_minor}
        audit.record(session, "issue_now", data, now, actor)
        crash_point("issue_now.before_commit")
    crash_point("issue_now.after_commit")
    return tuple(one.id for one in writer.made)


def _agreed(found: list[Made], seal: str | None, *, accepts_bounds: bool) -> Made:
    """The draft that is to be issued, as it was shown and within the bounds, or a refusal."""
    if not found:
        raise no_draft()
    (made,) = found
    if seal is not None and sealed(made) != seal:
        raise Conflict(
            "the draft has changed since it was shown, or was issued; look at it again",
            code="draft_changed",
            field="draft",
        )
    if made.waits:
        raise Conflict(f"{made.waits}; give them first", code="unpriced", field="draft")
    if made.is_checked and not accepts_bounds:
        raise Conflict(
            "the draft is out of the usual bounds: a person looks at it in the office first",
            code="out_of_bounds",
            field="draft",
        )
    return made
