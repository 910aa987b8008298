"""Alerts of usage that a subscriber sets."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.flows.set_alert import drop_alert, set_alert
from kesto.flows.show_usage import used_so_far
from kesto.store import usage_alerts
from kesto.store.session import reading
from kesto.web.portal.gate import PortalRequest, page, portal
from kesto.web.portal.subscription import changeable, title_of
from kesto.web.ui.alerts import AlertForm, alert_row
from kesto.web.ui.said import say


@portal(methods=("GET", "HEAD", "POST"))
def alerts(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show the alerts of a subscription and set one more."""
    customer = request.customer
    about = changeable(customer, subscription_id)
    with reading(customer.merchant_id) as session:
        used = used_so_far(session, about.found, customer.now)
        kept = usage_alerts.of_subscription(session, subscription_id)
    form = AlertForm(used, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            asked = form.asked(used)
            set_alert(customer.merchant_id, subscription_id, asked, customer.now, customer.actor)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("It is set. It is told once in each period."))
            return HttpResponseRedirect(reverse("portal:alerts", args=[subscription_id]))
    return page(
        request,
        "alerts",
        "home",
        shown=about,
        title=title_of(about),
        form=form if used else None,
        rows=[alert_row(one, about.meters, about.found.currency) for one in kept],
    )


@portal(methods=("POST",))
def drop(request: PortalRequest, subscription_id: UUID, alert_id: UUID) -> HttpResponse:
    """Remove an alert."""
    customer = request.customer
    changeable(customer, subscription_id)
    drop_alert(customer.merchant_id, subscription_id, alert_id, customer.now, customer.actor)
    say(request, "ok", gettext("It is removed."))
    return HttpResponseRedirect(reverse("portal:alerts", args=[subscription_id]))
