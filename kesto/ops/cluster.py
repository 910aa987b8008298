"""The database's folder: made by initdb under the right account, with the right programs."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from kesto.core.refusals import Conflict, NotAllowed
from kesto.ops import accounts, binaries
from kesto.ops import home as homes
from kesto.ops.accounts import Account
from kesto.ops.binaries import Binaries
from kesto.ops.home import Home

BUILTIN_LOCALE_MAJOR = 17


class Installation(msgspec.Struct, frozen=True):
    """What a server is started from: home, programs and, as root, the account."""

    home: Home
    binaries: Binaries
    account: Account | None


def prepare(place: Home) -> None:
    """Make the home's folders, after all that could be refused has been looked at."""
    homes.refuse_unusable(place)
    account = accounts.server_account(place.data)
    if account is not None:
        accounts.refuse_unreachable(place.path, account)
    homes.prepare(place)


def install(place: Home) -> Installation:
    """Make the database's folder if there is none yet, owned by the account that runs it."""
    account = accounts.server_account(place.data)
    if account is not None:
        os.chown(place.path, 0, account.gid)
        place.path.chmod(0o710)
    installation = Installation(place, binaries.find(), account)
    if not (place.data / "PG_VERSION").exists():
        _initialise(installation)
    _refuse_other_major(installation)
    return installation


def as_account(installation: Installation) -> dict[str, Any]:
    """Options for running a program as the account.

    Nothing of this program's surroundings reaches the server: no secrets, no terminal signals.
    """
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "cwd": "/",
        "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        "start_new_session": True,
    }
    if installation.account is not None:
        options |= {"user": installation.account.uid, "group": installation.account.gid}
        options |= {"extra_groups": [], "umask": 0o077}
    return options


def _initialise(installation: Installation) -> None:
    place = installation.home
    fresh = place.path / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    descriptor, password_file = tempfile.mkstemp(prefix="initdb-", dir=place.path)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(place.keep_secret("postgres"))
        if installation.account is not None:
            for path in (fresh, password_file):
                os.chown(path, installation.account.uid, installation.account.gid)
        answer = subprocess.run(  # noqa: S603 - our own program and settings
            _initdb(installation.binaries, fresh, password_file),
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **as_account(installation),
        )
    finally:
        Path(password_file).unlink()
    if answer.returncode != 0:
        words = answer.stderr.decode(errors="replace").strip().splitlines()
        raise NotAllowed(
            f"The database could not be made in {place.path}: {words[-1] if words else 'initdb'}",
            code="initdb_failed",
            field="KESTO_HOME",
        )
    fresh.rename(place.data)


def _initdb(programs: Binaries, data: Path, password_file: str) -> list[str]:
    command = [programs.program("initdb"), "--pgdata", str(data), "--username", "postgres"]
    command += ["--pwfile", password_file, "--auth", "scram-sha-256", "--data-checksums"]
    command += ["--encoding", "UTF8"]
    if programs.major >= BUILTIN_LOCALE_MAJOR:
        return [*command, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return [*command, "--locale=C.UTF-8"]


def _refuse_other_major(installation: Installation) -> None:
    made_by = (installation.home.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(installation.binaries.major):
        raise Conflict(
            f"{installation.home.data} was made by PostgreSQL {made_by} and the programs are"
            f" {installation.binaries.major}: name those of {made_by} in KESTO_PG_BIN",
            code="postgres_version",
            field="KESTO_PG_BIN",
        )
