"""The timetable: which jobs the clock brings."""

from datetime import datetime

from kesto.store import jobs
from kesto.store.jobs import NewJob

BILL = "bill"


def plan(now: datetime) -> int:
    """Add today's billing of each live merchant with something due; once per local day."""
    due = [
        NewJob(merchant_id, BILL, day.isoformat(), {"through": day.isoformat()}, now)
        for merchant_id, day in jobs.merchants_to_bill(now)
    ]
    return jobs.add(due, now)
