"""Usage events in a CSV or Parquet file, read row by row, whatever the file calls its columns."""

import csv
import importlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from kesto.adapters.files.errors import FileError, InvalidFile, unknown_field
from kesto.core.refusals import Invalid, NotAllowed

FIELDS = ("id", "source", "customer", "subscription", "meter", "time", "value")
PROPERTY = "properties."
REJECTED = ("error_line", "error_code", "error_field", "error_detail")
"""What the file of rejected rows has beside the event; left aside when it is sent again."""

READER = "pyarrow.parquet"
"""Optional, large and slow to load: only those who have such a file wait for it."""

PARQUET_MARK = b"PAR1"
ROWS_AT_ONCE = 10_000
NO_PARQUET = (
    "reading Parquet needs the package pyarrow: install it with"
    " `pip install 'kesto[parquet]'`, or write the file as CSV"
)


class Layout(Struct, frozen=True):
    """How a file is to be read.

    `columns` says which column holds a field, where the names differ; `fixed` what a field is in
    every row; `ignored` which columns are left aside. A time without a zone is in `zone`; without
    one it is refused.
    """

    columns: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    ignored: frozenset[str] = frozenset()
    zone: str = ""


class EventRow(Struct, frozen=True, gc=False):
    """A row: its line in the file (its number in Parquet), and the event as it would be sent.

    `problem` says why no event can be made of it.
    """

    line: int
    event: dict[str, object]
    problem: str = ""


class UsageFile(Struct, frozen=True):
    """A file whose header is understood: which column each field is read from.

    `names_rows` tells that the file has no ids: rows are named by their numbers.
    """

    path: Path
    layout: Layout
    is_parquet: bool
    fields: dict[str, str]
    delimiter: str = ","

    @property
    def names_rows(self) -> bool:
        """Whether rows are named by their numbers, because the file has no ids."""
        return "id" not in self.fields and "id" not in self.layout.fixed

    def rows(self, skipped: int = 0) -> Iterator[EventRow]:
        """The rows after the first so many; those are passed over without being looked at."""
        read = _parquet_rows if self.is_parquet else _csv_rows
        zone = ZoneInfo(self.layout.zone) if self.layout.zone else None
        numbered = enumerate(read(self), start=1)
        for number, (line, cells, problem) in islice(numbered, skipped, None):
            event = {**self.layout.fixed, **_event(self.fields, cells, zone)}
            if self.names_rows:
                event["id"] = str(number)
                event.setdefault("source", self.path.name)
            properties = {
                name.removeprefix(PROPERTY): event.pop(name)
                for name in [name for name in event if name.startswith(PROPERTY)]
            }
            if properties:
                event.setdefault("properties", properties)
            yield EventRow(line, event, problem)

    def count(self) -> int | None:
        """How many rows there are, where the file says so itself."""
        return int(_pyarrow(self.path).metadata.num_rows) if self.is_parquet else None


def open_usage(path: Path, layout: Layout) -> UsageFile:
    """Read a file's header. Raises InvalidFile for columns that are not understood."""
    with path.open("rb") as opened:
        is_parquet = opened.read(4) == PARQUET_MARK
    if is_parquet:
        header, delimiter = list(_pyarrow(path).schema_arrow.names), ""
    else:
        header, delimiter = _header(path)
    fields = _fields(path.name, header, layout)
    return UsageFile(path, layout, is_parquet, fields, delimiter)


def _fields(file: str, header: Sequence[str], layout: Layout) -> dict[str, str]:
    """Which column each field is in. Raises InvalidFile with all that is wrong."""
    errors = [
        FileError(file, 1, name, "stands twice in the header")
        for place, name in enumerate(header)
        if name in header[:place]
    ]
    by_column: dict[str, str] = {}
    for field, column in layout.columns.items():
        if column in header:
            by_column[column] = field
        else:
            errors.append(FileError(file, 1, column, f"is no column; it was named for {field}"))
    left = [name for name in header if name not in by_column and name not in layout.ignored]
    for name in left:
        is_known = name in FIELDS or name == "properties" or _is_property(name)
        if name in REJECTED or name in layout.columns or name in layout.fixed:
            continue
        if is_known:
            by_column[name] = name
        else:
            errors.append(FileError(file, 1, name, _unknown(name)))
    fields = {field: column for column, field in by_column.items()}
    present = fields.keys() | layout.fixed.keys()
    errors += [
        FileError(file, 1, name, f"has no column; {_how(name)}")
        for name in ("meter", "time")
        if name not in present
    ]
    if not present & {"customer", "subscription"}:
        detail = f"or subscription has no column; {_how('customer')}"
        errors.append(FileError(file, 1, "customer", detail))
    if errors:
        raise InvalidFile(errors)
    return fields


def checked_field(name: str) -> str:
    """A field that a column may be named for. Raises Invalid."""
    if name in FIELDS or _is_property(name):
        return name
    known = ", ".join((*FIELDS, f"{PROPERTY}NAME"))
    raise Invalid(f"{name!r} is no field of an event; write one of {known}", field=name)


def _is_property(name: str) -> bool:
    return name.startswith(PROPERTY) and len(name) > len(PROPERTY)


def _unknown(name: str) -> str:
    said = unknown_field(name, FIELDS)
    return (
        f"{said}; name its field with --column FIELD={name}"
        f" (such as properties.{name}={name}), or leave it aside with --ignore {name}"
    )


def _how(name: str) -> str:
    return f"name it with --column {name}=COLUMN, or for all rows with --set {name}=VALUE"


def _event(
    fields: Mapping[str, str], cells: Mapping[str, object], zone: ZoneInfo | None
) -> dict[str, object]:
    """The fields of a row that say something."""
    found: dict[str, object] = {}
    for field, column in fields.items():
        value = cells.get(column)
        if value is None or value == "":
            continue
        if field == "properties":
            own = _object(value)
            if own is None:  # for the door to refuse
                found[field] = value
            else:
                found |= {f"{PROPERTY}{name}": _plain(one, zone) for name, one in own.items()}
        else:
            found[field] = _time(value, zone) if field == "time" else _plain(value, zone)
    return found


def _object(value: object) -> dict[str, object] | None:
    """The properties in one cell: a structure in Parquet, JSON in CSV; None for anything else."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return None
    if not isinstance(value, Mapping):
        return None
    return {str(name): one for name, one in value.items() if one is not None}


def _time(value: object, zone: ZoneInfo | None) -> str:
    """An instant as the door takes it; what is none stays as it is, for the door to refuse."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        if at.tzinfo or zone is None:
            return value
    elif isinstance(value, datetime):
        at = value
    else:
        return str(value)
    return (at if at.tzinfo or zone is None else at.replace(tzinfo=zone)).isoformat()


def _plain(value: object, zone: ZoneInfo | None) -> object:
    """A cell as it is sent; the shortest decimal that is a binary number stands for it."""
    match value:
        case bool() | str():
            return value
        case float():
            return format(Decimal(repr(value)), "f")
        case int() | Decimal():
            return format(Decimal(value), "f")
        case datetime():
            return _time(value, zone)
        case _:
            return str(value)


def _header(path: Path) -> tuple[list[str], str]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        try:
            first = opened.readline()
        except UnicodeDecodeError as error:
            raise _not_text(path, 1) from error
    delimiter = ";" if ";" in first else ","
    header = next(csv.reader([first], delimiter=delimiter), [])
    return [name.strip() for name in header], delimiter


def _csv_rows(file: UsageFile) -> Iterator[tuple[int, dict[str, object], str]]:
    """Rows of a CSV file, each with the line at which it begins; empty ones are left out."""
    with file.path.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened, delimiter=file.delimiter, strict=True)
        header = [name.strip() for name in next(reader, [])]
        line = reader.line_num + 1
        try:
            for cells in reader:
                row = [cell.strip() for cell in cells]
                if any(row):
                    problem = ""
                    if len(row) != len(header):
                        problem = f"has {len(row)} cells, but the header names {len(header)}"
                    yield line, dict(zip(header, row, strict=False)), problem
                line = reader.line_num + 1
        except csv.Error as error:
            detail = f"this row is not CSV, look for a stray quotation mark: {error}"
            raise InvalidFile([FileError(file.path.name, line, "", detail)]) from error
        except UnicodeDecodeError as error:
            raise _not_text(file.path, line) from error


def _parquet_rows(file: UsageFile) -> Iterator[tuple[int, dict[str, object], str]]:
    number = 0
    for batch in _pyarrow(file.path).iter_batches(batch_size=ROWS_AT_ONCE):
        for row in batch.to_pylist():
            number += 1
            yield number, row, ""


def _pyarrow(path: Path) -> Any:  # the package is optional
    """The file as pyarrow reads it. Raises NotAllowed where the package is not installed."""
    try:
        parquet = importlib.import_module(READER)
    except ImportError:
        raise NotAllowed(NO_PARQUET, code="no_parquet", field="file") from None
    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        detail = f"{path.name} can't be read as Parquet: {error}"
        raise Invalid(detail, code="bad_parquet", field="file") from error


def _not_text(path: Path, line: int) -> InvalidFile:
    detail = "this is not UTF-8; save the file as UTF-8 and try again"
    return InvalidFile([FileError(path.name, line, "", detail)])
