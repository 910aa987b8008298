"""On what was measured: source, processor, memory, versions. Figures without it say little."""

import os
import platform
import subprocess
from pathlib import Path

from msgspec import Struct

SOURCE = Path(__file__).resolve().parents[2]


class Machine(Struct, frozen=True):
    """The machine and its state when the measurement began."""

    processor: str
    cores: int
    memory_gib: float
    load: float
    system: str
    python: str
    postgres: str


def machine(postgres: str) -> Machine:
    """Describe this machine."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(pages * page_bytes / 2**30, 1),
        load=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=postgres,
    )


def commit() -> str:
    """The commit of the source, with a + when files differ from it; empty without one.

    What the bench kept itself is no difference.
    """
    try:
        number = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", ":(exclude)bench/history")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{number}+" if changed else number


def _git(*words: str) -> str:
    command = ["git", "-C", str(SOURCE), *words]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    return answer.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
