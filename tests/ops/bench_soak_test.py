"""`make soak`: the usage of a run out of 50 million events, each customer's sum compared.

`KESTO_BENCH_EVENTS` takes another number. Nothing is judged by time here: the row itself compares
what it counts with the events, and the figure is printed.
"""

import json
import os
import subprocess
import sys

import pytest

from kesto.bench.metered import EVENTS

MOST_EVENTS = 50_000_000


@pytest.mark.soak
def test_the_usage_of_a_run_is_right_whatever_there_is_of_it() -> None:
    events = int(os.environ.get("KESTO_BENCH_EVENTS", str(MOST_EVENTS)))
    size = events // EVENTS
    words = [sys.executable, "-m", "kesto.ops.cli", "bench", "c2", "--size", str(size), "--json"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "failed" not in ended.stderr, ended.stderr
    (figure,) = map(json.loads, ended.stdout.splitlines())
    assert (figure["row"], figure["size"]) == ("c2", size)
    sys.stdout.write(ended.stdout)
