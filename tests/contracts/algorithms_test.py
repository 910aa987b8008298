"""The worked tables of docs/algorithms, run row by row through the calculator."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kesto.calculate import calculate

FOLDER = Path(__file__).parents[2] / "docs" / "algorithms"
ARROW = "→ "
NUMBERS = {
    "interval_count",
    "count",
    "billing_day",
    "before",
    "after",
    "price.free_events",
    "tenure",
    "day",
    "cut_off_days",
}


class Row(NamedTuple):
    place: str
    request: dict[str, Any]
    wanted: dict[str, str]


def rows(path: Path) -> Iterator[Row]:
    request: dict[str, Any] = {}
    headers: list[str] = []
    block: list[str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line == "```json":
            block = []
        elif line == "```" and block is not None:
            request, block = json.loads("\n".join(block)), None
        elif block is not None:
            block.append(line)
        elif not line.startswith("|"):
            headers = []
        elif not headers:
            headers = cells(line)
        elif any(ARROW in header for header in headers) and not line.startswith("| ---"):
            yield row(f"{path.stem}:{number}", request, headers, cells(line))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def row(place: str, request: dict[str, Any], headers: list[str], found: list[str]) -> Row:
    completed, wanted = deepcopy(request), {}
    for header, cell in zip(headers, found, strict=True):
        if header.startswith(ARROW) and cell:
            wanted[header.removeprefix(ARROW)] = cell
        elif cell and not header.startswith(ARROW):
            put(completed, header.split("."), given(header, cell))
    return Row(place, completed, wanted)


def given(header: str, cell: str) -> object:
    is_json = cell[0] in "[{" or cell in {"true", "false"} or header in NUMBERS
    return json.loads(cell) if is_json else cell


def put(target: Any, path: list[str], value: object) -> None:
    for name in path[:-1]:
        target = target[int(name) if isinstance(target, list) else name]
    target[path[-1]] = value


def take(source: Any, path: str) -> str:
    for name in path.split("."):
        source = source[int(name) if isinstance(source, list) else name]
    return json.dumps(source) if isinstance(source, bool) else str(source)


ROWS = [row for path in sorted(FOLDER.glob("*.md")) for row in rows(path)]


@pytest.mark.parametrize("row", ROWS, ids=[row.place for row in ROWS])
def test_a_worked_row(row: Row) -> None:
    answer = calculate(row.request)
    is_refusal = any(path.startswith("error.") for path in row.wanted)
    assert ("error" in answer) == is_refusal, answer
    assert {path: take(answer, path) for path in row.wanted} == row.wanted


def test_each_document_has_rows() -> None:
    documents = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert {row.place.split(":")[0] for row in ROWS} == documents
