"""The timetable: which jobs the clock brings."""

from collections import Counter
from datetime import datetime

from kesto.flows import mend_events
from kesto.flows.forget_answers import forgotten_before
from kesto.flows.mailroom import TOPICS
from kesto.store import grants, idempotency, jobs, letters, messages, usage_alerts
from kesto.store.jobs import NewJob
from kesto.store.usage import letters as doors
from kesto.store.usage import moved, spool
from kesto.store.usage.chosen import clickhouse

BILL = "bill"
DELIVER = "deliver"
FORGET = "forget_answers"
FORGET_EVENTS = "forget_events"
REMIND = "remind"
EXPIRE = "expire_credit"
ROLL_UP = "open_rollups"
ROLL_UP_MOVED = "open_moved"
MONTHS = "keep_months"
WATCH = "watch_usage"
SHIP = "ship_usage"
MOVED_SECONDS = 5
SIDE_BY_SIDE = 2
"""How many workers may deliver for one merchant at a time."""


def plan(now: datetime) -> int:
    """Add what is due: billing once per local day, deliveries as long as something waits."""
    daily = plan_billing(now) + plan_reminding(now)
    daily += _plan_forgetting(now) + _plan_expiring(now)
    daily += _plan_rollups(now) + plan_moved(now) + _plan_months(now) + _plan_forgetting_events(now)
    return daily + _plan_watching(now) + plan_shipping(now) + _plan_deliveries(now)


def plan_billing(now: datetime) -> int:
    """Add the billing of each live merchant with something due; once per day of its schedule."""
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


def plan_shipping(now: datetime) -> int:
    """Add the shipping of events to ClickHouse, every ten seconds while any wait.

    One job ships those of all merchants.
    """
    first = spool.first_waiting() if clickhouse() else None
    if first is None or messages.jobs_waiting(SHIP):
        return 0
    key = f"{now:%Y%m%dT%H%M%S}"[:-1]
    return jobs.add([NewJob(first, SHIP, key, {}, now)], now)


def _plan_forgetting(now: datetime) -> int:
    """Add the forgetting of old answers of the API, once a day where there are some."""
    before = forgotten_before(now)
    found = idempotency.merchants_with_answers(before)
    key = before.date().isoformat()
    return jobs.add([NewJob(merchant_id, FORGET, key, {}, now) for merchant_id in found], now)


def _plan_forgetting_events(now: datetime) -> int:
    """Add the forgetting of what the doors keep for a while, once an hour where there is any."""
    found = doors.merchants_with_past(now, mend_events.KEPT_FOR)
    key = f"{now:%Y%m%dT%H}"
    return jobs.add([NewJob(own, FORGET_EVENTS, key, {}, now) for own in found], now)


def _plan_expiring(now: datetime) -> int:
    """Add the expiring of credit given, once per local day where there is some."""
    due = [
        NewJob(merchant_id, EXPIRE, day.isoformat(), {}, now)
        for merchant_id, day in grants.merchants_with_expired(now)
    ]
    return jobs.add(due, now)


def _plan_rollups(now: datetime) -> int:
    """Add the opening of rollups once an hour, for each merchant that meters anything."""
    key = f"{now:%Y%m%dT%H}"
    found = jobs.merchants_that_meter(ROLL_UP, key)
    return jobs.add([NewJob(merchant_id, ROLL_UP, key, {}, now) for merchant_id in found], now)


def plan_moved(now: datetime) -> int:
    """Add the opening of rollups for what was changed, within seconds, one job at a time.

    Each names the snapshot that it goes on from and the one that the next goes on from.
    """
    found = moved.merchants_with_moves(ROLL_UP_MOVED)
    waiting = messages.jobs_waiting(ROLL_UP_MOVED) if found else {}
    key = f"{now.replace(second=now.second // MOVED_SECONDS * MOVED_SECONDS):%Y%m%dT%H%M%S}"
    wanted = [
        NewJob(merchant_id, ROLL_UP_MOVED, key, {"since": since, "seen": seen}, now)
        for merchant_id, since, seen in found
        if merchant_id not in waiting
    ]
    return jobs.add(wanted, now)


def _plan_months(now: datetime) -> int:
    """Add the making and detaching of months of usage once a day, for all merchants together."""
    key = now.date().isoformat()
    found = jobs.one_that_meters(MONTHS, key)
    return jobs.add([NewJob(merchant_id, MONTHS, key, {}, now) for merchant_id in found], now)
