"""What a chart is: drawn twice, told in a sentence, and its numbers kept beside it."""

from collections.abc import Callable, Sequence
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from msgspec import Struct

# A place in the table of colours: accent, second, third, quiet, downwards.
Tone = Literal["1", "2", "3", "q", "d"]


class Words(Struct, frozen=True):
    """What a chart says: a sentence for those who listen, and its table's caption and heads."""

    sentence: str
    caption: str
    heads: tuple[str, str]


class Key(Struct, frozen=True):
    """An entry of the legend."""

    tone: str
    words: str


class Size(Struct, frozen=True):
    """The room of one drawing, in pixels of its true text size."""

    width: int
    height: int


class Chart(Struct, frozen=True):
    """A chart for wide and for narrow places; the page's width picks one."""

    wide: SafeString
    narrow: SafeString
    words: Words
    rows: Sequence[tuple[str, str]]
    legend: Sequence[Key] = ()
    is_full: bool = False  # switches to the narrow drawing earlier: it spans the whole page


WIDE, NARROW = Size(560, 200), Size(320, 190)
HALF, SIDE = Size(440, 220), Size(300, 160)


def drawn_twice(
    draw: Callable[[Size], tuple[SafeString, ...]], sizes: tuple[Size, Size], words: Words
) -> tuple[SafeString, SafeString]:
    """The wide and the narrow drawing."""
    wide, narrow = sizes
    return (
        picture(wide, "is-wide", words.sentence, draw(wide)),
        picture(narrow, "is-narrow", words.sentence, draw(narrow)),
    )


def picture(size: Size, classes: str, sentence: str, parts: Sequence[SafeString]) -> SafeString:
    """The svg element around what was drawn."""
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        *(classes, size.width, size.height, sentence, SafeString("".join(parts))),
    )
