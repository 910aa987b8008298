"""Lists for table programs: semicolons, UTF-8 with its mark, and no cell that is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A list with its head, as Excel and its like open it in Finland and Sweden."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A cell that a table program does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text
