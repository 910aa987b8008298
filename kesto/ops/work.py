"""The worker process: the job runner as kesto_run. Started by `kesto up`."""

import signal
import threading

from kesto.jobs import runner, timetable
from kesto.jobs.kinds import KINDS
from kesto.jobs.runner import Shift
from kesto.ops import boot, clock, disk, health, leash
from kesto.ops.home import real_home


def main() -> None:
    """Run jobs until told to end; the one in hand is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    leash.end_with_parent()
    place = real_home()
    boot.boot(place, ("run",))

    runner.work(
        Shift(
            kinds=KINDS,
            plan=timetable.plan,
            clock=clock.now,
            stop=stop,
            beat=lambda: health.beat(place),
            may_work=lambda: not disk.is_low(place),
        )
    )


if __name__ == "__main__":
    main()
