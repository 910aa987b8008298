"""The kinds of jobs, and the flow that each calls."""

from collections.abc import Mapping
from datetime import date, datetime

from kesto.flows import bill
from kesto.jobs.runner import Kind
from kesto.jobs.timetable import BILL
from kesto.store.jobs import ClaimedJob


def _bill(job: ClaimedJob, now: datetime) -> None:
    """Bill what is due; an unfinished run is finished first, then the day's own is made."""
    through = date.fromisoformat(job.payload["through"])
    run = bill.begin(job.merchant_id, through, now)
    bill.work(run, now)
    if run.is_resumed:
        bill.bill(job.merchant_id, through, now)


KINDS: Mapping[str, Kind] = {BILL: _bill}
