"""One PostgreSQL server of one home: made, started, found again, stopped."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import msgspec

from kesto.core.refusals import NotAllowed
from kesto.ops import config, logs, processes
from kesto.ops.accounts import Account
from kesto.ops.cluster import Installation, as_account
from kesto.ops.home import Home, socket_folder, write_private
from kesto.ops.processes import ProcessRecord

SETTINGS = {
    "listen_addresses": "",  # the socket is the only door
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    # Memory is taken as it is needed. In less of it the indexes that usage is kept in have no room.
    "shared_buffers": "512MB",
    "wal_buffers": "4MB",  # of itself it would be four times that, all of which lies there at rest
    # What may have to be done again after a fall, which takes a few seconds.
    "max_wal_size": "768MB",
    "io_method": "sync",  # no processes of its own for reading: seven megabytes less at rest
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
    "log_checkpoints": "off",
    # Statements and row values hold names and addresses; they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
LEAST_CONNECTIONS = 100
RESERVED = 10  # for the superuser, who mends what is broken

STOP_STEPS = (
    (signal.SIGINT, 30.0),  # fast: open transactions are rolled back, a checkpoint is written
    (signal.SIGQUIT, 10.0),  # immediate: recovery at the next start
    (signal.SIGKILL, 10.0),
)


class Running(msgspec.Struct, frozen=True):
    """A server that was started: its process and the folder of its socket."""

    process: ProcessRecord
    socket: str


def start(installation: Installation) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server directly and name the folder of its socket.

    The server survives this program, however that ends, until somebody stops it.
    """
    place = installation.home
    folder = _make_socket_folder(place, installation.account)
    command = [installation.binaries.program("postgres"), "-D", str(place.data)]
    more = {
        "max_connections": str(max(config.connections() + RESERVED, LEAST_CONNECTIONS)),
        "unix_socket_directories": str(folder),
    }
    for name, value in {**SETTINGS, **more}.items():
        command += ["-c", f"{name}={value}"]
    with logs.open_log(log_path(place)) as log:
        child = subprocess.Popen(  # noqa: S603 - our own program and settings
            command, stdout=log, stderr=log, **as_account(installation)
        )
    return child, str(folder)


def stop(process: ProcessRecord, *, at_once: bool = False) -> None:
    """Stop fast; a server that has not ended in time is stopped at once, then killed."""
    for number, seconds in STOP_STEPS[1:] if at_once else STOP_STEPS:
        if not processes.send(process, number) or processes.wait_gone(process, seconds):
            return


def remove_socket_folder(running: Running) -> None:
    """Leave nothing behind of a server that has stopped."""
    with contextlib.suppress(OSError):  # not empty: somebody else's, or a crashed server's
        Path(running.socket).rmdir()


def known(place: Home) -> Running | None:
    """Read who was started last for this home, alive or not."""
    try:
        return msgspec.json.decode((place.run / "server.json").read_bytes(), type=Running)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def remember(place: Home, running: Running) -> None:
    """Write down who was started, for the next start and for everyone who connects."""
    write_private(place.run / "server.json", msgspec.json.encode(running).decode())


def alive(place: Home) -> Running | None:
    """Find this home's living server, by our record or else by its own pid file."""
    running = known(place)
    if running is not None and processes.is_alive(running.process):
        return running
    return _by_pid_file(place)


def clear_remains(place: Home) -> None:
    """Make a crashed home startable: end what is left of the old server, drop a false pid file.

    Only for the holder of the home's lock, and only when no living server was found. A pid file
    is false when it is damaged or names a process that is not ours: the number was given out
    again, or belongs to a dead process that nobody collects. PostgreSQL would refuse both.
    """
    for pid in processes.working_in(place.data):
        left = processes.record(pid)
        if left is not None:
            stop(left, at_once=True)
    named = _pid_in_file(place)
    if named is None or processes.is_taken(named):
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def log_path(place: Home) -> Path:
    """Where the server writes what it has to say."""
    return place.logs / "postgres.log"


def last_trouble(place: Home, since: int) -> str:
    """The last grave words of the server after a size of its log, for a message to a person."""
    path = log_path(place)
    return logs.last_line(path, r"FATAL|PANIC", since) or logs.last_line(path, ".", since)


def _make_socket_folder(place: Home, account: Account | None) -> Path:
    folder = socket_folder(place)
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = os.geteuid() if account is None else account.uid
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in {owner, os.geteuid()}:
        raise NotAllowed(
            f"The socket folder {folder} belongs to someone else:"
            " remove it, or point TMPDIR at a folder of your own",
            code="socket_folder_taken",
            field="TMPDIR",
        )
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _by_pid_file(place: Home) -> Running | None:
    pid = _pid_in_file(place)
    found = None if pid is None else processes.record(pid)
    if found is None or not _serves(found, place):
        return None
    sockets = [word for word in found.command if word.startswith("unix_socket_directories=")]
    return Running(found, sockets[0].partition("=")[2]) if sockets else None


def _serves(found: ProcessRecord, place: Home) -> bool:
    program = Path(found.command[0]).name if found.command else ""
    return program == "postgres" and str(place.data) in found.command


def _pid_in_file(place: Home) -> int | None:
    try:
        first = (place.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0]
        return int(first)
    except (FileNotFoundError, ValueError):
        return None
