"""Publishing over the API: one thing of the catalogue at a time, read as a file's is."""

from collections.abc import Callable, Container
from typing import Any, TypeVar

from django.http import HttpRequest
from msgspec import structs

from kesto.adapters.files import one_thing
from kesto.adapters.files.catalogue import in_portal_of
from kesto.adapters.files.one_thing import Given, Known
from kesto.adapters.files.prices import Shared
from kesto.api.bodies import decoded
from kesto.api.keys import actor_of, now_of
from kesto.api.problems import Problem
from kesto.core.catalog import AddOn, Catalogue, Coupon, Feature, PlanVersion, SoldMeter
from kesto.core.refusals import Conflict, Refused, RefusedTogether
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import catalogue, coupons, merchants, meters
from kesto.store.ids import new_id
from kesto.store.session import Session

Thing = TypeVar("Thing", PlanVersion, AddOn, Coupon, Feature, SoldMeter)
NOUNS = ("plans", "add_ons", "coupons", "features", "meters")


def given_in(request: HttpRequest) -> Given:
    """The fields in a body. Raises Problem."""
    found = decoded(request)
    if not isinstance(found, dict):
        detail = "The body must be an object with named fields."
        raise Problem(400, "bad_value", detail, field="body")
    return found


def publish_plan(session: Session, request: HttpRequest, given: Given) -> PlanVersion:
    """Publish a plan's version: the next one, unless the body says which."""
    plan = _read(one_thing.plan_of, given, session)
    if "version" not in given:
        known = catalogue.plan_versions(session)
        newest = max((version for code, version in known if code == plan.plan), default=0)
        plan = structs.replace(plan, version=newest + 1)
    in_portal = in_portal_of({"plans": [given]}, "plan")
    publish(session, request, plans=(plan,), in_portal=in_portal)
    return catalogue.plan_versions(session)[plan.plan, plan.version][0]


def publish_add_on(session: Session, request: HttpRequest, given: Given) -> AddOn:
    """Publish an add-on's version: the next one, unless the body says which."""
    add_on = _read(one_thing.add_on_of, given, session)
    if "version" not in given:
        known = catalogue.add_ons(session)
        newest = max((version for code, version in known if code == add_on.code), default=0)
        add_on = structs.replace(add_on, version=newest + 1)
    in_portal = in_portal_of({"add_ons": [given]}, "add_on")
    publish(session, request, add_ons=(add_on,), in_portal=in_portal)
    return catalogue.add_ons(session)[add_on.code, add_on.version][0]


def add_coupon(session: Session, request: HttpRequest, given: Given) -> Coupon:
    """Publish a coupon that is not there yet."""
    coupon = _read(one_thing.coupon_of, given, session)
    _refuse_known(coupon.code, coupons.coupons(session), "coupon")
    publish(session, request, coupons=(coupon,))
    return coupons.coupons(session)[coupon.code]


def add_feature(session: Session, request: HttpRequest, given: Given) -> Feature:
    """Publish a feature that is not there yet."""
    feature = _read(one_thing.feature_of, given, session)
    _refuse_known(feature.code, meters.features(session), "feature")
    publish(session, request, features=(feature,))
    return feature


def add_meter(session: Session, request: HttpRequest, given: Given) -> SoldMeter:
    """Publish a meter that is not there yet."""
    meter = _read(one_thing.meter_of, given, session)
    _refuse_known(meter.code, meters.meters(session), "meter")
    publish(session, request, meters=(meter,))
    return meter


def publish(session: Session, request: HttpRequest, **parts: Any) -> None:
    """Publish parts of a catalogue; refusals name the field as the body has it."""
    nothing: dict[str, Any] = {"products": (), "plans": (), "add_ons": ()}
    offered = Catalogue("", includes_tax=False, **(nothing | parts))
    now = now_of(merchants.merchant(session))
    try:
        publish_catalogue(session.merchant_id, offered, now, actor_of(request))
    except Refused as refusal:
        raise _in_the_body(refusal) from None


def _read(read: Callable[[Given, Known], Thing], given: Given, session: Session) -> Thing:
    """One thing out of a body. Raises Invalid, and Problem for one that is nested too deeply."""
    entities = merchants.billing_entities(session)
    shared = Shared(
        currency=entities[0].currency if entities else "EUR",
        includes_tax=False,
        products=catalogue.products(session),
        meters=meters.meters(session),
        features=meters.features(session),
        new_id=new_id,
    )
    plans = {code for code, _ in catalogue.plan_versions(session)}
    try:
        return read(given, Known(shared, plans))
    except RecursionError:
        raise Problem(400, "bad_json", "The body is nested too deeply.", field="body") from None
    except Refused as refusal:
        raise _in_the_body(refusal) from None


def _in_the_body(refusal: Refused) -> Refused:
    """A refusal whose field is that of the body, not that of a whole catalogue."""
    first = refusal.refusals[0] if isinstance(refusal, RefusedTogether) else refusal
    field = first.field
    for noun in NOUNS:
        field = field.removeprefix(f"{noun}.{first.subject}").removeprefix(".")
    kind = type(first)
    return kind(refusal.detail, code=first.code, field=field or "code")


def _refuse_known(code: str, known: Container[str], noun: str) -> None:
    if code in known:
        detail = f"there is a {noun} {code!r} already; look at it, or take another code"
        raise Conflict(detail, code="code_taken", field="code")
