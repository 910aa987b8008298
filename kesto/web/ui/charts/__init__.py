"""Charts as SVG: colours by classes, text at its true size, the numbers always beside."""

from kesto.web.ui.charts.bars import Bar, bars
from kesto.web.ui.charts.chart import HALF, NARROW, SIDE, WIDE, Chart, Key, Size, Words
from kesto.web.ui.charts.days import Day, days
from kesto.web.ui.charts.lines import Point, Series, lines
from kesto.web.ui.charts.small import meter, spark
from kesto.web.ui.charts.waterfall import End, Step, waterfall

__all__ = [
    "HALF",
    "NARROW",
    "SIDE",
    "WIDE",
    "Bar",
    "Chart",
    "Day",
    "End",
    "Key",
    "Point",
    "Series",
    "Size",
    "Step",
    "Words",
    "bars",
    "days",
    "lines",
    "meter",
    "spark",
    "waterfall",
]
