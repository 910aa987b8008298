"""The charts of the speed page: the product's own, each as a file that stands by itself.

In the product a page lends a chart its colours and shows its legend and its numbers beside it. A
file in the documents has to bring them: colours for a light and a dark screen, a title, a sentence
for those who listen, and the legend.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from kesto.bench.figure import written
from kesto.bench.history import Record
from kesto.web import ui
from kesto.web.ui.charts import HALF, NARROW, Bar, Chart, Key, Point, Series, Words, bars, lines
from kesto.web.ui.charts.chart import Tone

STATIC = Path(ui.__file__).parent / "static"
MARGIN, HEAD, FOOT = 28, 40, 24
LEGEND_PX = 146
NAMESPACE = "http://www.w3.org/2000/svg"
RULE = re.compile(r"^ *([^@{}]+) \{ ([^{}]*) \}$", re.MULTILINE)
TOKEN = re.compile(r"--([\w-]+): light-dark\(([^,()]+), ([^()]+)\);")
USED = re.compile(r"var\(--([\w-]+)\)")
PLAIN = """svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
svg { overflow: visible; }
.ground { fill: var(--surface); }
.title { font-size: 14px; font-weight: 600; fill: var(--ink); }
.t-strong { paint-order: stroke; stroke: var(--surface); stroke-width: 4px; }"""


def cost_chart(title: str, costs: Sequence[tuple[int, float]]) -> str:
    """What one costs at each size, each size ten times the one before."""
    points = [Point(f"{size:,}", _exact(cost), written(cost)) for size, cost in costs]
    told = ", ".join(f"{written(cost)} at {size:,}" for size, cost in costs)
    words = Words(f"{title}: {told}", title, ("size", "microseconds"))
    return standing_alone(lines([Series(title, points)], words), title)


def history_chart(title: str, runs: Sequence[Record]) -> str:
    """A figure's ratio from run to run, with its bar and its moonshot; of one run, as bars."""
    last = runs[-1]
    named = [("measured", [one.ratio for one in runs])]
    named += [(f"bar {last.bar}", [limit(one.bar) for one in runs if one.bar])]
    named += [(f"moonshot {last.moonshot}", [limit(one.moonshot) for one in runs if one.moonshot])]
    whole = [(name, values) for name, values in named if len(values) == len(runs)]
    told = ", then ".join(written(one.ratio) for one in runs)
    beside = " and ".join(name for name, _ in whole[1:])
    words = Words(f"{title}: {told}, beside {beside}", title, ("run", "ratio"))
    if len(runs) == 1:
        return standing_alone(_one_run(whole, words), title)
    days = [f"{one.measured_at:%m-%d}" for one in runs]
    tones: tuple[Tone, ...] = ("1", "3", "2")
    series = [
        Series(name, _points(days, values, is_told=tone == "1"), tone)
        for (name, values), tone in zip(whole, tones, strict=False)
    ]
    series.append(series.pop(0))  # drawn last, so that its figure stands before the other lines
    return standing_alone(lines(series, words), title)


def limit(text: str) -> float:
    """The figure of a limit such as `>= 0.4`."""
    return float(text.split()[1])


def standing_alone(chart: Chart, title: str) -> str:
    """A chart as a file of its own."""
    width, height = HALF.width + 2 * MARGIN, HALF.height + HEAD + MARGIN
    legend = _legend(chart.legend, HEAD + HALF.height + MARGIN)
    height += FOOT if chart.legend else 0
    sentence = escape(chart.words.sentence)
    drawn = f'<text class="title" x="{MARGIN}" y="26">{escape(title)}</text>{legend}'
    inner = f'<svg x="{MARGIN}" y="{HEAD}" width="{HALF.width}" height="{HALF.height}">'
    return "\n".join(
        (
            f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {width} {height}"',
            f'  width="{width}" height="{height}" role="img" aria-labelledby="title told">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="told">{sentence}</desc>',
            f"<style>\n{_style(drawn + chart.wide)}\n</style>",
            f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
            drawn,
            f"{inner}{chart.wide}</svg>",
            "</svg>\n",
        )
    )


def _one_run(named: Sequence[tuple[str, Sequence[float]]], words: Words) -> Chart:
    tones: tuple[Tone, ...] = ("1", "q", "2")
    of = [
        Bar(name, _exact(value), written(value), tone=tone)
        for (name, (value, *_)), tone in zip(named, tones, strict=False)
    ]
    return bars(of, words, sizes=(HALF, NARROW))


def _points(days: Sequence[str], values: Sequence[float], *, is_told: bool) -> list[Point]:
    """The last figure is written beside its line, and what bounds it in the legend alone."""
    return [
        Point(day, _exact(value), written(value) if is_told else "")
        for day, value in zip(days, values, strict=True)
    ]


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _legend(keys: Sequence[Key], y: int) -> str:
    places = [(MARGIN + place * LEGEND_PX, key) for place, key in enumerate(keys)]
    return "".join(
        f'<rect class="c{key.tone}" x="{x}" y="{y}" width="12" height="12" rx="2"/>'
        f'<text x="{x + 18}" y="{y + 10}">{escape(key.words)}</text>'
        for x, key in places
    )


def _style(drawn: str) -> str:
    """The rules of the product's charts that a drawing uses, with colours for both screens."""
    classes = {name for found in re.findall(r'class="([^"]+)"', drawn) for name in found.split()}
    wanted = {"text", *(f".{name}" for name in classes)}
    rules = [PLAIN]
    for selectors, body in RULE.findall((STATIC / "charts.css").read_text("utf-8")):
        own = {one.removeprefix(".chart ") for one in selectors.split(", ") if one[:7] == ".chart "}
        rules += [f"{one} {{ {body} }}" for one in sorted(own & wanted)]
    css = "\n".join(dict.fromkeys(rules))
    used = set(USED.findall(css))
    tokens = [
        one for one in TOKEN.findall((STATIC / "tokens.css").read_text("utf-8")) if one[0] in used
    ]
    light = " ".join(f"--{name}: {value};" for name, value, _ in tokens)
    dark = " ".join(f"--{name}: {value};" for name, _, value in tokens)
    return (
        f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{css}"
    )
