"""Texts that the page can print: letters the font has, words that can break, lines that fit."""

import re
import textwrap
import unicodedata
from functools import cache
from importlib import import_module
from pathlib import Path

import fontpkg_inter  # type: ignore[import-untyped]  # it ships no types

FONTS = Path(fontpkg_inter.__file__).parent / "files"
FONT = FONTS / "Inter[opsz,wght].ttf"

MISSING = "□"
"""What stands for a letter that the font does not have, so that a name never stops a document."""

_LONGEST_WORD = 24
_BREAK = "\u200b"
_LONG_WORD = re.compile(rf"[^\s{_BREAK}]{{{_LONGEST_WORD + 1},}}")


def printable(text: str) -> str:
    """Return a text in letters of the font; letters and their marks are put together first."""
    return _unknown().sub(MISSING, unicodedata.normalize("NFC", text))


def breakable(text: str) -> str:
    """Return a text whose overlong words may break over lines."""
    return _LONG_WORD.sub(lambda found: _broken(found[0]), text)


def address_lines(lines: tuple[str, ...], width: int, most: int) -> list[str]:
    """Return an address that fits a window: lines of a width, at most so many of them."""
    found = [part for line in lines for part in textwrap.wrap(line, width)]
    return [breakable(line) for line in found[:most]]


def _broken(word: str) -> str:
    return _BREAK.join(textwrap.wrap(word, _LONGEST_WORD))


@cache
def _unknown() -> re.Pattern[str]:
    """What the font has no letter for, as a pattern; the font is read once a process."""
    # Loaded for the first document, as is the engine.
    with import_module("fontTools.ttLib").TTFont(FONT, lazy=True) as font:
        known = sorted(font.getBestCmap())
    runs: list[list[int]] = []
    for code in known:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    ranges = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)
    return re.compile(f"[^{ranges}]")
