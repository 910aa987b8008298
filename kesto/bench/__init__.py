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
    sizes,
    usage_in,
)
from kesto.bench.figure import Measured
from kesto.bench.ground import Ground

__all__ = ["ROWS", "SIZES", "Row"]


class Row(Struct, frozen=True):
    """What measures a row on a fresh ground, telling what it is at; its usual size.

    `also` names sizes at which it is measured too, to show what grows.
    """

    measure: Callable[[Ground, int, Callable[[str], None]], list[Measured]]
    size: int
    also: tuple[int, ...] = ()


ROWS: Mapping[str, Row] = {
    "a": Row(billing.measure, 100_000),
    "a2": Row(sizes.measure, 1_000_000),
    "a3": Row(effort.measure, 100_000),
    "b": Row(usage_in.measure, 200_000),
    "b2": Row(usage_in.measure_single, 10_000),
    "c": Row(current_usage.measure, 10_000),
    "c2": Row(run_usage.measure, 100_000, also=(10_000,)),
    "d": Row(hot_doors.measure, 10_000),
    "d2": Row(hot_doors.measure_django, 5_000),
    "e": Row(first_invoice.measure, 1),
    "e2": Row(at_rest.measure_start, 1),
    "f": Row(at_rest.measure_memory, 1),
    "g": Row(documents.measure, 400),
}

SIZES = ("a2", "c2")
"""The rows that show what grows with the size: `kesto bench sizes`."""
