"""Random legal lives by the thousand: each is billed, and keeps every law of the simulator."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import msgspec
import pytest

from tests.simulator.coverage import Coverage, kinds_of, wanted_pairs
from tests.simulator.lives import SUBSCRIPTIONS, lived
from tests.simulator.story import day

CHUNKS = 10
HISTORIES = 1_000
YEARS = 100
SOAK_HISTORIES = 1_000_000
SOAK_YEARS = 100_000
LEAST_OFTEN = 100
SPECIAL_DAYS = {"month_end", "leap_day", "clock_night"}
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
OFFICES_A_BATCH = 1_000


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_thousand_lives_are_billed_and_keep_every_law(chunk: int) -> None:
    """In all chunks: ten thousand legal histories and a thousand customer-years."""
    offices = HISTORIES // SUBSCRIPTIONS + 1
    seen = lived(range(chunk * offices, (chunk + 1) * offices))
    assert seen.histories >= HISTORIES
    assert seen.customer_days >= YEARS * 365
    assert seen.released  # what a person had to let pass was billed then
    assert all(seen.days[kind] for kind in SPECIAL_DAYS | WEEKDAYS), seen
    assert len(seen.rare(1)) < len(list(wanted_pairs())) // 5, seen


def test_the_special_days_are_told_apart() -> None:
    assert kinds_of(day("2028-02-29")) == ["tue", "month_end", "leap_day"]
    assert kinds_of(day("2027-10-31")) == ["sun", "month_end", "clock_night"]


@pytest.mark.skipif("KESTO_SEED" not in os.environ, reason="KESTO_SEED names a life to live again")
def test_one_seed_again() -> None:
    lived([int(os.environ["KESTO_SEED"])])


@pytest.mark.soak
def test_a_million_lives(capfd: pytest.CaptureFixture[str]) -> None:
    """In as many processes as there are cores, with a line of progress; each pair often enough.

    KESTO_SEED moves the seeds on, so that another night lives other lives. In the folder
    KESTO_SOAK what each batch saw is kept, so that a run that was stopped goes on where it was.
    """
    seen = Coverage()
    first = int(os.environ.get("KESTO_SEED", "0"))
    histories = int(os.environ.get("KESTO_HISTORIES", str(SOAK_HISTORIES)))
    folder = os.environ.get("KESTO_SOAK")
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        batches = [pool.submit(_lived_once, batch, folder) for batch in _batches(first, histories)]
        try:
            for done in as_completed(batches):
                seen.add(done.result())
                with capfd.disabled():
                    sys.stderr.write(f"\r{seen}")
        finally:  # a law that was broken is told at once, not when all others were lived
            pool.shutdown(cancel_futures=True)
    with capfd.disabled():
        sys.stderr.write(f"\n{seen.rarest(10)}\n")
    assert seen.histories >= histories
    assert seen.customer_days >= SOAK_YEARS * 365 * histories // SOAK_HISTORIES
    assert seen.rare(LEAST_OFTEN * histories // SOAK_HISTORIES) == []
    assert all(
        seen.days[kind] >= LEAST_OFTEN * histories // SOAK_HISTORIES
        for kind in SPECIAL_DAYS | WEEKDAYS
    ), seen


def test_what_a_batch_saw_is_kept(tmp_path: Path) -> None:
    seen = _lived_once(range(3), str(tmp_path))
    (kept,) = tmp_path.iterdir()
    assert _lived_once(range(3), str(tmp_path)) == seen
    kept.write_bytes(msgspec.msgpack.encode(Coverage(histories=7)))
    assert _lived_once(range(3), str(tmp_path)).histories == 7


def _lived_once(seeds: range, folder: str | None) -> Coverage:
    """Live a batch, or read what it saw when it was lived before."""
    if folder is None:
        return lived(seeds)
    path = Path(folder) / f"{seeds.start}-{seeds.stop}.msgpack"
    if path.exists():
        return msgspec.msgpack.decode(
            path.read_bytes(), type=Coverage, dec_hook=lambda _kind, found: Counter(found)
        )
    seen = lived(seeds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.msgpack.encode(seen))
    return seen


def _batches(first: int, histories: int) -> Iterator[range]:
    """Seeds, so many together that a failure stops the work soon."""
    offices = histories // SUBSCRIPTIONS + 1
    for start in range(first, first + offices, OFFICES_A_BATCH):
        yield range(start, min(start + OFFICES_A_BATCH, first + offices))
