"""The small ones: a line beside a figure, and a meter of what is used."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from kesto.web.ui.charts.strokes import path, rect

SPARK_WIDTH, SPARK_LOW, SPARK_HIGH, SPARK_FOOT = 100, 28, 4, 32
METER_WIDTH = 600


def spark(values: Sequence[Decimal | int]) -> SafeString:
    """A line without axes; the figure beside it says what it is, so it is hidden from listeners."""
    if len(values) < 2:  # noqa: PLR2004 - a line needs two ends
        return SafeString("")
    low, high = min(values), max(values)
    spread = float(high - low) or 1
    step = SPARK_WIDTH / (len(values) - 1)
    points = [
        (place * step, SPARK_LOW - float(value - low) / spread * (SPARK_LOW - SPARK_HIGH))
        for place, value in enumerate(values)
    ]
    area = [*points, (SPARK_WIDTH, SPARK_FOOT), (0, SPARK_FOOT)]
    return format_html(
        '<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">'
        "{}{}</svg>",
        path(area, "b1", is_area=True),
        path(points, "l1"),
    )


def meter(
    used: Decimal | int,
    whole: Decimal | int,
    sentence: str = "",
    guess: Decimal | int = 0,
    mark: Decimal | int | None = None,
) -> SafeString:
    """A share of a whole: what is used, what it may come to, and where a limit is.

    Without a sentence it is hidden from those who listen: then the words stand beside it.
    """
    per_unit = METER_WIDTH / (float(whole) or 1)
    at_mark = float(mark or 0) * per_unit
    told = format_html('role="img" aria-label="{}"', sentence)
    return format_html(
        '<svg class="meter" viewBox="0 0 600 24" preserveAspectRatio="none" {}>{}{}{}{}</svg>',
        told if sentence else SafeString('aria-hidden="true"'),
        rect(0, 6, METER_WIDTH, 12, "meter-track"),
        rect(0, 6, min(float(guess) * per_unit, METER_WIDTH), 12, "meter-guess"),
        rect(0, 6, min(float(used) * per_unit, METER_WIDTH), 12, "meter-used"),
        path(((at_mark, 0), (at_mark, 24)), "meter-mark") if mark is not None else "",
    )
