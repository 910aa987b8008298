"""What a worker would do by now, done at once and in this process."""

from datetime import datetime
from typing import cast

from kesto.flows.mailroom import Mailroom
from kesto.jobs import kinds
from kesto.store import jobs
from tests.town import Town

ALL = 1_000_000
"""Very many may wait in a database that all tests of a process share."""


def work_done(town: Town, kind: str, now: datetime) -> int:
    """Do a town's jobs of a kind that are due; all others are left. Says how many it were."""
    done = 0
    for job in jobs.claim(ALL, now):
        if job.merchant_id == town.merchant_id and job.kind == kind:
            begun = jobs.begin(job)
            assert begun is not None
            kinds.kinds(cast("Mailroom", None))[kind](begun, town.now)
            jobs.finish(begun, now)
            done += 1
        else:
            jobs.release(job, now)
    return done
