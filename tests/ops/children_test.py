"""Background processes: how long one that falls again and again is left alone."""

from pathlib import Path

from kesto.ops.children import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Child
from kesto.ops.home import Home


def test_the_pause_grows_and_stays_where_it_is_longest(tmp_path: Path) -> None:
    child = Child(Home(tmp_path), "kesto.ops.serve", "web")
    pauses = []
    for child.falls in (0, 1, 2, 10, 100_000):
        pauses.append(child._pause())
    longest = LONGEST_PAUSE_SECONDS
    assert pauses == [0, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS, longest, longest]
