"""The few strokes that charts are made of; figures are pixels."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

NICE = (Decimal(1), Decimal("1.5"), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def text(x: float, y: float, words: str, classes: str = "") -> SafeString:
    """Words at a place; `t-end` and `t-mid` say what part of them stands there."""
    place = f'x="{x:g}" y="{y:.1f}"'
    return format_html("<text {}{}>{}</text>", SafeString(place), _named(classes), words)


def rect(x: float, y: float, width: float, height: float, classes: str) -> SafeString:
    """A box."""
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return format_html("<rect {}{}/>", SafeString(box), _named(classes))


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> SafeString:
    """A straight line."""
    return path(((x1, y1), (x2, y2)), classes)


def path(
    points: Iterable[tuple[float, float]], classes: str, *, is_area: bool = False
) -> SafeString:
    """A line through points, or the area that it goes round."""
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return format_html('<path d="M{}{}"{}/>', way, "Z" if is_area else "", _named(classes))


def ticks(top: Decimal, most: int = 4) -> list[Decimal]:
    """Round figures from nought to at least `top`, at most so many steps."""
    if top <= 0:
        return [Decimal(0), Decimal(1)]
    rough = top / most
    power = Decimal(10) ** (rough.adjusted())
    step = next(nice * power for nice in NICE if nice * power >= rough)
    count = int((top / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(count + 1)]


def _named(classes: str) -> SafeString:
    return format_html(' class="{}"', classes) if classes else SafeString("")
