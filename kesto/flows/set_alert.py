"""Set an alert: somebody wants to be told when usage reaches a threshold; or no longer."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.alerts import MOST_ALERTS, Alert, check_threshold
from kesto.core.exact import shown as plain
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.flows.show_usage import used_in_all
from kesto.store import audit, usage_alerts
from kesto.store.ids import new_id
from kesto.store.session import Session, writing
from kesto.store.shop import party


class NewAlert(Struct, frozen=True):
    """What is wished: usage of a meter, and how much; an amount is in minor units."""

    meter: str
    kind: str
    threshold: Decimal


def set_alert(
    merchant_id: UUID, subscription_id: UUID, wanted: NewAlert, now: datetime, actor: str
) -> Alert:
    """Keep an alert; what is reached already is told soon.

    Raises Invalid for a threshold or a meter that the subscription has no price for, Conflict for
    one that is there or one too many.
    """
    kind = check_threshold(wanted.kind, wanted.threshold)
    with writing(merchant_id) as session:
        found = party(session, f"sub_{subscription_id.hex}")
        used = [one for one in used_in_all(session, found, now) if one.meter.code == wanted.meter]
        if not used:
            detail = "no price of the subscription goes by this meter now"
            raise Invalid(detail, code="unknown_meter", field="meter")
        if kind == "share" and not any(one.included for one in used):
            detail = "nothing is included in the price; choose a quantity or an amount"
            raise Invalid(detail, code="nothing_included", field="kind")
        if len(usage_alerts.of_subscription(session, subscription_id)) >= MOST_ALERTS:
            detail = f"a subscription has at most {MOST_ALERTS} alerts; remove one first"
            raise Conflict(detail, code="too_many", field="threshold")
        alert = Alert(new_id(), subscription_id, wanted.meter, kind, wanted.threshold, actor)
        if not usage_alerts.add(session, alert, used[0].meter.id, now):
            raise Conflict("there is this alert already", code="exists", field="threshold")
        _record(session, "set_alert", alert, now, actor)
    return alert


def drop_alert(
    merchant_id: UUID, subscription_id: UUID, alert_id: UUID, now: datetime, actor: str
) -> None:
    """Forget an alert. Raises NotFound."""
    with writing(merchant_id) as session:
        alerts = usage_alerts.of_subscription(session, subscription_id)
        found = next((one for one in alerts if one.id == alert_id), None)
        if found is None or not usage_alerts.drop(session, subscription_id, alert_id):
            raise NotFound("there is no such alert", code="unknown_alert", field="alert")
        _record(session, "drop_alert", found, now, actor)


def _record(session: Session, deed: str, alert: Alert, now: datetime, actor: str) -> None:
    data = {
        "subscription": shown("subscription", alert.subscription_id),
        "meter": alert.meter,
        "kind": alert.kind,
        "threshold": plain(alert.threshold),
    }
    audit.record(session, deed, data, now, actor)
