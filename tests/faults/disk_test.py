"""A disk that fills up: refusal first, and back by itself once there is space again."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kesto.core.refusals import Invalid, NotAllowed
from kesto.ops import boot, database, disk, processes
from kesto.ops.home import Home, prepare
from tests.faults.small_disk import disk_of_its_own, fill

DISK_MEBIBYTES = 200
BACK_SECONDS = 30.0


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("KESTO_BALLAST_MB", "8")
    folder = Path(tempfile.mkdtemp(prefix="kesto-disk-"))
    yield Home(folder)
    shutil.rmtree(folder)


@pytest.fixture
def small_disk(place: Home) -> Iterator[Home]:
    with disk_of_its_own(place.path, DISK_MEBIBYTES):
        yield place


def test_ballast_is_laid_given_away_and_laid_again(place: Home) -> None:
    prepare(place)
    assert disk.keep_ballast(place)
    assert place.ballast.stat().st_blocks * 512 >= 8 * disk.MEBIBYTE
    assert disk.drop_ballast(place)
    assert not disk.drop_ballast(place)
    assert disk.keep_ballast(place)


def test_ballast_of_another_size_is_replaced(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(place)
    disk.keep_ballast(place)
    monkeypatch.setenv("KESTO_BALLAST_MB", "2")
    disk.keep_ballast(place)
    assert place.ballast.stat().st_size == 2 * disk.MEBIBYTE


@pytest.mark.parametrize("text", ["-1", "many", "1.5", "٣"])
def test_ballast_setting_must_be_a_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KESTO_BALLAST_MB", text)
    with pytest.raises(Invalid, match="KESTO_BALLAST_MB"):
        disk.ballast_bytes()


def test_new_work_is_refused_below_the_mark(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(place)
    disk.refuse_when_low(place)
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: 8 * disk.MEBIBYTE - 1)
    with pytest.raises(NotAllowed, match="7 MB left and new work needs 8 MB"):
        disk.refuse_when_low(place)


def test_no_ballast_on_a_disk_without_room(small_disk: Home) -> None:
    prepare(small_disk)
    fill(small_disk, leave_bytes=12 * disk.MEBIBYTE)
    assert not disk.keep_ballast(small_disk)
    assert not small_disk.ballast.exists()


def test_full_disk_loses_nothing_and_comes_back(small_disk: Home) -> None:
    with boot.running(small_disk):
        login = database.address(small_disk).login(small_disk, "owner")
        with database.connect(login) as connection:
            connection.execute("create table kept (n int, filler text)")
        disk.keep_ballast(small_disk)
        filling = fill(small_disk)
        acknowledged = insert_until_refused(login)
        with pytest.raises(NotAllowed, match="free some space"):
            disk.refuse_when_low(small_disk)
        kill_server(small_disk)
        filling.unlink()
        assert acknowledged <= rows_when_back(login)


def kill_server(place: Home) -> None:
    for pid in processes.working_in(place.data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def insert_until_refused(login: dict[str, str]) -> int:
    done = 0
    statement = "insert into kept select n, repeat('x', 500) from generate_series(1, 2000) as n"
    with contextlib.suppress(psycopg.Error), contextlib.closing(database.connect(login)) as writer:
        while done < 500_000:
            writer.execute(statement)
            done += 2000
    assert done < 500_000
    return done


def rows_when_back(login: dict[str, str]) -> int:
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            with database.connect(login) as connection:
                connection.execute("insert into kept values (0, '')")
                row = connection.execute("select count(*) from kept").fetchone()
                assert row is not None
                return int(row[0])
        except psycopg.Error:
            assert time.monotonic() < deadline
            time.sleep(0.1)
