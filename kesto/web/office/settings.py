"""Settings: of the merchant, of the company that stands on invoices, of how messages leave."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec.structs import asdict

from kesto.core.invoice import Seller
from kesto.core.refusals import NotFound, Refused
from kesto.flows.change_delivery import change_delivery
from kesto.flows.change_settings import change_billing_entity, change_merchant
from kesto.store import delivery as delivery_store
from kesto.store import merchants
from kesto.store.delivery import DeliverySetting
from kesto.store.merchants import Limits
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.forms import DeliveryForm, MerchantForm, SellerForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say

BOTH = ("GET", "HEAD", "POST")
USUAL_PORT = 587


@office("settings")
def settings(request: OfficeRequest) -> HttpResponse:
    """Show all settings."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        merchant = merchants.merchant(session)
        limits = merchants.limits(session)
        sellers = [*merchants.sellers(session).values()]
        sending = delivery_store.setting(session)
    return page(
        request,
        "settings",
        "settings",
        merchant=merchant,
        limits=limits,
        sellers=sellers,
        sending=sending,
        security=words.said(words.SECURITIES, sending.security) if sending else "",
        may_change=staff.may("change_settings"),
    )


@office("change_settings", methods=BOTH)
def merchant(request: OfficeRequest) -> HttpResponse:
    """Change the merchant's name and limits."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        name = merchants.merchant(session).name
        limits = merchants.limits(session)
    initial = {"name": name, **asdict(limits)}
    form = MerchantForm(request.POST or None, currency=staff.currency, initial=initial)
    if form.is_valid():
        values = dict(form.cleaned_data)
        wanted_name = values.pop("name")
        try:
            change_merchant(
                *(staff.desk.merchant_id, wanted_name, Limits(**values)), staff.now, staff.actor
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("The settings are saved."))
            return HttpResponseRedirect(reverse("office:settings"))
    return page(request, "settings_merchant", "settings", form=form)


@office("change_settings", methods=BOTH)
def seller(request: OfficeRequest, entity_id: UUID) -> HttpResponse:
    """Change what stands on invoices from now on."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = merchants.sellers(session).get(entity_id)
    if known is None:
        raise NotFound("there is no such company", field="billing_entity")
    initial = {**asdict(known.seller), "due_days": known.due_days}
    form = SellerForm(request.POST or None, initial=initial)
    if form.is_valid():
        values = dict(form.cleaned_data)
        due_days = values.pop("due_days")
        wanted = Seller(**values, country=known.seller.country)
        try:
            change_billing_entity(
                *(staff.desk.merchant_id, entity_id, wanted, due_days, staff.now, staff.actor)
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            text = gettext("Invoices from now on show this; issued ones keep what they had.")
            say(request, "ok", gettext("The company’s details are saved."), text)
            return HttpResponseRedirect(reverse("office:settings"))
    return page(request, "settings_seller", "settings", form=form, known=known)


@office("change_settings", methods=BOTH)
def delivery(request: OfficeRequest) -> HttpResponse:
    """Change how messages leave."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = delivery_store.setting(session)
        sellers = [*merchants.sellers(session).values()]
    usual = DeliverySetting("", USUAL_PORT, sellers[0].seller.email if sellers else "")
    form = DeliveryForm(request.POST or None, initial=asdict(known or usual))
    if form.is_valid():
        try:
            wanted = DeliverySetting(**form.cleaned_data)
            change_delivery(
                *(staff.desk.merchant_id, wanted, staff.now, staff.actor), due_at=real_now()
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            text = gettext("What waited for it goes out now.")
            say(request, "ok", gettext("The settings are saved."), text)
            return HttpResponseRedirect(reverse("office:settings"))
    return page(request, "settings_delivery", "settings", form=form)
