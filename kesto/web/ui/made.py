"""What is made out of installed packages and our own texts: fonts and catalogues.

None is committed. A clone of the source keeps them beside it in `.made`, an installation in a
folder of its home. Set-up makes them by `python -m kesto.web.ui.made`, else the first start does.
"""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from kesto.adapters.documents.fonts import FONT_PACKAGE, font_folder
from kesto.web.ui import catalogues

CLONE = Path(__file__).resolve().parents[3]
FONT_CUT = 1  # raised when other characters, weights or features are cut


def folder(fallback: Path) -> Path:
    """Where what is made lies: beside a clone that we may write to, else in the fallback."""
    is_clone = (CLONE / "pyproject.toml").exists() and os.access(CLONE, os.W_OK)
    return CLONE / ".made" if is_clone else fallback


def locale(place: Path) -> Path:
    """Have the catalogues compiled; return the folder that Django reads them from."""
    catalogues.compile_into(place / "locale")
    return place / "locale"


def font(place: Path) -> bytes:
    """The web font, made now if it is not there yet."""
    path = place / f"inter-{version(FONT_PACKAGE)}-{FONT_CUT}.woff2"
    if not path.exists():
        make = [sys.executable, "-m", "kesto.web.ui.font", str(path)]
        subprocess.run(make, check=True)  # noqa: S603 - our own module
    return path.read_bytes()


def main() -> None:
    """Make everything beside the clone."""
    locale(CLONE / ".made")
    font(CLONE / ".made")
    font_folder(CLONE / ".made")


if __name__ == "__main__":
    main()
