"""From one sum to another, step by step: bars in rows, which read well on any width."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.safestring import SafeString
from msgspec import Struct

from kesto.web.ui.charts.chart import Chart, Size, Words, drawn_twice
from kesto.web.ui.charts.strokes import line, rect, text

ROW_PX, BAR_PX = 29, 12
WIDTHS = (440, 320)
FIGURES_PX = 100  # kept free at the right for what the figures are in words


class Step(Struct, frozen=True):
    """A change with its name, and the change in words."""

    label: str
    change: Decimal
    written: str


class End(Struct, frozen=True):
    """Where the steps start or arrive: a sum in words."""

    label: str
    written: str


def waterfall(start: End, steps: Sequence[Step], end: End, words: Words) -> Chart:
    """Draw the changes around a middle line; the sums stand above and below in words."""
    height = ROW_PX * (len(steps) + 2)

    def draw(size: Size) -> tuple[SafeString, ...]:
        return tuple(_draw(start, steps, end, size))

    wide, narrow = drawn_twice(draw, (Size(WIDTHS[0], height), Size(WIDTHS[1], height)), words)
    rows = [
        (start.label, start.written),
        *((step.label, step.written) for step in steps),
        (end.label, end.written),
    ]
    return Chart(wide, narrow, words, rows)


def _draw(start: End, steps: Sequence[Step], end: End, size: Size) -> Iterator[SafeString]:
    middle = size.width / 2
    largest = max((abs(step.change) for step in steps), default=Decimal(1)) or Decimal(1)
    per_unit = (middle - FIGURES_PX) / float(largest)
    yield from _sum(start, 0, size)
    for place, step in enumerate(steps, start=1):
        y = ROW_PX * place
        length = abs(float(step.change)) * per_unit
        left = middle if step.change >= 0 else middle - length
        yield text(0, y + 19, step.label)
        yield rect(left, y + 9, length, BAR_PX, "c2" if step.change >= 0 else "cd")
        yield text(size.width, y + 19, step.written, "t-end t-strong")
    yield from _sum(end, len(steps) + 1, size)
    yield line(middle, ROW_PX, middle, ROW_PX * (len(steps) + 1), "axis")


def _sum(end: End, place: int, size: Size) -> Iterator[SafeString]:
    y = ROW_PX * place + 19
    yield text(0, y, end.label, "t-strong")
    yield text(size.width, y, end.written, "t-end t-strong")
