"""A test merchant's clock: where it stands, and time that passes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kesto.core.calendar import Interval, Schedule
from kesto.core.refusals import NotFound, Refused
from kesto.flows.live_through import LIVE_THROUGH, ask_to_live_through
from kesto.store import clock as store
from kesto.store import merchants
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office.forms import AskedForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say

STEPS = {"day": Interval("day"), "month": Interval("month"), "year": Interval("year")}


class ClockForm(AskedForm):
    """To which day time passes."""

    to = forms.DateField(
        label=gettext_lazy("Let it be"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@office("change_settings", methods=("GET", "HEAD", "POST"))
def clock(request: OfficeRequest) -> HttpResponse:
    """Show a test merchant's clock, and let time pass; a worker bills what falls due."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        clock_at = merchants.merchant(session).clock_at
        entities = merchants.billing_entities(session)
        last = store.journey(session, LIVE_THROUGH)
    if clock_at is None:
        raise NotFound("a live merchant has no clock", code="live_clock", field="merchant")
    zone = ZoneInfo(entities[0].zone if entities else "UTC")
    form = ClockForm(request.POST or None, initial={"to": staff.today})
    if form.is_valid():
        day = _wanted(request, form, staff.today)
        to = datetime.combine(day, clock_at.astimezone(zone).time(), zone)
        try:
            ask_to_live_through(staff.desk.merchant_id, to, staff.actor, due_at=real_now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            text = gettext("What falls due on the way is billed. This page shows how far it is.")
            say(request, "ok", gettext("Time passes."), text)
            return HttpResponseRedirect(reverse("office:settings_clock"))
    return page(request, "settings_clock", "settings", form=form, clock_at=clock_at, last=last)


def _wanted(request: OfficeRequest, form: ClockForm, today: date) -> date:
    """The day that a button says, else the one that was given."""
    step = STEPS.get(request.POST.get("by", ""))
    if step is not None:
        return Schedule(today, step).boundary(1)
    given: date | None = form.cleaned_data["to"]
    return given or today
