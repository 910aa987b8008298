"""Log files of the background processes: private, appended to, kept from growing for ever."""

import os
import re
import shutil
from pathlib import Path
from typing import BinaryIO

LIMIT_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 20_000


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def trim(folder: Path) -> None:
    """Move what large logs hold to an old copy; their writers append on to the emptied file."""
    for path in folder.glob("*.log"):
        if size(path) > LIMIT_BYTES:
            shutil.copy(path, path.with_name(f"{path.name}.1"))
            os.truncate(path, 0)


def size(path: Path) -> int:
    """How far a log has grown; what comes after is news."""
    return path.stat().st_size if path.exists() else 0


def last_line(path: Path, pattern: str = ".", since: int = 0) -> str:
    """The last line after a size that fits the pattern; nothing when there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(since, size(path) - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    found = [line for line in text.splitlines() if re.search(pattern, line)]
    return found[-1].strip() if found else ""
