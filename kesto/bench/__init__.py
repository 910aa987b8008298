"""The speed figures: each row is measured beside a baseline in the same run (docs/bench.md)."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from kesto.bench import billing, documents, effort
from kesto.bench.figure import Measured
from kesto.bench.ground import Ground

__all__ = ["ROWS", "Row"]


class Row(Struct, frozen=True):
    """What measures a row on a fresh ground, telling what it is at; its usual size."""

    measure: Callable[[Ground, int, Callable[[str], None]], list[Measured]]
    size: int


ROWS: Mapping[str, Row] = {
    "a": Row(billing.measure, 100_000),
    "a2": Row(effort.measure_memory, 1_000_000),
    "a3": Row(effort.measure_work, 100_000),
    "g": Row(documents.measure, 400),
}
