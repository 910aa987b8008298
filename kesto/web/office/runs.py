"""Billing runs: asked for, watched, looked through; what was set aside is decided on."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.money import major
from kesto.core.refusals import Refused
from kesto.flows.release import release
from kesto.flows.start_billing import BILL, start_billing
from kesto.store import approvals, billing, merchants
from kesto.store import invoices as stored
from kesto.store.office import runs as listed
from kesto.store.office.invoices import Wanted, summed
from kesto.store.office.runs import Changes, RunRow
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import written
from kesto.web.office.forms import ThroughForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.parked import by_cause
from kesto.web.office.refusals import refusal_text
from kesto.web.ui import charts
from kesto.web.ui.charts import End, Step
from kesto.web.ui.said import say

LATEST = 24
MOST_JUMPS = 20
LONG_SECONDS = 120


@office("money")
def runs(request: OfficeRequest) -> HttpResponse:
    """List runs, what is due now, and what was set aside."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        rows = listed.runs(session, LATEST)
        parked = listed.parked(session)
        asked = listed.asked(session, BILL)
        approval = approvals.waiting(session)
        asks = merchants.limits(session).run_limit.is_set or approvals.count_decided(session) > 0
        grace_days = merchants.merchant(session).grace_days
        due, due_since = billing.due_days(session, staff.today, grace_days)
    form = ThroughForm(latest_on=staff.today, initial={"through": staff.today.isoformat()})
    return page(
        request,
        "runs",
        "runs",
        rows=rows,
        parked=by_cause(parked),
        asked=asked,
        approval=approval,
        asks_first=asks,
        is_waiting=any(one.state == "waiting" for one in asked),
        due=due,
        due_since=due_since,
        form=form,
    )


@office("bill", methods=("POST",))
def start(request: OfficeRequest) -> HttpResponse:
    """Ask for a run; a worker makes it."""
    staff = request.staff
    form = ThroughForm(request.POST, latest_on=staff.today)
    if not form.is_valid():
        say(request, "bad", gettext("Give the day as it stands in the calendar."))
        return HttpResponseRedirect(reverse("office:runs"))
    through: date = form.cleaned_data["through"]
    try:
        start_billing(*(staff.desk.merchant_id, through, staff.now, staff.actor), due_at=real_now())
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        title = gettext("Billing through %(day)s begins.") % {"day": written.day(through)}
        say(request, "ok", title, gettext("This page shows how far it is."))
    return HttpResponseRedirect(reverse("office:runs"))


@office("money")
def run(request: OfficeRequest, run_id: UUID) -> HttpResponse:
    """Show a run: how far it is, what it came to, what changed from the one before."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        found = listed.run(session, run_id)
        waiting = listed.undelivered(session, found)
        changes = listed.changes(session, found) if found.finished_at else None
        jumps = listed.jumps(session, found, MOST_JUMPS) if found.finished_at else []
        numbers = stored.numbers_of(session, [jump.invoice_id for jump in jumps])
        parked = listed.parked(session) if found.parked else []
        wanted = Wanted("open", after_id=found.id, before_id=found.following_id, is_of_run=True)
        still_open = summed(session, wanted, staff.currency, staff.today)
    has_previous = changes is not None and found.previous_id is not None
    return page(
        request,
        "run",
        "runs",
        run=found,
        time_left=_time_left(found),
        waiting=waiting,
        delivered=found.invoices - waiting,
        open_minor=still_open.open_minor,
        open_count=still_open.count,
        changes=changes if has_previous else None,
        chart=_chart(staff, found, changes) if changes and has_previous else None,
        jumps=[(jump, numbers.get(jump.invoice_id, ""), _change(jump)) for jump in jumps]
        if has_previous
        else [],
        parked=by_cause(parked),
        least=written.money(listed.LEAST_CHANGE_MINOR, staff.currency),
    )


@office("bill", methods=("POST",))
def release_group(request: OfficeRequest, group_id: UUID) -> HttpResponse:
    """Put back to work what was set aside, and let it pass the bounds where that was chosen."""
    staff = request.staff
    accepts = request.POST.get("accepts", "") == "1"
    try:
        release(
            *(staff.desk.merchant_id, group_id, staff.now),
            accepts_bounds=accepts,
            actor=staff.actor,
        )
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        text = gettext("It is billed by the next run.")
        if accepts:
            text = gettext("It is billed by the next run, whatever the sum is.")
        say(request, "ok", gettext("The customer is back in billing."), text)
    return HttpResponseRedirect(reverse("office:runs"))


def _time_left(run: RunRow) -> tuple[str, int] | None:
    """Seconds or, from two minutes on, minutes; None where nobody can say."""
    goes = run.pace
    if goes is None:
        return None
    if goes.seconds_left < LONG_SECONDS:
        return "s", goes.seconds_left
    return "min", -(-goes.seconds_left // 60)


def _change(jump: listed.Jump) -> int:
    return jump.now_minor - jump.before_minor


def _chart(staff: Staff, run: RunRow, changes: Changes) -> charts.Chart:
    """From the sum of the run before to this one's."""
    steps = [
        (gettext("New"), changes.new_minor),
        (gettext("Not billed again"), -changes.ended_minor),
        (gettext("More than before"), changes.more_minor),
        (gettext("Less than before"), changes.less_minor),
    ]
    before = written.money(changes.before_minor, staff.currency)
    now = written.money(run.total_minor, staff.currency)
    told = gettext("From %(before)s in the run before to %(now)s in this one")
    return charts.waterfall(
        End(gettext("The run before"), before),
        [
            Step(name, major(minor, staff.currency), written.change(minor, staff.currency))
            for name, minor in steps
        ],
        End(gettext("This run"), now),
        charts.Words(
            told % {"before": before, "now": now},
            gettext("What changed between the runs"),
            (gettext("What"), gettext("Sum")),
        ),
    )
