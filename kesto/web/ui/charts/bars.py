"""Bars: one figure for each day, month or group; an estimate is pale."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.safestring import SafeString
from msgspec import Struct

from kesto.web.ui.charts.chart import NARROW, WIDE, Chart, Key, Size, Tone, Words, drawn_twice
from kesto.web.ui.charts.strokes import line, rect, text, ticks
from kesto.web.ui.tags.values import number

TOP, FOOT, LEFT = 18, 24, 34
MOST_WIDE_PX = 48


class Bar(Struct, frozen=True):
    """A figure with its label; `written` is the figure in words, `short` the label on phones.

    Of an estimate, `certain` is the part that is known already.
    """

    label: str
    value: Decimal
    written: str
    is_estimate: bool = False
    certain: Decimal = Decimal(0)
    tone: Tone = "1"
    short: str = ""
    row: str = ""  # the label in the table, where it can be longer


def bars(
    of: Sequence[Bar],
    words: Words,
    *,
    sizes: tuple[Size, Size] = (WIDE, NARROW),
    legend: Sequence[Key] = (),
    has_axis: bool = True,
) -> Chart:
    """Draw bars from nought; where there are few and each bears its figure, an axis can go."""

    def draw(size: Size) -> tuple[SafeString, ...]:
        return tuple(_draw(of, size, has_axis=has_axis))

    wide, narrow = drawn_twice(draw, sizes, words)
    rows = [(bar.row or bar.label, bar.written) for bar in of]
    return Chart(wide, narrow, words, rows, legend)


def _draw(of: Sequence[Bar], size: Size, *, has_axis: bool) -> Iterator[SafeString]:
    base = size.height - FOOT
    left = LEFT if has_axis else 0
    marks = ticks(max((bar.value for bar in of), default=Decimal(0)))
    top = marks[-1] if has_axis else max((bar.value for bar in of), default=Decimal(1)) or 1
    per_unit = (base - TOP) / float(top)
    yield line(left, base, size.width, base, "axis")
    if has_axis:
        yield text(left - 6, base + 4, number(Decimal(0)), "t-end")
        for mark in marks[1:]:
            y = base - float(mark) * per_unit
            yield line(left, y, size.width, y, "grid")
            yield text(left - 6, y + 4, number(mark.normalize()), "t-end")
    slot = (size.width - left) / max(len(of), 1)
    width = min(slot * 0.55, MOST_WIDE_PX)
    is_narrow = slot < MOST_WIDE_PX
    for place, bar in enumerate(of):
        middle = left + slot * (place + 0.5)
        yield from _bar(bar, middle, width, base, per_unit)
        label = bar.short or bar.label if is_narrow else bar.label
        yield text(middle, size.height - 7, label, "t-mid")


def _bar(
    bar: Bar, middle: float, width: float, base: float, per_unit: float
) -> Iterator[SafeString]:
    height, certain = float(bar.value) * per_unit, float(bar.certain) * per_unit
    left, top = middle - width / 2, base - height
    if bar.is_estimate:
        yield rect(left, top, width, height - certain, "guess")
    if not bar.is_estimate or certain:
        solid = certain if bar.is_estimate else height
        yield rect(left, base - solid, width, solid, f"c{bar.tone}")
    yield text(middle, top - 6, bar.written, "t-mid t-strong")
