"""What the bench measured before: a file a run in `bench/history`, a JSON object a line.

A line is a figure as `--json` prints it: the same keys for every row. Whoever reads them gets
all of them or a refusal that names the file and the line.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import msgspec
from msgspec import Struct

from kesto.bench.figure import ABSOLUTE, BARS, Figure
from kesto.bench.machine import Machine
from kesto.core.refusals import Invalid

HISTORY = BARS.parent / "history"
ENDING = ".jsonl"
ROW = re.compile(r"[a-z][a-z0-9_]*")
LIMIT = re.compile(r"[<>]= \d+(\.\d+)?")


class BadHistory(Invalid):
    """A line of the history that no run of the bench wrote."""

    default_code = "bad_history"


class Record(Figure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure with the source that was measured, when, and on what machine."""

    commit: str
    measured_at: datetime
    machine: Machine


class Run(Struct, frozen=True):
    """A run of the bench: the source that it measures, and when it began."""

    commit: str
    began_at: datetime

    @property
    def file_name(self) -> str:
        """The name of the run's file: its moment and its commit."""
        moment = self.began_at.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
        return f"{moment}-{self.commit or 'unknown'}{ENDING}"

    def record(self, figure: Figure, machine: Machine) -> Record:
        """A figure of this run, as it is printed and kept."""
        return Record(
            **msgspec.structs.asdict(figure),
            commit=self.commit,
            measured_at=self.began_at.astimezone(UTC),
            machine=machine,
        )


def keep(run: Run, records: Sequence[Record], folder: Path = HISTORY) -> Path:
    """Add figures to the file of their run, which they share."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / run.file_name
    with path.open("ab") as file:
        file.writelines(msgspec.json.encode(record) + b"\n" for record in records)
    return path


def read_history(folder: Path = HISTORY) -> list[Record]:
    """All figures that were kept, by the moment of their run.

    Raises BadHistory with the file and the line where one is not what the bench writes.
    """
    runs = [_read(path) for path in sorted(folder.glob(f"*{ENDING}"))]
    return [record for run in sorted(runs, key=_began_at) for record in run]


def _began_at(run: Sequence[Record]) -> datetime:
    return run[0].measured_at


def _read(path: Path) -> list[Record]:
    seen: dict[tuple[str, int], int] = {}
    records: list[Record] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        record = _record(line, path.name, number)
        same = seen.setdefault((record.row, record.size), number)
        if same != number:
            raise _bad(path.name, number, f"{record.row} of this size stands in line {same} too")
        if Run(record.commit, record.measured_at).file_name != path.name:
            raise _bad(path.name, number, "the file is named by another moment or commit")
        records.append(record)
    if not records:
        raise _bad(path.name, 1, "a run has at least one figure")
    return records


def _record(line: bytes, file: str, number: int) -> Record:
    try:
        record = msgspec.json.decode(line, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _bad(file, number, str(error)) from None
    for problem in _problems(record):
        raise _bad(file, number, problem)
    return record


def _problems(record: Record) -> Iterator[str]:
    """What no run of the bench would have written."""
    if not ROW.fullmatch(record.row):
        yield f"row: {record.row!r} is no name of a row"
    if record.size < 1:
        yield f"size: {record.size} is less than one"
    figures = {"value": record.value, "baseline": record.baseline, "ratio": record.ratio}
    for name, figure in figures.items():
        if figure is not None and not (isfinite(figure) and figure > 0):
            yield f"{name}: {figure} is no measured figure"
    if (record.baseline is None) != (record.against == ABSOLUTE):
        yield "baseline: there is one exactly where `against` names it"
    if record.measured_at.tzinfo is None:
        yield "measured_at: say the zone, such as Z"
    if not record.samples:
        yield "samples: a figure without its samples can't be judged again"
    yield from _wrong_limits(record)


def _wrong_limits(record: Record) -> Iterator[str]:
    for name, limit in (("bar", record.bar), ("moonshot", record.moonshot)):
        if limit and not LIMIT.fullmatch(limit):
            yield f"{name}: {limit!r} is no limit, such as '>= 0.4'"
    if (record.met is None) != (not record.bar):
        yield "met: there is a verdict exactly where there is a bar"


def _bad(file: str, line: int, problem: str) -> BadHistory:
    return BadHistory(f"bench/history/{file}, line {line}: {problem}", field="history")
