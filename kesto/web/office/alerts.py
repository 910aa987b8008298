"""Alerts of usage that staff set for a subscriber."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.flows.set_alert import drop_alert, set_alert
from kesto.flows.show_subscription import show_subscription
from kesto.flows.show_usage import used_in_all
from kesto.store import usage_alerts
from kesto.store.session import reading
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.subscription import title_of
from kesto.web.ui.alerts import AlertForm, alert_row
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say


@office("serve", methods=("GET", "HEAD", "POST"))
def alerts(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """Show the alerts of a subscription and set one more."""
    staff = request.staff
    merchant_id = staff.desk.merchant_id
    with reading(merchant_id) as session:
        shown = show_subscription(session, subscription_id, staff.now, words_language())
        used = used_in_all(session, shown.found, staff.now)
        kept = usage_alerts.of_subscription(session, subscription_id)
    form = AlertForm(used, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            set_alert(merchant_id, subscription_id, form.asked(used), staff.now, staff.actor)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("It is set. It is told once in each period."))
            return HttpResponseRedirect(reverse("office:alerts", args=[subscription_id]))
    return page(
        request,
        "alerts",
        "customers",
        shown=shown,
        back_name=title_of(shown),
        form=form if used else None,
        rows=[alert_row(one, shown.meters, shown.found.currency) for one in kept],
    )


@office("serve", methods=("POST",))
def drop(request: OfficeRequest, subscription_id: UUID, alert_id: UUID) -> HttpResponse:
    """Remove an alert."""
    staff = request.staff
    drop_alert(staff.desk.merchant_id, subscription_id, alert_id, staff.now, staff.actor)
    say(request, "ok", gettext("It is removed."))
    return HttpResponseRedirect(reverse("office:alerts", args=[subscription_id]))
