"""Cuts the web font out of the installed one: `python -m kesto.web.ui.font FILE`.

A program of its own, so that no other process carries the tools for it. Takes some seconds, once.
"""

import io
import os
import sys
from importlib.resources import as_file, files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONT = "files/Inter[opsz,wght].ttf"
WEIGHTS = (400, 700)
OPTICAL_SIZE = 14
FEATURES = ["calt", "case", "ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "tnum"]
# Latin, Latin-1, Latin Extended-A, then the dashes, quotes, dots, arrows and signs in use;
# `unicode-range` in base.css says the same to browsers.
CHARACTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *(0x2013, 0x2014, *range(0x2018, 0x201F), 0x2022, 0x2026),
    *(0x20AC, 0x2190, 0x2192, 0x2212, 0x2248, 0x2264, 0x2265),
)


def main(path: Path) -> None:
    """Write the font so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(web_font())
    temporary.replace(path)


def web_font() -> bytes:
    """Inter with the characters, weights and features in use, as woff2."""
    with as_file(files("fontpkg_inter") / FONT) as path:
        whole = TTFont(path, recalcTimestamp=False)
        subsetter = Subsetter(Options(layout_features=FEATURES))
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(whole)
        cut = instantiateVariableFont(whole, {"opsz": OPTICAL_SIZE, "wght": WEIGHTS})
        cut.flavor = "woff2"
        content = io.BytesIO()
        cut.save(content)
    return content.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
