"""Watch usage: who wants to be told of a threshold is told soon after it is reached, once a period.

What comes late or twice changes nothing: the running period is counted again each time, as a bill
would count it, and a notice is known by its alert and the first day of the period.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kesto.core.alerts import Alert, PriceUsed, is_reached
from kesto.core.exact import shown
from kesto.core.pricing.transform import transformed
from kesto.flows.show_usage import UsedSoFar, used_by_subscription
from kesto.store import notices, usage_alerts
from kesto.store.notices import NewNotice, NoticeFacts, UsageFacts
from kesto.store.session import crash_point, reading, writing
from kesto.store.usage.taking_in import usage_so_far

CHUNK = 500
REACHED = "usage_reached"


def watch_usage(merchant_id: UUID, now: datetime) -> int:
    """Tell of alerts that are reached by what came in since; answers how many were told."""
    told = 0
    while True:
        with reading(merchant_id, "run") as session:
            batch = usage_so_far(session)
        with writing(merchant_id, "run") as session:
            alerts = usage_alerts.unseen(session, now, CHUNK)
            subscriptions = list(dict.fromkeys(one.subscription_id for one in alerts))
            used = used_by_subscription(session, subscriptions, now)
            told += notices.tell(session, _reached(alerts, used), now)
            usage_alerts.mark_seen(session, [one.id for one in alerts], batch)
            crash_point("watch_usage.before_commit")
        if len(alerts) < CHUNK:
            return told


def price_used(one: UsedSoFar) -> PriceUsed:
    """What an alert is held against."""
    transform = one.price.spec.transform_quantity
    priced = one.quantity if transform is None else transformed(transform, one.quantity)
    return PriceUsed(one.quantity, priced, one.included, one.amount_minor)


def _reached(alerts: Sequence[Alert], used: dict[UUID, list[UsedSoFar]]) -> list[NewNotice]:
    found = []
    for alert in alerts:
        own = [one for one in used.get(alert.subscription_id, ()) if one.meter.code == alert.meter]
        if is_reached(alert, [price_used(one) for one in own]):
            found.append(_notice(alert, own))
    return found


def _notice(alert: Alert, own: Sequence[UsedSoFar]) -> NewNotice:
    first = own[0]
    facts = UsageFacts(
        meter=alert.meter,
        names=dict(first.meter.names),
        unit=first.meter.unit,
        kind=alert.kind,
        threshold=shown(alert.threshold),
        used=shown(first.quantity),
        amount_minor=sum(one.amount_minor for one in own),
        currency=first.price.currency,
    )
    return NewNotice(
        alert.subscription_id,
        REACHED,
        first.period_start,
        NoticeFacts(usage=facts),
        alert.number,
    )
