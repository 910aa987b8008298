"""What the supervisor must survive; each test ends with a database that answers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kesto.core.refusals import Conflict, NotAllowed
from kesto.ops import accounts, boot, cluster, database, logs, postgres, processes, supervisor
from kesto.ops import home as homes
from kesto.ops.home import ROLES, Home

READY_SECONDS = 10.0  # the promise: ready again by itself within this time
HOLDER = """
import sys, time
from pathlib import Path
from kesto.ops import boot
from kesto.ops.home import Home
with boot.running(Home(Path(sys.argv[1]))):
    print("ready", flush=True)
    time.sleep(600)
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account")


@pytest.fixture(scope="module")
def made_home() -> Iterator[Home]:
    """A home that was made once; its server does not run between tests."""
    with temporary_home() as place:
        with boot.running(place):
            pass
        yield place


@pytest.fixture
def place(made_home: Home) -> Iterator[Home]:
    yield made_home
    assert postgres.alive(made_home) is None
    assert processes.working_in(made_home.data) == []


@contextlib.contextmanager
def temporary_home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="kesto-fault-"))
    try:
        yield Home(folder.resolve())
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def another_program(place: Home) -> Iterator[subprocess.Popen[str]]:
    """Another program that uses the home and can be killed."""
    command = [sys.executable, "-c", HOLDER, str(place.path)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program, program.stdout:
        assert program.stdout.readline() == "ready\n"
        yield program
        program.kill()


def postmaster(place: Home) -> int:
    running = postgres.alive(place)
    assert running is not None
    return running.process.pid


def ask(place: Home, query: str = "select 1", role: str = "app") -> object:
    with database.connect(database.address(place).login(place, role)) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone() if cursor.description else None


def answers_after(place: Home, gone: int) -> bool:
    """Whether a new server answers in time."""

    def is_back() -> bool:
        running = postgres.alive(place)
        return running is not None and running.process.pid != gone and database.answers(place)

    return comes_true(is_back)


def comes_true(condition: Callable[[], bool], seconds: float = READY_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def as_server_account(place: Home, *command: str) -> subprocess.Popen[bytes]:
    account = accounts.server_account(place.data)
    options = {} if account is None else {"user": account.uid, "group": account.gid}
    return subprocess.Popen(command, cwd="/", **options)  # type: ignore[call-overload,no-any-return]  # user and group are given as root only


def test_leaves_nothing_behind(place: Home) -> None:
    with boot.running(place):
        running = postgres.alive(place)
        assert ask(place) == (1,)
    assert running is not None
    assert not Path(running.socket).exists()
    assert not database.answers(place)


def test_the_last_user_stops_the_server(place: Home) -> None:
    first, second = supervisor.Supervisor(place), supervisor.Supervisor(place)
    first.start()
    second.start()
    pid = postmaster(place)
    first.stop()
    assert (postmaster(place), ask(place)) == (pid, (1,))
    second.stop()
    assert postgres.alive(place) is None


def test_two_that_leave_together_stop_it(place: Home) -> None:
    with another_program(place) as other, boot.running(place):
        other.terminate()
    assert comes_true(lambda: postgres.alive(place) is None or supervisor.stop_left_behind(place))


def test_killed_database_comes_back(place: Home) -> None:
    with boot.running(place):
        for _ in range(3):
            pid = postmaster(place)
            for victim in (pid, *processes.working_in(place.data)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            assert answers_after(place, pid)


def test_killed_postmaster_with_a_busy_child_comes_back(place: Home) -> None:
    with boot.running(place):
        login = database.address(place).login(place, "run")
        with contextlib.closing(database.connect(login)) as busy:
            busy.pgconn.send_query(b"select count(*) from generate_series(1, 100000000000)")
            busy.pgconn.flush()
            pid = postmaster(place)
            os.kill(pid, signal.SIGKILL)
            assert answers_after(place, pid)


def test_committed_rows_survive_the_kill(place: Home) -> None:
    with boot.running(place):
        ask(place, "create table kept (n int)", role="owner")
        ask(place, "insert into kept values (7) returning n", role="owner")
        pid = postmaster(place)
        for victim in (pid, *processes.working_in(place.data)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        assert answers_after(place, pid)
        assert ask(place, "select n from kept", role="owner") == (7,)
        ask(place, "drop table kept", role="owner")


def test_another_user_takes_over_when_the_first_is_killed(place: Home) -> None:
    with another_program(place) as other, boot.running(place):
        pid = postmaster(place)
        other.kill()
        other.wait()
        assert ask(place) == (1,)
        os.kill(pid, signal.SIGKILL)
        assert answers_after(place, pid)


def test_server_of_a_killed_program_is_taken_over_and_stopped(place: Home) -> None:
    with another_program(place) as other:
        pid = postmaster(place)
        other.kill()
        other.wait()
    assert postmaster(place) == pid
    with boot.running(place):
        assert (postmaster(place), ask(place)) == (pid, (1,))
    assert postgres.alive(place) is None


def test_server_of_a_killed_program_can_be_stopped(place: Home) -> None:
    with another_program(place) as other:
        assert not supervisor.stop_left_behind(place)
        other.kill()
        other.wait()
    assert supervisor.stop_left_behind(place)
    assert not supervisor.stop_left_behind(place)


def test_server_without_a_record_is_found(place: Home) -> None:
    with another_program(place) as other:
        pid = postmaster(place)
        other.kill()
        other.wait()
    (place.run / "server.json").unlink()
    with boot.running(place):
        assert postmaster(place) == pid


def test_reused_number_in_our_record_is_not_the_server(place: Home) -> None:
    with subprocess.Popen(["sleep", "600"]) as innocent:
        record = processes.record(innocent.pid)
        assert record is not None
        forged = processes.ProcessRecord(record.pid, record.started, ["postgres"])
        postgres.remember(place, postgres.Running(forged, "/nowhere"))
        with boot.running(place):
            assert postmaster(place) != innocent.pid
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.parametrize("text", ["", "garbage", "999999999\n/nowhere\n", "\0\0\0"])
def test_damaged_pid_file_does_not_stop_a_start(place: Home, text: str) -> None:
    (place.data / "postmaster.pid").write_text(text)
    with boot.running(place):
        assert ask(place) == (1,)


def test_pid_file_with_a_reused_number_does_not_stop_a_start(place: Home) -> None:
    with as_server_account(place, "sleep", "600") as innocent:
        lines = [str(innocent.pid), str(place.data), "1", "5432", "/nowhere", "", "  1  1", "ready"]
        (place.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with boot.running(place):
            assert ask(place) == (1,)
        assert innocent.poll() is None
        innocent.kill()


def test_two_homes_side_by_side(place: Home) -> None:
    with temporary_home() as other, boot.running(place), boot.running(other):
        assert postmaster(place) != postmaster(other)
        ask(other, "create table only_here (n int)", role="owner")
        assert ask(other, "select to_regclass('only_here')::text") == ("only_here",)
        assert ask(place, "select to_regclass('only_here')::text") == (None,)


def test_pid_file_of_another_home_is_not_ours(place: Home) -> None:
    with temporary_home() as other, boot.running(other):
        shutil.copy(other.data / "postmaster.pid", place.data / "postmaster.pid")
        with boot.running(place):
            assert postmaster(place) != postmaster(other)
        assert ask(other) == (1,)


def test_half_made_database_is_made_again() -> None:
    with temporary_home() as place:
        (place.path / "data.new").mkdir()
        (place.path / "data.new" / "PG_VERSION").write_text("18\n")
        with boot.running(place):
            assert ask(place) == (1,)


def test_database_of_another_version_is_refused(place: Home) -> None:
    version = place.data / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("11\n")
    try:
        with pytest.raises(Conflict, match="made by PostgreSQL 11"), boot.running(place):
            pass
    finally:
        version.write_text(made_by)


def test_database_that_cannot_start_is_refused_with_its_words(place: Home) -> None:
    control = place.data / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    try:
        with pytest.raises(NotAllowed, match="pg_control"), boot.running(place):
            pass
    finally:
        control.with_suffix(".away").rename(control)


def test_lost_secret_is_made_anew(place: Home) -> None:
    (place.secrets / "kesto_app").unlink()
    with boot.running(place):
        assert ask(place) == (1,)
    modes = {path.stat().st_mode & 0o777 for path in place.secrets.iterdir()}
    assert modes == {0o600}


def test_secret_of_another_home_is_refused(place: Home) -> None:
    right = (place.secrets / "postgres").read_text()
    (place.secrets / "postgres").write_text("another")
    try:
        with pytest.raises(NotAllowed, match="not those of the database"), boot.running(place):
            pass
    finally:
        (place.secrets / "postgres").write_text(right)


def test_nobody_enters_without_the_secret(place: Home) -> None:
    with boot.running(place):
        for role in (*(f"kesto_{role}" for role in ROLES), "postgres"):
            login = database.address(place).words | {"user": role, "password": "guessed"}
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                database.connect(login)


def test_long_socket_path_is_not_chosen(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder) / ("x" * 90)
        long.mkdir()
        monkeypatch.setattr(homes, "_runtime_bases", lambda: [long, Path(folder)])
        assert homes.socket_folder(place).parent == Path(folder)
        monkeypatch.setattr(homes, "_runtime_bases", lambda: [long])
        with pytest.raises(NotAllowed, match="TMPDIR"):
            homes.socket_folder(place)


def test_socket_folder_comes_back_after_a_reboot(place: Home) -> None:
    with boot.running(place):
        running = postgres.alive(place)
    assert running is not None
    shutil.rmtree(running.socket, ignore_errors=True)
    with boot.running(place):
        assert Path(running.socket).stat().st_mode & 0o777 == 0o700


def test_stop_is_immediate_when_fast_does_not_help(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STOP_STEPS", ((signal.SIGINT, 0.2), (signal.SIGQUIT, 10.0)))
    with boot.running(place):
        checkpointer = next(
            pid
            for pid in processes.working_in(place.data)
            if "checkpointer" in " ".join(psutil.Process(pid).cmdline())
        )
        os.kill(checkpointer, signal.SIGSTOP)  # a fast stop waits for its checkpoint
        resume = threading.Timer(1.0, os.kill, (checkpointer, signal.SIGCONT))
        resume.start()
    resume.join()
    log = postgres.log_path(place).read_text(encoding="utf-8")
    assert "received immediate shutdown request" in log
    with boot.running(place):
        assert ask(place) == (1,)


@AS_ROOT
def test_home_that_the_account_cannot_reach_is_refused() -> None:
    with tempfile.TemporaryDirectory() as closed:  # of mode 0700, root's
        place = Home(Path(closed) / "deep" / "home")
        with pytest.raises(NotAllowed, match=f"cannot enter {closed}"), boot.running(place):
            pass
        assert list(Path(closed).iterdir()) == []
        assert Path(closed).stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_root_runs_the_server_as_an_account(place: Home) -> None:
    with boot.running(place):
        assert psutil.Process(postmaster(place)).uids().real != 0
        assert psutil.Process(postmaster(place)).gids().real != 0
        owners = {path.owner() for path in (place.path, place.secrets, place.run)}
        assert owners == {"root"}


def test_large_log_is_moved_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LIMIT_BYTES", 10)
    path = tmp_path / "web.log"
    with logs.open_log(path) as log:
        log.write(b"a long story\n")
        log.flush()
        logs.trim(tmp_path)
        log.write(b"news\n")
    assert path.read_bytes() == b"news\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"a long story\n"


def test_folder_with_other_files_is_refused() -> None:
    with temporary_home() as place:
        (place.path / "letter.txt").write_text("mine")
        with pytest.raises(NotAllowed, match=r"letter\.txt"), boot.running(place):
            pass
        assert [path.name for path in place.path.iterdir()] == ["letter.txt"]


def test_installing_again_changes_nothing(place: Home) -> None:
    before = (place.data / "PG_VERSION").stat().st_ctime_ns
    cluster.install(place)
    assert (place.data / "PG_VERSION").stat().st_ctime_ns == before
