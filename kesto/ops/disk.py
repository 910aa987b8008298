"""Room on the disk: ballast kept back, and a refusal before the database runs into the wall."""

import os
import shutil
from pathlib import Path

from kesto.core.refusals import NotAllowed
from kesto.ops.config import whole_number
from kesto.ops.home import Home

MEBIBYTE = 1024 * 1024
BALLAST_MEBIBYTES = 256
BLOCK = 4 * MEBIBYTE


def ballast_bytes() -> int:
    """How much is kept back: KESTO_BALLAST_MB, else 256 MiB."""
    return whole_number("KESTO_BALLAST_MB", BALLAST_MEBIBYTES, 0, 1024 * 1024) * MEBIBYTE


def free_bytes(folder: Path) -> int:
    """The space that is left on the disk of a folder."""
    return shutil.disk_usage(folder).free


def is_low(place: Home) -> bool:
    """Whether so little is left that new work must be refused: less than the ballast's size."""
    return free_bytes(place.path) < ballast_bytes()


def refuse_when_low(place: Home) -> None:
    """Refuse new work while the disk is nearly full; reading goes on."""
    if is_low(place):
        free = free_bytes(place.path) // MEBIBYTE
        mark = ballast_bytes() // MEBIBYTE
        raise NotAllowed(
            f"The disk of {place.path} has {free} MB left and new work needs {mark} MB:"
            " free some space, then try again",
            code="disk_full",
        )


def keep_ballast(place: Home) -> bool:
    """Lay the ballast where there is room for it and as much again; tell whether it lies."""
    wanted = ballast_bytes()
    if _size(place.ballast) == wanted:
        return True
    place.ballast.unlink(missing_ok=True)
    if free_bytes(place.path) < 2 * wanted:
        return False
    try:
        _write(place.ballast, wanted)
    except OSError:
        place.ballast.unlink(missing_ok=True)
        return False
    return True


def drop_ballast(place: Home) -> bool:
    """Give the ballast to a database that cannot start for want of space."""
    lay = place.ballast.exists()
    place.ballast.unlink(missing_ok=True)
    return lay


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _write(path: Path, size: int) -> None:
    # Real blocks, not a hole: allocated by the kernel, or written where it cannot.
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate") and size:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        for start in range(0, size, BLOCK):
            file.write(os.urandom(min(BLOCK, size - start)))
