"""Lines over time; what is forecast is dotted and carries its band."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from django.utils.safestring import SafeString
from msgspec import Struct

from kesto.web.ui.charts.chart import HALF, NARROW, Chart, Key, Size, Tone, Words, drawn_twice
from kesto.web.ui.charts.strokes import line, path, text, ticks
from kesto.web.ui.tags.values import number

TOP, FOOT, LEFT, RIGHT = 18, 24, 40, 14
LABEL_PX = 48


class Point(Struct, frozen=True):
    """A figure at a time; a forecast has the bounds that it will likely keep."""

    label: str
    value: Decimal
    written: str
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def is_forecast(self) -> bool:
        """Whether the figure is not known yet."""
        return self.low is not None


class Series(Struct, frozen=True):
    """A line with its name."""

    name: str
    points: Sequence[Point]
    tone: Tone = "1"


def lines(
    of: Sequence[Series], words: Words, *, sizes: tuple[Size, Size] = (HALF, NARROW)
) -> Chart:
    """Draw lines over the same times; with more than one, a legend names them."""

    def draw(size: Size) -> tuple[SafeString, ...]:
        return tuple(_draw(of, size))

    wide, narrow = drawn_twice(draw, sizes, words)
    many = len(of) > 1
    rows = [
        (f"{series.name}, {point.label}" if many else point.label, point.written)
        for series in of
        for point in series.points
    ]
    legend = [Key(series.tone, series.name) for series in of] if many else []
    return Chart(wide, narrow, words, rows, legend)


class _Plane(Struct, frozen=True):
    """Turns times and figures into pixels."""

    size: Size
    count: int
    per_unit: float
    lowest: float = 0

    def at(self, place: int, value: Decimal) -> tuple[float, float]:
        step = (self.size.width - LEFT - RIGHT) / max(self.count - 1, 1)
        return LEFT + step * place, self._y(value)

    def _y(self, value: Decimal) -> float:
        return self.size.height - FOOT - (float(value) - self.lowest) * self.per_unit


def _draw(of: Sequence[Series], size: Size) -> Iterator[SafeString]:
    points = [point for series in of for point in series.points]
    marks = _marks(points)
    count = max((len(series.points) for series in of), default=0)
    per_unit = (size.height - TOP - FOOT) / float(marks[-1] - marks[0])
    plane = _Plane(size, count, per_unit, float(marks[0]))
    for mark in marks:
        _, y = plane.at(0, mark)
        yield line(LEFT, y, size.width, y, "grid" if mark else "axis")
        yield text(LEFT - 6, y + 4, number(mark.normalize()), "t-end")
    for series in of:
        yield from _series(series, plane)
    if of:
        yield from _labels(of[0].points, plane)


def _marks(points: Sequence[Point]) -> list[Decimal]:
    """Round figures from nought, or from below it where a figure is, to above the highest."""
    highest = max((point.high or point.value for point in points), default=Decimal(0))
    lowest = min((point.low or point.value for point in points), default=Decimal(0))
    if lowest >= 0:
        return ticks(highest)
    marks = ticks(max(highest, -lowest))
    step = marks[1]
    below = int((-lowest / step).to_integral_value(ROUND_CEILING))
    above = int((max(highest, Decimal(0)) / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(-below, above + 1)]


def _series(series: Series, plane: _Plane) -> Iterator[SafeString]:
    places = [plane.at(place, point.value) for place, point in enumerate(series.points)]
    known = sum(not point.is_forecast for point in series.points)
    lows, highs = _bounds(series.points, plane)
    if lows:
        start = places[known - 1 : known]
        yield path([*start, *highs, *reversed(lows)], f"b{series.tone}", is_area=True)
    yield path(places[:known], f"l{series.tone}")
    if known < len(places):
        yield path(places[known - 1 :], f"l{series.tone} future")
    if places:
        x, y = places[-1]
        yield text(x, y - 8, series.points[-1].written, "t-end t-strong")


def _bounds(
    points: Sequence[Point], plane: _Plane
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    bounded = [
        (place, point.low, point.high)
        for place, point in enumerate(points)
        if point.low is not None and point.high is not None
    ]
    lows = [plane.at(place, low) for place, low, _ in bounded]
    return lows, [plane.at(place, high) for place, _, high in bounded]


def _labels(points: Sequence[Point], plane: _Plane) -> Iterator[SafeString]:
    """As many labels below as have room, the last one always."""
    room = max(int((plane.size.width - LEFT - RIGHT) // LABEL_PX), 1)
    every = -(-len(points) // room) or 1
    for place, point in enumerate(points):
        if (len(points) - 1 - place) % every == 0:
            x, _ = plane.at(place, point.value)
            yield text(x, plane.size.height - 7, point.label, "t-mid")
