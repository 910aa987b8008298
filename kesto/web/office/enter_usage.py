"""Usage entered by hand: the same door as the programs', and its answer said."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.catalog import SoldMeter
from kesto.core.refusals import Conflict, Invalid
from kesto.flows.accept_usage import Verdict
from kesto.flows.enter_usage import enter_usage as enter
from kesto.flows.show_subscription import show_subscription
from kesto.flows.show_usage import used_in_all
from kesto.store import meters
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import written
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.subscription import title_of
from kesto.web.office.usage_form import UsageForm
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say


@office("serve", methods=("GET", "HEAD", "POST"))
def enter_usage(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """Enter an event of a subscription."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        shown = show_subscription(session, subscription_id, staff.now, words_language())
        known = meters.meters(session)
        used = used_in_all(session, shown.found, staff.now)
    own = {one.meter.code for one in used}
    # Those that its prices count come first.
    choices = [
        (code, _called(one, is_priced=code in own))
        for code, one in sorted(known.items(), key=lambda item: (item[0] not in own, item[0]))
    ]
    initial = {"id": new_id().hex, "time": _local(staff.now, shown.life.zone)}
    form = UsageForm(shown, choices, known, request.POST or None, initial=initial)
    if form.is_valid():
        verdict = enter(*(staff.desk.merchant_id, form.event(), staff.now, real_now(), staff.actor))
        if verdict.status != "rejected":
            _say(request, verdict)
            return HttpResponseRedirect(reverse("office:events", args=[shown.id]))
        kind = Conflict if verdict.code == "conflict" else Invalid
        form.refuse(kind(verdict.detail, code=verdict.code, field=verdict.field))
    return page(
        request,
        "enter_usage",
        "customers",
        form=form,
        shown=shown,
        back_name=title_of(shown),
        has_meters=bool(choices),
    )


def _called(one: SoldMeter, *, is_priced: bool) -> str:
    name = written.name(one.names)
    called = f"{name} ({one.unit})" if one.unit else name
    return called if is_priced else gettext("%(meter)s – has no price here") % {"meter": called}


def _say(request: OfficeRequest, verdict: Verdict) -> None:
    if verdict.status == "duplicate":
        say(request, "info", gettext("This event was entered before. It is counted once."))
    elif verdict.note:
        text = gettext("No price of the subscription counts it, or its value can’t be counted.")
        say(request, "warn", gettext("The event is kept, but it does not count."), text)
    else:
        text = gettext("It is on the next bill.")
        say(request, "ok", gettext("The event is taken in and counts."), text)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
