"""The worker process: the job runner. Started by `kesto up`.

It claims and bills as kesto_run, and delivers as kesto_app, whom row-level security holds. It gives
way to whoever is waited for.
"""

import os
import signal
import threading
from datetime import datetime
from functools import partial
from uuid import UUID

from kesto.flows.clear_run import RunAsked
from kesto.jobs import runner, timetable
from kesto.jobs.kinds import kinds
from kesto.jobs.runner import Shift
from kesto.ops import background, boot, clock, disk, gate, health, leash
from kesto.ops.billing import run_billing
from kesto.ops.home import Home, real_home
from kesto.ops.mailroom import mailroom
from kesto.ops.rehearsal import clearing


def main() -> None:
    """Run jobs until told to end; the one in hand is finished first."""
    leash.end_with_parent()
    background.give_way()
    place = real_home()
    boot.boot(place, (), has_models=False)
    gate.wait()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    boot.boot(place, ("run", "app"))

    runner.work(
        Shift(
            kinds=kinds(mailroom(place), partial(_run_billing, place)),
            plan=timetable.plan,
            clock=clock.now,
            stop=stop,
            beat=lambda: health.beat(place),
            may_work=lambda: not disk.is_low(place),
        )
    )


def _run_billing(place: Home, merchant_id: UUID, asked: RunAsked, now: datetime) -> None:
    """A run in as many processes as there are cores; a small one is made right here."""
    workers = os.cpu_count() or 1
    clear = clearing(place, merchant_id, asked, now, workers)
    run_billing(*(place, merchant_id, asked.through, now), workers=workers, clear=clear)


if __name__ == "__main__":
    main()
