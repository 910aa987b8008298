"""A run above the limit: what it would come to, and the decision on it."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.ids import shown
from kesto.core.refusals import NotFound, Refused
from kesto.flows.clear_run import SCHEDULE
from kesto.flows.decide_run import approve_run, decline_run, needs_other
from kesto.store import api_keys, merchants, staff
from kesto.store import approvals as store
from kesto.store.approvals import Approval
from kesto.store.session import Session, reading
from kesto.web.clock import real_now
from kesto.web.office import words, written
from kesto.web.office.forms import ApprovalForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.pager import ROWS, pager
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.said import say


class Row(Struct, frozen=True):
    """A decision in a list, in words."""

    one: Approval
    decision: str
    tone: str
    asked_by: str
    decided_by: str


@office("money")
def approvals(request: OfficeRequest) -> HttpResponse:
    """List the runs that were decided on, and the one that waits."""
    with reading(request.staff.desk.merchant_id) as session:
        place = pager(request, store.count_decided(session))
        found = store.decided(session, ROWS, place.offset)
        waiting = store.waiting(session)
        names = _names(session)
        limit = merchants.limits(session).run_limit
    return page(
        request,
        "approvals",
        "runs",
        rows=[_row(one, names) for one in found],
        pager=place,
        waiting=waiting,
        limit=limit,
    )


@office("money")
def approval(request: OfficeRequest, approval_id: UUID) -> HttpResponse:
    """Show a run that waits, or what was decided of it."""
    at_work = request.staff
    with reading(at_work.desk.merchant_id) as session:
        found = store.approval(session, approval_id)
        if found is None:
            raise NotFound("no such run waits", code="unknown_approval", field="approval")
        earlier = store.approval(session, found.earlier_id) if found.earlier_id else None
        names = _names(session)
        limit = merchants.limits(session).run_limit
        is_others = needs_other(session, found, at_work.actor)
    return page(
        request,
        "approval",
        "runs",
        one=found,
        earlier=earlier,
        asked_by=_name(names, found.asked_by),
        decided_by=_name(names, found.decided_by),
        earlier_by=_name(names, earlier.decided_by) if earlier else "",
        change_minor=found.total_minor - found.before_minor,
        limit=limit,
        is_others=is_others,
        form=ApprovalForm(),
    )


@office("bill", methods=("POST",))
def decide(request: OfficeRequest, approval_id: UUID) -> HttpResponse:
    """Approve a run, and a worker begins it; or decline it."""
    at_work = request.staff
    note = request.POST.get("note", "")
    place = (at_work.desk.merchant_id, approval_id, note, at_work.now, at_work.actor)
    try:
        if request.POST.get("decision") == "approve":
            found = approve_run(*place, due_at=real_now())
            title = gettext("Billing through %(day)s begins.")
            text = gettext("This page shows how far it is.")
        else:
            found = decline_run(*place)
            title = gettext("Billing through %(day)s is declined.")
            text = gettext("Nothing was billed. It is asked for again when billing starts again.")
    except NotFound:
        raise
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
        return HttpResponseRedirect(reverse("office:approval", args=[approval_id]))
    say(request, "ok", title % {"day": written.day(found.through)}, text)
    return HttpResponseRedirect(reverse("office:runs"))


def _row(one: Approval, names: Mapping[str, str]) -> Row:
    return Row(
        one=one,
        decision=words.said(words.RUN_DECISIONS, one.state),
        tone=words.RUN_DECISION_TONES.get(one.state, ""),
        asked_by=_name(names, one.asked_by),
        decided_by=_name(names, one.decided_by),
    )


def _names(session: Session) -> dict[str, str]:
    """The names of staff and of keys of the API, by how the log calls them."""
    key = gettext("the API key %(name)s")
    programs = {
        shown("api_key", one.id): key % {"name": one.name} for one in api_keys.keys(session)
    }
    return programs | {shown("staff", one.id): one.name for one in staff.members(session)}


def _name(names: Mapping[str, str], actor: str) -> str:
    """Who it was, in words."""
    if actor == SCHEDULE:
        return gettext("the billing schedule")
    if actor == "command line":
        return gettext("the command line")
    return names.get(actor, actor)
