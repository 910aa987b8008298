"""The calculator: prices, periods, changes, usage, invoices and more, computed from JSON alone.

A public, stable, database-free door to the pure core. One operation a file, one table of them.
"""

from kesto.calculate.door import OPERATIONS, calculate, is_error
from kesto.calculate.json_lines import answer_lines

__all__ = ["OPERATIONS", "answer_lines", "calculate", "is_error"]
