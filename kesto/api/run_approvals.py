"""Run approvals: billing runs above the merchant's limit, what each would come to, the decision."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of, real_now
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import PageAsked, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Given, Line, amount, own_id
from kesto.flows.decide_run import MOST_NOTE, approve_run, decline_run
from kesto.store import merchants
from kesto.store.api import approvals as store
from kesto.store.approvals import Approval, State
from kesto.store.session import Session, reading

router = Router(tags=["run approvals"])
Decide = Callable[[UUID, UUID, str, datetime, str], Approval]


class RunApproval(Schema):
    """A billing run above the merchant's limit: what it would come to, and what was decided.

    It bills what is due by `through`: `invoices`, in `total` with VAT, where the same customers'
    last invoices came to `before`; `credited` goes back on credit notes, and so many are
    `set_aside`. `earlier` was approved, and the run has changed since by more than one percent.
    What is asked for again with other figures is `replaced` by another one. `asked_by` and
    `decided_by` are as the audit log has them: an id of staff or of a key, `schedule`, or
    `command line`.
    """

    id: str
    state: State
    through: date
    asked_by: str
    asked_at: datetime
    currency: str
    invoices: int
    total: str
    before: str
    credited: str
    set_aside: int
    earlier: str | None
    decided_by: str
    decided_at: datetime | None
    note: str


class RunApprovalPage(Schema):
    """A page of run approvals."""

    items: list[RunApproval]
    next_cursor: str | None


class RunApprovalsAsked(PageAsked):
    """Which approvals; at most one is `waiting`."""

    state: State | None = None


class RunDecision(Given):
    """Why it is decided so; it is kept with the decision."""

    note: Annotated[Line, Field(max_length=MOST_NOTE)] = ""


@router.get(
    "/run_approvals",
    operation_id="list_run_approvals",
    auth=Bearer("read"),
    response={200: RunApprovalPage, **READS},
    summary="List billing runs that wait, and past decisions",
)
def list_run_approvals(request: HttpRequest, asked: Query[RunApprovalsAsked]) -> dict[str, Any]:
    """The one that was asked for last first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.approvals(session, {"state": asked.state}, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        currency = _currency(session)
    return {"items": [_shown(row, currency) for row in rows], "next_cursor": cursor}


@router.get(
    "/run_approvals/{run_approval}",
    operation_id="get_run_approval",
    auth=Bearer("read"),
    response={200: RunApproval, **READS},
    summary="Read a run approval",
)
def get(request: HttpRequest, run_approval: str) -> RunApproval:
    """By its id. Its figures never change: with other figures it is another one."""
    with reading(holder(request).merchant_id) as session:
        return _shown(store.approval(session, run_approval), _currency(session))


@router.post(
    "/run_approvals/{run_approval}/approve",
    operation_id="approve_run",
    auth=Bearer("approve"),
    response={200: RunApproval, **WRITES},
    summary="Approve a billing run",
    openapi_extra=REQUIRED,
)
def approve(request: HttpRequest, run_approval: str, body: RunDecision) -> HttpResponse:
    """A worker begins it at once, unless it comes to something else by now: then it waits again.

    Refused with `four_eyes` where who made the key asked for the run and somebody else may decide.
    """

    def decide(*place: Any) -> Approval:
        return approve_run(*place, due_at=real_now())

    return _decided(request, run_approval, body.note, decide)


@router.post(
    "/run_approvals/{run_approval}/decline",
    operation_id="decline_run",
    auth=Bearer("approve"),
    response={200: RunApproval, **WRITES},
    summary="Decline a billing run",
    openapi_extra=REQUIRED,
)
def decline(request: HttpRequest, run_approval: str, body: RunDecision) -> HttpResponse:
    """Nothing is billed; it waits anew when somebody or the schedule asks for it again."""
    return _decided(request, run_approval, body.note, decline_run)


def _decided(request: HttpRequest, text: str, note: str, decide: Decide) -> HttpResponse:
    """Decide, and answer the approval as it is by then."""

    def work(session: Session) -> Made:
        own = store.approval(session, text).id
        now = now_of(merchants.merchant(session))
        decide(session.merchant_id, own, note, now, actor_of(request))
        found = store.approval(session, own_id("run_approval", own))
        return Made(200, _shown(found, _currency(session)), own)

    return once(request, work)


def _currency(session: Session) -> str:
    """The currency of sums over many invoices."""
    return merchants.billing_entities(session)[0].currency


def _shown(found: Approval, currency: str) -> RunApproval:
    return RunApproval(
        id=own_id("run_approval", found.id),
        state=found.state,
        through=found.through,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        currency=currency,
        invoices=found.invoices,
        total=amount(found.total_minor, currency),
        before=amount(found.before_minor, currency),
        credited=amount(found.credited_minor, currency),
        set_aside=found.set_aside,
        earlier=own_id("run_approval", found.earlier_id) if found.earlier_id else None,
        decided_by=found.decided_by,
        decided_at=found.decided_at,
        note=found.note,
    )
