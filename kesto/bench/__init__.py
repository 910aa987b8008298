"""The speed figures: each row is measured beside a baseline in the same run (docs/bench.md)."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from kesto.bench import (
    at_rest,
    billing,
    current_usage,
    documents,
    effort,
    first_invoice,
    hot_doors,
    run_usage,
    usage_in,
)
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
    "b": Row(usage_in.measure, 200_000),
    "b2": Row(usage_in.measure_single, 10_000),
    "c": Row(current_usage.measure, 10_000),
    "c2": Row(run_usage.measure, 100_000),
    "d": Row(hot_doors.measure, 20_000),
    "d2": Row(hot_doors.measure_django, 5_000),
    "e": Row(first_invoice.measure, 1),
    "e2": Row(at_rest.measure_start, 1),
    "f": Row(at_rest.measure_memory, 1),
    "g": Row(documents.measure, 400),
}
