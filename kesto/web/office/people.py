"""New customers and new subscriptions: asked, seen in money, and done once."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.catalog import AddOn, Coupon, PlanVersion, Price
from kesto.core.refusals import Conflict, Refused
from kesto.core.subscription import NewSubscription
from kesto.flows.add_customers import add_customers
from kesto.flows.preview_order import OrderPreview, preview_order
from kesto.flows.show_change import About, ShownGroup, shown_groups
from kesto.flows.subscribe import subscribe
from kesto.store import catalogue, deeds
from kesto.store import coupons as coupon_store
from kesto.store.ids import new_id
from kesto.store.meters import meters
from kesto.store.office import customer as one
from kesto.store.office.customer import Known
from kesto.store.papers import Origin
from kesto.store.session import Session, reading
from kesto.web.office import written
from kesto.web.office.catalogue import coupon_words
from kesto.web.office.customer_forms import CustomerForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.people_forms import OrderForm, WhichPlanForm
from kesto.web.office.preview import payer_previews
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say
from kesto.web.ui.tariffs import Meters

SEAL = "seal"
OURS = ("csrfmiddlewaretoken", SEAL, "back")


class Offer(Struct, frozen=True):
    """What a customer may order: the newest of each plan and add-on, in their price list."""

    customer: Known
    plans: list[PlanVersion]
    add_ons: list[AddOn]
    meters: Meters
    coupons: list[Coupon]


@office("serve", methods=("GET", "HEAD", "POST"))
def new_customer(request: OfficeRequest) -> HttpResponse:
    """Add a customer."""
    staff = request.staff
    form = CustomerForm(request.POST or None)
    if form.is_valid():
        try:
            added = form.customer(new_id())
            if not add_customers(staff.desk.merchant_id, [added], staff.now, staff.actor):
                raise Conflict("it is taken", code="number_taken", field="external_id")
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("%(name)s is a customer now.") % {"name": added.person.name})
            return HttpResponseRedirect(reverse("office:customer", args=[added.id]))
    return page(request, "new_customer", "customers", form=form)


@office("serve", methods=("GET", "HEAD", "POST"))
def new_subscription(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Order a subscription for a customer: the plan, the rest, the first invoices, the deed."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        offer = _offer(session, customer_id, staff)
    if request.method == "POST":
        return _asked(request, offer)
    plan = next((one for one in offer.plans if one.plan == request.GET.get("plan")), None)
    if plan is None:
        form: WhichPlanForm = WhichPlanForm(offer.plans, meters=offer.meters)
        return _page(request, "new_subscription", offer, form=form, is_first=True)
    form = OrderForm(
        offer.plans, offer.add_ons, initial=_beginning(plan, staff), meters=offer.meters
    )
    return _page(request, "new_subscription", offer, form=form, is_first=False)


def _asked(request: OfficeRequest, offer: Offer) -> HttpResponse:
    staff, sent = request.staff, request.POST
    form = OrderForm(offer.plans, offer.add_ons, sent, meters=offer.meters)
    if not form.is_valid() or "back" in sent:
        return _page(request, "new_subscription", offer, form=form, is_first=False)
    order = form.order(offer.customer.external_id)
    try:
        with reading(staff.desk.merchant_id) as session:
            if _is_done(session, order):
                return _done(request, order, gettext("This was done already. It was done once."))
            preview = preview_order(session, order, staff.now)
            groups = _groups(session, order, preview, offer)
        if sent.get(SEAL) == preview.sealed:
            subscribe(staff.desk.merchant_id, [order], staff.now, staff.actor, tells=True)
            return _done(request, order, gettext("The subscription is made."))
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, "new_subscription", offer, form=form, is_first=False)
    return _page(
        request,
        "new_subscription_preview",
        offer,
        payers=payer_previews(groups),
        values=_values(sent),
        seal=preview.sealed,
        is_stale=SEAL in sent,
        order=order,
        names=[name for name in _names(offer, order) if name],
        event=preview.event,
        coupon=_coupon(offer, order.coupon),
    )


def _is_done(session: Session, order: NewSubscription) -> bool:
    """Whether this very order was carried out. Raises Conflict where its number is another's."""
    own = deeds.subscription_named(session, order.external_id)
    if own is not None and own != order.id:
        raise Conflict("it is taken", code="number_taken", field="external_id")
    return own is not None


def _done(request: OfficeRequest, order: NewSubscription, text: str) -> HttpResponse:
    say(request, "ok", text)
    return HttpResponseRedirect(reverse("office:subscription", args=[order.id]))


def _groups(
    session: Session, order: NewSubscription, preview: OrderPreview, offer: Offer
) -> list[ShownGroup]:
    plan = next(one for one in offer.plans if one.plan == order.plan)
    plans = ((preview.event.start_on, plan.names),)
    subject = About(Origin(order.id, order.external_id, "", plans))
    return shown_groups(session, [preview.group], subject, words_language())


def _names(offer: Offer, order: NewSubscription) -> list[str]:
    language = words_language()
    sold: Sequence[PlanVersion | AddOn] = [
        *(one for one in offer.plans if one.plan == order.plan),
        *(one for one in offer.add_ons if one.code in order.add_ons),
    ]
    return [one.names.get(language) or next(iter(one.names.values()), "") for one in sold]


def _coupon(offer: Offer, typed: str) -> str:
    """What a coupon is called and gives, by its code or by one that is typed in."""
    for coupon in offer.coupons:
        if typed == coupon.code or typed.casefold() in map(str.casefold, coupon.codes):
            return _worth(coupon)
    return typed


def _worth(coupon: Coupon) -> str:
    return f"{written.name(coupon.names)}: {coupon_words(coupon)}"


def _offer(session: Session, customer_id: UUID, staff: Staff) -> Offer:
    known = one.customer(session, customer_id)
    listed = partial(_listed, currency=staff.currency, includes_tax=known.kind == "consumer")
    plans: dict[str, PlanVersion] = {}
    for (code, _), (version, _) in sorted(catalogue.plan_versions(session).items()):
        plans[code] = replace(version, prices=listed(version.prices))
    add_ons: dict[str, AddOn] = {}
    for (code, _), (add_on, _) in sorted(catalogue.add_ons(session).items()):
        add_ons[code] = replace(add_on, prices=listed(add_on.prices))
    coupons = [
        one
        for one in coupon_store.coupons(session).values()
        if one.valid_until is None or one.valid_until >= staff.today
    ]
    return Offer(known, [*plans.values()], [*add_ons.values()], meters(session), coupons)


def _listed(prices: Sequence[Price], currency: str, *, includes_tax: bool) -> tuple[Price, ...]:
    """The prices that a list shows: those of the customer's own price list, else of the first."""
    lists = {(price.currency, price.includes_tax) for price in prices}
    if not lists:
        return ()
    best = min(lists, key=lambda one: (one[0] != currency, one[1] != includes_tax, one))
    return tuple(price for price in prices if (price.currency, price.includes_tax) == best)


def _beginning(plan: PlanVersion, staff: Staff) -> dict[str, object]:
    """What stands in the form at first: the plan's terms, today, a number for the order."""
    return {
        "id": new_id(),
        "plan": plan.plan,
        "start_on": staff.today,
        "alignment": "anniversary",
        "minimum_months": plan.terms.minimum_months,
        "notice_days": plan.terms.notice_days,
    }


def _values(sent: QueryDict) -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the confirmation."""
    return [(name, value) for name, values in sent.lists() for value in values if name not in OURS]


def _page(request: OfficeRequest, template: str, offer: Offer, **more: Any) -> HttpResponse:
    coupons = [(one.code, _worth(one)) for one in offer.coupons]
    return page(request, template, "customers", customer=offer.customer, coupons=coupons, **more)
