"""The fonts of documents: Inter in the three weights of the form, cut once out of its package.

Cut fonts are read, shaped and embedded faster than the whole one with all its weights in it. They
are made of the installed package alone: equal everywhere, and so are the documents set in them.
"""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FONT_PACKAGE = "fontpkg-inter"
FONT_CUT = 1  # raised when other weights or features are cut


def font_folder(made: Path) -> Path:
    """The folder with the fonts, below that of made things; cut now if they are not there yet."""
    folder = made / f"documents-{version(FONT_PACKAGE)}-{FONT_CUT}"
    if not folder.exists():
        cut = [sys.executable, "-m", "kesto.adapters.documents.cut_fonts", str(folder)]
        subprocess.run(cut, check=True)  # noqa: S603 - our own module
    return folder
