"""A disk of its own for a home, small enough to be filled."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kesto.ops import disk
from kesto.ops.home import Home


@contextlib.contextmanager
def disk_of_its_own(folder: Path, mebibytes: int) -> Iterator[None]:
    """Mount a disk of this size; whoever may not do that skips the test."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own needs root and the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(place: Home, leave_bytes: int = 0) -> Path:
    """Fill the disk of a home, but for so much; answers the file to delete again."""
    path = place.path / "logs" / "filling"
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while disk.free_bytes(place.path) > leave_bytes:
            file.write(b"x" * min(disk.MEBIBYTE, disk.free_bytes(place.path) - leave_bytes))
    return path
