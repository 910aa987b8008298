"""Cuts the fonts of documents: `python -m kesto.adapters.documents.cut_fonts FOLDER`.

A program of its own, so that no other process carries the tools for it. Takes some seconds, once.
"""

import io
import sys
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from kesto.adapters.documents.letters import FONT

WEIGHTS = (400, 550, 700)
"""Regular, `medium` and `bold` of form.typ."""

OPTICAL_SIZE = 14
FEATURES = ["ccmp", "kern", "lnum", "locl", "mark", "mkmk", "tnum"]


def main(folder: Path) -> None:
    """Write the fonts so that all are there or none; who comes second keeps the first one's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    letters = _letters()
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        ready = Path(name) / "ready"
        ready.mkdir(mode=0o755)
        for weight in WEIGHTS:
            _of_weight(letters, weight).save(ready / f"Inter-{weight}.ttf")
        try:
            ready.rename(folder)
        except OSError:
            if not folder.exists():
                raise


def _letters() -> bytes:
    """The font with every letter it has, without their alternates."""
    font = TTFont(FONT, recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=FEATURES, name_IDs=["*"], notdef_outline=True))
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def _of_weight(letters: bytes, weight: int) -> TTFont:
    font = TTFont(io.BytesIO(letters), recalcTimestamp=False)
    instantiateVariableFont(font, {"opsz": OPTICAL_SIZE, "wght": weight}, inplace=True)
    font["OS/2"].usWeightClass = weight
    return font


if __name__ == "__main__":
    main(Path(sys.argv[1]))
