"""The data folder of one installation: where it is, what lies in it, whether it may be used."""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from kesto.core.refusals import NotAllowed, NotFound

ROLES = ("owner", "app", "run", "audit")
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # sun_path holds 108 bytes with its closing zero
DEMO_BALLAST_MB = "16"
DEMO_MERCHANT = "demo"
"""Whom commands in the demo\'s home mean when they name nobody: the telephone company."""
OUR_NAMES = frozenset(
    {
        *("data", "data.new", "secrets", "run", "logs", "ballast", "cache"),
        *("documents", "letters", "mailbox"),
    }
)


class Home(msgspec.Struct, frozen=True):
    """One data folder; everything of one installation is inside, but the socket."""

    path: Path

    @property
    def data(self) -> Path:
        """The database's own folder (PGDATA)."""
        return self.path / "data"

    @property
    def secrets(self) -> Path:
        """One file of mode 0600 per role."""
        return self.path / "secrets"

    @property
    def run(self) -> Path:
        """Locks and records of what is running."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """What the background processes say."""
        return self.path / "logs"

    @property
    def cache(self) -> Path:
        """What can be made again: the web font, compiled translations."""
        return self.path / "cache"

    @property
    def documents(self) -> Path:
        """Documents as they were delivered, byte for byte."""
        return self.path / "documents"

    @property
    def letters(self) -> Path:
        """Each day's letters for the printer."""
        return self.path / "letters"

    @property
    def mailbox(self) -> Path:
        """What the mailbox of test merchants has received."""
        return self.path / "mailbox"

    @property
    def ballast(self) -> Path:
        """Space kept back for the day the disk is full."""
        return self.path / "ballast"

    def secret(self, name: str) -> str:
        """Read a secret; refuse where it was never made."""
        try:
            return (self.secrets / name).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NotFound(
                f"{self.path} holds no secret for {name}: start it once with `kesto up`",
                code="home_not_prepared",
                field="KESTO_HOME",
            ) from None
        except PermissionError:
            raise _not_usable(self, "belongs to another user") from None

    def keep_secret(self, name: str) -> str:
        """Read a secret, or make a random one in a file that only this user can read."""
        path = self.secrets / name
        if not path.exists():
            temporary = self.secrets / f".{name}.{os.getpid()}"
            write_private(temporary, secrets.token_urlsafe(32))
            try:
                os.link(temporary, path)  # whoever links first has made the secret
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        return self.secret(name)


def real_home() -> Home:
    """Give the home that KESTO_HOME names, or the usual place for this user."""
    named = os.environ.get("KESTO_HOME")
    if named:
        return Home(Path(named).expanduser().resolve())
    if os.geteuid() == 0:
        return Home(Path("/var/lib/kesto"))
    return Home(Path.home() / ".local" / "share" / "kesto")


def demo_home() -> Home:
    """Give the demo's own home beside the real one, one for each clone of the source."""
    clone = Path(__file__).resolve().parents[2]
    return Home(real_home().path.parent / f"kesto-demo-{_short_hash(clone, 8)}")


def enter_demo_home() -> Home:
    """Make the demo's home the one that this process, and those that it starts, work in.

    The demo never touches servers of one's own, and keeps less ballast.
    """
    place = demo_home()
    os.environ["KESTO_HOME"] = str(place.path)
    os.environ.pop("KESTO_DATABASE_URL", None)
    os.environ.pop("KESTO_USAGE_URL", None)
    os.environ.setdefault("KESTO_BALLAST_MB", DEMO_BALLAST_MB)
    os.environ["KESTO_MERCHANT"] = DEMO_MERCHANT
    return place


def prepare(place: Home) -> None:
    """Make the folders of a home; refuse a folder that cannot be one."""
    refuse_unusable(place)
    try:
        place.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (place.secrets, place.run, place.logs):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _not_usable(place, f"cannot be written ({error.strerror})") from error


def refuse_unusable(place: Home) -> None:
    """Refuse a home that is no folder, holds files of something else, or is another user's."""
    try:
        if place.secrets.is_dir():
            if place.secrets.stat().st_uid != os.geteuid():
                raise _not_usable(place, f"belongs to the user {place.secrets.owner()}")
        elif place.path.is_dir():
            foreign = [entry.name for entry in place.path.iterdir() if not _is_ours(entry.name)]
            if foreign:
                raise _not_usable(place, f"holds other files ({min(foreign)})")
        elif place.path.exists():
            raise _not_usable(place, "is not a folder")
    except PermissionError:
        raise _not_usable(place, "may not be entered by this user") from None


def socket_folder(place: Home) -> Path:
    """Choose the short folder for the server's socket; it is gone after a reboot and made anew."""
    name = f"kesto-{_short_hash(place.path, 12)}"
    for base in _runtime_bases():
        folder = base / name
        if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and os.access(base, os.W_OK):
            return folder
    raise NotAllowed(
        "No folder for the database socket can be written (tried /run and /tmp):"
        " point TMPDIR at a short, writable folder",
        code="no_socket_folder",
        field="TMPDIR",
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, so that it is there whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _not_usable(place: Home, why: str) -> NotAllowed:
    return NotAllowed(
        f"{place.path} {why}: name a new or an empty folder of your own in KESTO_HOME",
        code="home_not_usable",
        field="KESTO_HOME",
    )


def _is_ours(name: str) -> bool:
    return name in OUR_NAMES or name.startswith("postgres-")


def _runtime_bases() -> list[Path]:
    # A login's own runtime folder vanishes at logout while a detached server lives on, so an
    # ordinary user's socket is under the temporary folder, in a folder only that user can enter.
    temporary = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - entered by owner only
    return [Path("/run"), *temporary] if os.geteuid() == 0 else temporary


def _short_hash(path: Path, length: int) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:length]
