"""Let subscribers choose a plan or an add-on by themselves in the portal, or no more."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.catalog import SoldNoun
from kesto.flows.offer_in_portal import offer_in_portal
from kesto.web.office.gate import OfficeRequest, office
from kesto.web.ui.said import say


@office("publish", methods=("POST",))
def offer_plan(request: OfficeRequest, code: str) -> HttpResponse:
    """Let subscribers choose a plan in the portal, or no more."""
    return _offered(request, "plan", code)


@office("publish", methods=("POST",))
def offer_add_on(request: OfficeRequest, code: str) -> HttpResponse:
    """Let subscribers choose an add-on in the portal, or no more."""
    return _offered(request, "add_on", code)


def _offered(request: OfficeRequest, noun: SoldNoun, code: str) -> HttpResponse:
    staff = request.staff
    is_offered = request.POST.get("offered") == "on"
    merchant_id = staff.desk.merchant_id
    offer_in_portal(merchant_id, noun, code, staff.now, staff.actor, is_offered=is_offered)
    if is_offered:
        say(request, "ok", gettext("Subscribers can now choose it by themselves in the portal."))
    else:
        text = gettext("Whoever has it keeps it.")
        say(request, "ok", gettext("The portal does not offer it any more."), text)
    name = "office:plan" if noun == "plan" else "office:add_on"
    return HttpResponseRedirect(reverse(name, args=[code]))
