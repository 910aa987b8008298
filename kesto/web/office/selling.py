"""Coupons, meters and features: made once, and what may still change of a coupon."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import structs

from kesto.core.catalog import Catalogue, Coupon, Feature, SoldMeter
from kesto.core.money import parse_minor
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused, RefusedTogether
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import coupons as coupon_store
from kesto.store import meters as meter_store
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.catalogue import coupon_words
from kesto.web.office.catalogue_forms import (
    ChangeCouponForm,
    CouponForm,
    FeatureForm,
    MeterForm,
    NamedForm,
)
from kesto.web.office.draft_meter import counting_of
from kesto.web.office.draft_price import number
from kesto.web.office.forms import AskedForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say

BOTH = ("GET", "HEAD", "POST")
ZERO = Decimal(0)


@office("publish", methods=BOTH)
def new_coupon(request: OfficeRequest) -> HttpResponse:
    """Make a coupon."""
    form = CouponForm(request.POST or None, initial={"currency": request.staff.currency})
    with reading(request.staff.desk.merchant_id) as session:
        known = set(coupon_store.coupons(session))
    if form.is_valid() and _is_new(form, known):
        try:
            coupon = _coupon(form)
            _publish(request, coupons=(coupon,))
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            return _made(request, form)
    title = gettext("New coupon")
    return page(request, "catalogue_form", "catalogue", form=form, title=title)


@office("publish", methods=BOTH)
def coupon(request: OfficeRequest, code: str) -> HttpResponse:
    """End a coupon, or add codes to it; what it gives stays."""
    with reading(request.staff.desk.merchant_id) as session:
        known = coupon_store.coupons(session).get(code)
    if known is None:
        raise NotFound("there is no such coupon", code="unknown_coupon", field="coupon")
    initial = {"valid_until": known.valid_until}
    form = ChangeCouponForm(request.POST or None, initial=initial)
    if form.is_valid():
        wanted = structs.replace(
            known,
            valid_until=form.cleaned_data["valid_until"],
            codes=(*known.codes, *form.cleaned_data["codes"]),
        )
        if request.POST.get("do") == "end":
            yesterday = request.staff.today - timedelta(days=1)
            wanted = structs.replace(wanted, valid_until=yesterday)
        try:
            _publish(request, coupons=(wanted,))
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            say(request, "ok", gettext("The coupon is saved."))
            return HttpResponseRedirect(reverse("office:catalogue"))
    return page(
        request,
        "coupon",
        "catalogue",
        form=form,
        coupon=known,
        name=written.name(known.names),
        worth=coupon_words(known),
    )


@office("publish", methods=BOTH)
def new_meter(request: OfficeRequest) -> HttpResponse:
    """Make a meter."""
    form = MeterForm(request.POST or None)
    with reading(request.staff.desk.merchant_id) as session:
        known = set(meter_store.meters(session))
    if form.is_valid() and _is_new(form, known):
        given = form.cleaned_data
        try:
            counting = counting_of(given["aggregation"], given["property_name"], given["group_by"])
            meter = SoldMeter(
                *(new_id(), given["code"], form.names, counting, given["unit"], given["late"])
            )
            _publish(request, meters=(meter,))
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            return _made(request, form)
    title = gettext("New meter")
    return page(request, "catalogue_form", "catalogue", form=form, title=title)


@office("publish", methods=BOTH)
def new_feature(request: OfficeRequest) -> HttpResponse:
    """Make a feature."""
    with reading(request.staff.desk.merchant_id) as session:
        meters = meter_store.meters(session)
        known = set(meter_store.features(session))
    choices = [(code, written.name(one.names)) for code, one in meters.items()]
    form = FeatureForm(request.POST or None, meters=choices)
    if form.is_valid() and _is_new(form, known):
        given = form.cleaned_data
        meter = given["meter"] if given["kind"] == "metered" else ""
        feature = Feature(new_id(), given["code"], form.names, given["kind"], meter)
        try:
            _publish(request, features=(feature,))
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            return _made(request, form)
    title = gettext("New feature")
    return page(request, "catalogue_form", "catalogue", form=form, title=title)


def _coupon(form: CouponForm) -> Coupon:
    given = form.cleaned_data
    currency = given["currency"].upper() if given["amount"] else ""
    amount_minor = parse_minor(number(given["amount"]), currency) if given["amount"] else 0
    return Coupon(
        id=new_id(),
        code=given["code"],
        names=form.names,
        percent=given["percent"] or ZERO,
        amount_minor=amount_minor,
        currency=currency,
        duration=given["duration"],
        periods=(given["periods"] or 0) if given["duration"] == "periods" else 0,
        products=given["products"],
        plans=given["plans"],
        codes=given["codes"],
        most_uses=given["most_uses"] or 0,
        most_uses_per_customer=given["most_uses_per_customer"] or 0,
        valid_from=given["valid_from"],
        valid_until=given["valid_until"],
    )


def _publish(request: OfficeRequest, **parts: Any) -> None:
    staff = request.staff
    nothing: dict[str, Any] = {"products": (), "plans": (), "add_ons": ()}
    offered = Catalogue(staff.currency, includes_tax=True, **nothing, **parts)
    publish_catalogue(staff.desk.merchant_id, offered, staff.now, staff.actor)


def _is_new(form: NamedForm, known: set[str]) -> bool:
    """Whether the code is free; what is published is never changed from a form for new things."""
    if form.cleaned_data["code"] not in known:
        return True
    form.refuse(Conflict("this code is taken", code="exists", field="code"))
    return False


def _refuse(form: AskedForm, refusal: Refused) -> None:
    """Put what the flow refused beside the fields that it is about."""
    several = refusal.refusals if isinstance(refusal, RefusedTogether) else (refusal,)
    for one in several:
        name = one.field.rpartition(".")[2].partition("[")[0]
        form.refuse(Invalid(one.detail, code=one.code, field=name))


def _made(request: OfficeRequest, form: NamedForm) -> HttpResponse:
    said = gettext("%(name)s is published.") % {"name": written.name(form.names)}
    say(request, "ok", said)
    return HttpResponseRedirect(reverse("office:catalogue"))
