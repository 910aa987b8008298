"""The pace of long work: how fast it goes, and how long it goes on."""

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Steps in a second, and the seconds until all are done."""

    per_second: int
    seconds_left: int


def pace(left: int, recent: int, milliseconds: int) -> Pace | None:
    """How fast work goes of which `recent` steps took so long and so many are left.

    None before the first step is done. The time left is rounded up: nobody waits past it.
    """
    if recent <= 0 or milliseconds <= 0:
        return None
    return Pace(recent * 1000 // milliseconds, -(-left * milliseconds // (recent * 1000)))
