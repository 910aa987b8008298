"""A figure of the bench: what was measured, beside its baseline and its bar."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import Struct

from kesto.core.refusals import NotFound

BARS = Path(__file__).resolve().parents[2] / "bench" / "bars.toml"
ABSOLUTE = "none: absolute"
"""The baseline of what stands for itself: its ratio is the figure."""

WHOLE = 100
"""From here on a figure is shown without a fraction."""


class Bar(Struct, frozen=True):
    """What a ratio is measured against; `at_least` and `at_most` say which way is good.

    One with a `size` is for that size alone.
    """

    what: str = ""
    baseline: str = ""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    moonshot: Decimal | None = None
    guide: str = ""
    size: int | None = None


class Measured(Struct, frozen=True):
    """What a row measured under a bar: medians, their ratio, and every single sample.

    `size` says how many that was, when it isn't what the row was told.
    """

    bar: str
    unit: str
    value: float
    baseline: float
    ratio: float
    samples: list[dict[str, object]]
    size: int = 0


class Figure(Struct, frozen=True):
    """A line of the result, for people and for programs.

    `baseline` is None of what stands for itself, whose ratio is the value; `met` is None where no
    bar is set.
    """

    row: str
    what: str
    against: str
    size: int
    unit: str
    value: float
    baseline: float | None
    ratio: float
    bar: str
    moonshot: str
    met: bool | None
    guide: str
    samples: list[dict[str, object]]


def read_bars() -> dict[str, Bar]:
    """The bars as they stand beside the source, and under `spread` what a steady round is.

    Raises NotFound where the source is not at hand.
    """
    try:
        text = BARS.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            "the bars of the bench are no part of an installed package: run it from the source",
            code="no_bars",
            field="bench",
        ) from None
    return msgspec.convert(tomllib.loads(text), dict[str, Bar], strict=False)


def steady_spread() -> float:
    """How much the baseline may differ within a round, as a factor."""
    return float(read_bars()["spread"].at_most or 1)


def bar_of(name: str, bars: Mapping[str, Bar]) -> Bar:
    """The bar of that name. Raises NotFound where the data file has none."""
    if name not in bars:
        raise NotFound(f"{BARS.name} has no bar {name!r}: add it there", code="no_bar", field=name)
    return bars[name]


def _without_limits(bar: Bar) -> Bar:
    """What is measured, at a size that the bar isn't for."""
    return Bar(bar.what, bar.baseline)


def judged(measured: Measured, bar: Bar, size: int) -> Figure:
    """A measurement beside its bar, shown to three digits and judged as it was measured."""
    size = measured.size or size
    if bar.size is not None and bar.size != size:
        bar = _without_limits(bar)
    is_absolute = bar.baseline == ABSOLUTE
    ratio = measured.value if is_absolute else measured.ratio
    met = None
    if bar.at_least is not None:
        met = Decimal(ratio) >= bar.at_least
    elif bar.at_most is not None:
        met = Decimal(ratio) <= bar.at_most
    return Figure(
        row=measured.bar,
        what=bar.what,
        against=bar.baseline,
        size=size,
        unit=measured.unit,
        value=short(measured.value),
        baseline=None if is_absolute else short(measured.baseline),
        ratio=short(ratio),
        bar=_sign(bar, bar.at_most if bar.at_least is None else bar.at_least),
        moonshot=_sign(bar, bar.moonshot),
        met=met,
        guide=bar.guide,
        samples=measured.samples,
    )


def written(value: float | None) -> str:
    """A figure for people: three digits, thousands apart; nothing where there is none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:.3g}"


def short(value: float) -> float:
    """A measured value to three digits: more would be noise."""
    return float(f"{value:.3g}")


def _sign(bar: Bar, limit: Decimal | None) -> str:
    if limit is None:
        return ""
    return f"{'<=' if bar.at_least is None else '>='} {limit}"
