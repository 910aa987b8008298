"""The timetable: which jobs the clock brings."""

from collections import Counter
from datetime import datetime

from kesto.flows.forget_answers import forgotten_before
from kesto.flows.mailroom import TOPICS
from kesto.store import grants, idempotency, jobs, letters, messages, usage_alerts
from kesto.store.jobs import NewJob

BILL = "bill"
DELIVER = "deliver"
FORGET = "forget_answers"
REMIND = "remind"
EXPIRE = "expire_credit"
WATCH = "watch_usage"
SIDE_BY_SIDE = 2
"""How many workers may deliver for one merchant at a time."""


def plan(now: datetime) -> int:
    """Add what is due: billing once per local day, deliveries as long as something waits."""
    daily = plan_billing(now) + plan_reminding(now)
    daily += _plan_forgetting(now) + _plan_expiring(now)
    return daily + _plan_watching(now) + _plan_deliveries(now)


def plan_billing(now: datetime) -> int:
    """Add today's billing of each live merchant with something due; once per local day."""
    due = [
        NewJob(merchant_id, BILL, day.isoformat(), {"through": day.isoformat()}, now)
        for merchant_id, day in jobs.merchants_to_bill(now)
    ]
    return jobs.add(due, now)


def plan_reminding(now: datetime) -> int:
    """Add today's reminders of each live merchant that wishes any; once per local day."""
    due = [
        NewJob(merchant_id, REMIND, day.isoformat(), {"on": day.isoformat()}, now)
        for merchant_id, day in jobs.merchants_to_remind(now, REMIND)
    ]
    return jobs.add(due, now)


def _plan_deliveries(now: datetime) -> int:
    """Add deliveries for each merchant that has something to send or to print now.

    Each does a part of it and ends; the next one is added as soon as there is room for it.
    """
    due = Counter(dict.fromkeys(messages.to_deliver(TOPICS, now), SIDE_BY_SIDE))
    due |= Counter(letters.to_print(TOPICS, now))
    waiting = messages.jobs_waiting(DELIVER) if due else {}
    moment = f"{now:%Y%m%dT%H%M%S}"
    wanted = [
        NewJob(merchant_id, DELIVER, f"{moment}-{lane}", {}, now)
        for merchant_id, lanes in due.items()
        for lane in range(waiting.get(merchant_id, 0), lanes)
    ]
    return jobs.add(wanted, now)


def _plan_watching(now: datetime) -> int:
    """Add the watch of usage for each merchant with alerts that something came for."""
    found = usage_alerts.merchants_to_watch(now)
    waiting = messages.jobs_waiting(WATCH) if found else {}
    moment = f"{now:%Y%m%dT%H%M%S}"
    wanted = [NewJob(one, WATCH, moment, {}, now) for one in found if one not in waiting]
    return jobs.add(wanted, now)


def _plan_forgetting(now: datetime) -> int:
    """Add the forgetting of old answers of the API, once a day where there are some."""
    before = forgotten_before(now)
    found = idempotency.merchants_with_answers(before)
    key = before.date().isoformat()
    return jobs.add([NewJob(merchant_id, FORGET, key, {}, now) for merchant_id in found], now)


def _plan_expiring(now: datetime) -> int:
    """Add the expiring of credit given, once per local day where there is some."""
    due = [
        NewJob(merchant_id, EXPIRE, day.isoformat(), {}, now)
        for merchant_id, day in grants.merchants_with_expired(now)
    ]
    return jobs.add(due, now)
