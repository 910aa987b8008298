"""Whose server it is: PostgreSQL refuses to run as root, so root lends it a system account."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import msgspec

from kesto.core.refusals import NotAllowed

NAMES = ("kesto", "postgres")
FIRST_ORDINARY_UID = 1000  # Debian's and Fedora's border between system accounts and people


class Account(msgspec.Struct, frozen=True):
    """A user of the machine with its own group."""

    name: str
    uid: int
    gid: int


def server_account(data: Path) -> Account | None:
    """Give the account that must run the server; None when it is this very user.

    As root: the owner of an existing database, else the system account kesto or postgres,
    else a new system account kesto.
    """
    if os.geteuid() != 0:
        return None
    owned = _owner_of(data)
    if owned is not None:
        return owned
    for name in NAMES:
        found = _system_account(name)
        if found is not None:
            return found
    return _new_account()


def refuse_unreachable(folder: Path, account: Account) -> None:
    """Refuse a home below a folder that the account may not enter; nothing is opened up for it."""
    for parent in reversed(folder.parents):
        if parent.is_dir() and not _may_enter(parent, account):
            raise NotAllowed(
                f"The account {account.name} that runs the database cannot enter {parent}:"
                f" name a home elsewhere in KESTO_HOME (usual: /var/lib/kesto),"
                f" or allow it with `chmod o+x {parent}`",
                code="home_unreachable",
                field="KESTO_HOME",
            )


def _owner_of(data: Path) -> Account | None:
    try:
        uid = data.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return None
    if uid == 0:
        return None
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NotAllowed(
            f"{data} belongs to the user number {uid}, which this machine does not know:"
            " create that user, or name another folder in KESTO_HOME",
            code="home_of_unknown_user",
            field="KESTO_HOME",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if not 0 < entry.pw_uid < FIRST_ORDINARY_UID:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _new_account() -> Account:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is not None:
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "kesto"]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed words
    made = _system_account("kesto")
    if made is None:
        raise NotAllowed(
            "The database must not run as root and no system account could be made for it:"
            " create one named kesto (useradd --system --user-group kesto),"
            " or run kesto as an ordinary user",
            code="no_server_account",
        )
    return made


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
