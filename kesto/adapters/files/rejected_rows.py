"""The rows that were rejected, as a file that can be mended and sent again."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from kesto.adapters.files.usage_rows import FIELDS, PROPERTY, REJECTED, EventRow, UsageFile


class Rejection(Struct, frozen=True, gc=False):
    """A row that was not taken in, and why."""

    row: EventRow
    code: str
    field: str
    detail: str


class RejectedFile:
    """A CSV file with the columns of an event, its id among them, and those that say why."""

    def __init__(self, path: Path, file: UsageFile) -> None:
        self.path = path
        own = file.fields.keys() | file.layout.fixed.keys()
        if file.names_rows:
            own |= {"id", "source"}
        named = sorted(name for name in own if name.startswith(PROPERTY))
        in_one = ["properties"] if "properties" in own else []
        self.columns = [name for name in FIELDS if name in own] + named + in_one + list(REJECTED)

    def begin(self, through_line: int) -> None:
        """Keep what an earlier run wrote of the lines that are done; the others come again."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", newline="") as opened:
            rows = [
                row
                for row in csv.DictReader(opened)
                if (row.get("error_line") or "").isdigit()
                and int(row["error_line"]) <= through_line
            ]
        self.path.unlink()
        self._write(rows)

    def add(self, rejections: Sequence[Rejection]) -> None:
        """Write down rows, and have them on the disk."""
        self._write(self._cells(one) for one in rejections)

    def _write(self, rows: Iterable[Mapping[str, object]]) -> None:
        found = list(rows)
        if not found:
            return
        is_new = not self.path.exists()
        with self.path.open("a", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(
                opened, self.columns, restval="", extrasaction="ignore", lineterminator="\n"
            )
            if is_new:
                writer.writeheader()
            writer.writerows(found)
            opened.flush()
            os.fsync(opened.fileno())

    def _cells(self, one: Rejection) -> dict[str, object]:
        """A row as it is written: properties with a column of their own there, the rest as JSON."""
        cells = dict(one.row.event)
        properties = cells.pop("properties", None)
        if isinstance(properties, Mapping):
            left = {f"{PROPERTY}{name}": value for name, value in properties.items()}
            cells |= {name: left.pop(name) for name in self.columns if name in left}
            plain = {name.removeprefix(PROPERTY): value for name, value in left.items()}
            properties = msgspec.json.encode(plain).decode() if plain else None
        if properties is not None:
            cells["properties"] = properties
        reasons = (one.row.line, one.code, one.field, one.detail)
        return cells | dict(zip(REJECTED, reasons, strict=True))
