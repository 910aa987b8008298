"""Days: a bar for each day of a period, without a figure of its own; the table has them all."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.safestring import SafeString
from msgspec import Struct

from kesto.web.ui.charts.chart import Chart, Size, Words, drawn_twice
from kesto.web.ui.charts.strokes import line, rect, text
from kesto.web.ui.tags.values import number

SIZES = (Size(560, 110), Size(320, 110))
TOP, FOOT = 18, 22


class Day(Struct, frozen=True):
    """A day in words, and what it came to; below nought nothing is drawn."""

    label: str
    value: Decimal
    written: str


def days(of: Sequence[Day], words: Words) -> Chart:
    """Draw days; the first and the last bear their names, and the highest figure its height."""

    def draw(size: Size) -> tuple[SafeString, ...]:
        return tuple(_draw(of, size))

    wide, narrow = drawn_twice(draw, SIZES, words)
    return Chart(wide, narrow, words, [(day.label, day.written) for day in of])


def _draw(of: Sequence[Day], size: Size) -> Iterator[SafeString]:
    base = size.height - FOOT
    top = max((day.value for day in of), default=Decimal(0))
    yield line(0, base, size.width, base, "axis")
    if top > 0:
        yield line(0, TOP, size.width, TOP, "grid")
        yield text(0, TOP - 6, number(top))
    slot = size.width / max(len(of), 1)
    for place, day in enumerate(of):
        height = float(max(day.value, Decimal(0)) / top) * (base - TOP) if top > 0 else 0
        yield rect(slot * (place + 0.15), base - height, slot * 0.7, height, "c1")
    yield text(0, size.height - 6, of[0].label if of else "")
    if len(of) > 1:
        yield text(size.width, size.height - 6, of[-1].label, "t-end")
