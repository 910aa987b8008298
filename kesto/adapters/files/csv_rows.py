"""The rows of a CSV file with known columns; everything wrong is noted with its line."""

import csv
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from kesto.adapters.files.checks import tidied
from kesto.adapters.files.errors import Findings, InvalidFile, decoded, unknown_field

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class CsvRow(Struct, frozen=True):
    """One row: the line at which it begins, and the cells that are not empty, by column."""

    line: int
    cells: dict[str, str]


def read_rows(
    data: bytes,
    findings: Findings,
    *,
    known: Sequence[str],
    required: Sequence[str],
    largest_bytes: int,
) -> Iterator[CsvRow]:
    """The rows below the header; comma or semicolon, whichever the header has.

    A wrong header refuses the file at once, since every row would be misread; empty rows are
    left out.
    """
    rows = _raw_rows(decoded(data, findings, largest_bytes), findings)
    line, header = next(rows, (1, []))
    columns = [name.strip() for name in header]
    _check_header(columns, line, findings, known, required)
    for line, cells in rows:
        row = [tidied(cell) for cell in cells]
        if not any(row):
            continue
        if len(row) == len(columns):
            yield CsvRow(
                line, {name: cell for name, cell in zip(columns, row, strict=True) if cell}
            )
        else:
            findings.add(line, "", f"has {len(row)} cells, but the header names {len(columns)}")


def _raw_rows(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Rows as the csv module reads them, each with the line at which it begins."""
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    lines = (found.group() for found in _LINE.finditer(text))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        findings.add(line, "", f"this row is not CSV, look for a stray quotation mark: {error}")
        raise InvalidFile(findings.errors) from error


def _check_header(
    columns: list[str],
    line: int,
    findings: Findings,
    known: Sequence[str],
    required: Sequence[str],
) -> None:
    for position, name in enumerate(columns):
        if not name:
            findings.add(line, "", f"column {position + 1} has no name")
        elif name not in known:
            findings.add(line, name, unknown_field(name, known))
        elif name in columns[:position]:
            findings.add(line, name, "stands twice in the header")
    for name in required:
        if name not in columns:
            findings.add(line, name, "is missing in the header")
    findings.refuse_if_any()
