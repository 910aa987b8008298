"""The worker process: the job runner as kesto_run. Started by `kesto up`."""

import signal
import threading

from kesto.jobs import runner, timetable
from kesto.jobs.kinds import KINDS
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

    def may_work() -> bool:
        health.beat(place)
        return not disk.is_low(place)

    runner.run_until(stop, KINDS, timetable.plan, clock.now, may_work)


if __name__ == "__main__":
    main()
