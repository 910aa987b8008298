"""The speed figures: each row is measured beside a baseline in the same run (docs/bench.md)."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from kesto.bench import billing, documents, hot_doors, usage_in
from kesto.bench.figure import Measured
from kesto.bench.ground import Ground

__all__ = ["ROWS", "Row"]


class Row(Struct, frozen=True):
    """What measures a row on a fresh ground, telling what it is at; its usual size."""

    measure: Callable[[Ground, int, Callable[[str], None]], list[Measured]]
    size: int


ROWS: Mapping[str, Row] = {
    "a": Row(billing.measure, 100_000),
    "b": Row(usage_in.measure, 200_000),
    "b2": Row(usage_in.measure_single, 10_000),
    "d": Row(hot_doors.measure, 20_000),
    "d2": Row(hot_doors.measure_django, 5_000),
    "g": Row(documents.measure, 400),
}
