"""The values of a price series as a CSV file: when each interval starts, and its price."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from kesto.adapters.files import checks
from kesto.adapters.files.csv_rows import CsvRow, read_rows
from kesto.adapters.files.errors import FileError, Findings, InvalidFile
from kesto.core.price_series import SeriesValue
from kesto.core.refusals import Invalid, Refused

LARGEST_BYTES = 5_000_000
COLUMNS = ("starts_at", "amount")
PLACE = re.compile(r"values\[([0-9]+)\]\.(\w+)")
Value = TypeVar("Value")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,12})?")


class ReadValues(Struct, frozen=True):
    """The values of a file, and the line of each."""

    file: str
    values: tuple[SeriesValue, ...]
    lines: tuple[int, ...]


def read_price_values(data: bytes, file: str) -> ReadValues:
    """Read a file of values; a decimal may have a comma. Raises InvalidFile with all that is wrong.

    A time without a zone is in UTC.
    """
    findings = Findings(file)
    rows = read_rows(data, findings, known=COLUMNS, required=COLUMNS, largest_bytes=LARGEST_BYTES)
    found = [(row.line, one) for row in rows if (one := _value(row, findings)) is not None]
    if not found:
        findings.add(2, "", "has no prices below its header")
    findings.refuse_if_any()
    return ReadValues(file, tuple(one for _, one in found), tuple(line for line, _ in found))


def place_of(read: ReadValues, refusal: Refused) -> Refused:
    """What the flow refused, with the line that it is about."""
    found = PLACE.fullmatch(refusal.field)
    if found is None:
        return refusal
    line = read.lines[int(found[1])]
    placed = InvalidFile([FileError(read.file, line, found[2], refusal.detail)])
    placed.code = refusal.code
    return placed


def amount(text: str) -> Decimal:
    """A price, which may be below zero."""
    if _AMOUNT.fullmatch(text) is None:
        raise Invalid(f"{checks.shown(text)} is no price; write it as 0.0412 or -0.0010")
    return Decimal(text.replace(",", "."))


def _value(row: CsvRow, findings: Findings) -> SeriesValue | None:
    starts_at = _cell(row, "starts_at", checks.moment, findings)
    price = _cell(row, "amount", amount, findings)
    return None if starts_at is None or price is None else SeriesValue(starts_at, price)


def _cell(
    row: CsvRow, name: str, check: Callable[[str], Value], findings: Findings
) -> Value | None:
    try:
        return check(row.cells[name])
    except KeyError:
        findings.add(row.line, name, "is missing")
    except Invalid as invalid:
        findings.add(row.line, name, invalid.detail)
    return None
