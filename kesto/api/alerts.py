"""Alerts of usage: who uses a subscription is told when its usage reaches a limit."""

from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.schema import Schema
from kesto.api.values import Given, Required, amount, own_id
from kesto.core.exact import shown as plain
from kesto.core.money import parse_minor
from kesto.flows.set_alert import NewAlert, drop_alert, set_alert
from kesto.store import merchants, usage_alerts
from kesto.store.session import Session, reading
from kesto.store.shop import Party, party

router = Router(tags=["alerts"])
Kind = Literal["quantity", "share", "amount"]
THRESHOLD = r"^[0-9]{1,15}(\.[0-9]{1,12})?$"


class UsageAlert(Schema):
    """A limit of a meter in each period; `threshold` is a quantity, a percentage or an amount.

    A `share` is of what is included in the price; an `amount` is in the subscription's currency.
    """

    meter: str
    kind: Kind
    threshold: str


class UsageAlerts(Schema):
    """The alerts of a subscription."""

    subscription: str
    items: list[UsageAlert]


class WantedAlert(Given):
    """What to be told of: usage of a meter, by its code, and how much."""

    meter: Required
    kind: Kind
    threshold: Annotated[str, Field(pattern=THRESHOLD, description="Such as 80 or 12.50.")]


@router.get(
    "/subscriptions/{subscription}/alerts",
    operation_id="list_alerts",
    auth=Bearer("read"),
    response={200: UsageAlerts, **READS},
    summary="List alerts of usage",
)
def list_alerts(request: HttpRequest, subscription: str) -> UsageAlerts:
    """Those that the holder set in the portal, and those that you set."""
    with reading(holder(request).merchant_id) as session:
        return _read(session, party(session, subscription))


@router.post(
    "/subscriptions/{subscription}/alerts",
    operation_id="set_alert",
    auth=Bearer("write"),
    response={201: UsageAlerts, **WRITES},
    summary="Set an alert of usage",
    openapi_extra=REQUIRED,
)
def set_one(request: HttpRequest, subscription: str, body: WantedAlert) -> HttpResponse:
    """The holder is told once in each period, as they wish to be reached. Nothing stops."""

    def work(session: Session) -> Made:
        found = party(session, subscription)
        now = now_of(merchants.merchant(session))
        wanted = NewAlert(body.meter, body.kind, _threshold(body, found.currency))
        made = set_alert(session.merchant_id, found.id, wanted, now, actor_of(request))
        return Made(201, _read(session, found), made.id)

    return once(request, work)


@router.post(
    "/subscriptions/{subscription}/alerts/drop",
    operation_id="drop_alert",
    auth=Bearer("write"),
    response={200: UsageAlerts, **WRITES},
    summary="Drop an alert of usage",
    openapi_extra=REQUIRED,
)
def drop_one(request: HttpRequest, subscription: str, body: WantedAlert) -> HttpResponse:
    """The one that says the same, whoever set it; where there is none nothing happens."""

    def work(session: Session) -> Made:
        found = party(session, subscription)
        now = now_of(merchants.merchant(session))
        threshold = _threshold(body, found.currency)
        alerts = usage_alerts.of_subscription(session, found.id)
        said = (body.meter, body.kind, threshold)
        for one in alerts:
            if (one.meter, one.kind, one.threshold) == said:
                drop_alert(session.merchant_id, found.id, one.id, now, actor_of(request))
        return Made(200, _read(session, found), found.id)

    return once(request, work)


def _threshold(body: WantedAlert, currency: str) -> Decimal:
    """The threshold as it is kept: an amount in minor units."""
    if body.kind == "amount":
        return Decimal(parse_minor(body.threshold, currency))
    return Decimal(body.threshold)


def _read(session: Session, found: Party) -> UsageAlerts:
    items = [
        UsageAlert(
            meter=one.meter,
            kind=one.kind,
            threshold=amount(int(one.threshold), found.currency)
            if one.kind == "amount"
            else plain(one.threshold),
        )
        for one in usage_alerts.of_subscription(session, found.id)
    ]
    return UsageAlerts(subscription=own_id("subscription", found.id), items=items)
