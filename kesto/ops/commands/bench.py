"""`kesto bench`: the speed figures, each beside a baseline of the same run."""

import logging
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg.conninfo import make_conninfo

from kesto.adapters.documents.fonts import font_folder
from kesto.bench import ROWS, SIZES, history
from kesto.bench.figure import Bar, bar_of, judged, read_bars, written
from kesto.bench.ground import FIRST, Ground
from kesto.bench.history import Record, Run
from kesto.bench.machine import commit, machine
from kesto.core.refusals import Invalid, NotAllowed
from kesto.ops import bench_serving, boot, clock, cluster, config, console, database, postgres
from kesto.ops.home import ROLES, Home, real_home
from kesto.web.ui import made

log = logging.getLogger("kesto.bench")


def bench(
    rows: Annotated[
        list[str] | None, typer.Argument(help="Which rows, or `sizes`; without: all.")
    ] = None,
    *,
    size: Annotated[int, typer.Option(min=0, help="How many; 0: each row's usual size.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Add the result to bench/history.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a figure.")] = False,
) -> None:
    """Measure speed on a database of its own, which is removed afterwards.

    Each figure is told as it comes. A row that fails is named and the others go on. Exit status 1
    when a bar is not met or a row failed.
    """
    chosen = _chosen(rows or list(ROWS))
    _refuse(is_unusual=keep and size > 0)
    bars = read_bars()
    run = Run(commit(), clock.now().replace(microsecond=0))
    made: list[Record] = []
    failed: list[str] = []
    try:
        for row, count in ((one, count) for one in chosen for count in _sizes(one, size)):
            try:
                records = _measured(run, row, count, bars)
            except Exception as error:
                log.exception("row %s", row)
                console.say(f"row {row} failed: {type(error).__name__}: {error}")
                failed.append(row)
                continue
            made += records
            _tell(records, as_json=as_json)
            if keep:
                history.keep(run, records)
    finally:
        if not as_json:
            _show(made)
    if keep and made:
        console.say(f"Kept in bench/history/{run.file_name}")
    if failed:
        console.say(f"Failed: {', '.join(failed)}")
    if failed or any(record.met is False for record in made):
        raise typer.Exit(console.FINDINGS)


def _refuse(*, is_unusual: bool) -> None:
    """Refuse what would measure nothing that can be compared, before anything is measured."""
    if config.usage_address():
        raise NotAllowed(
            "the bench must not write to your ClickHouse: unset KESTO_USAGE_URL",
            code="external_database",
            field="KESTO_USAGE_URL",
        )
    if database.external_url():
        raise NotAllowed(
            "the bench measures on a database server of its own: unset KESTO_DATABASE_URL",
            code="external_database",
            field="KESTO_DATABASE_URL",
        )
    if is_unusual:
        raise Invalid(
            "the history holds runs of the usual sizes, which can be compared: leave out --size",
            code="unusual_size",
            field="size",
        )


def _chosen(rows: Sequence[str]) -> list[str]:
    """The rows that are named, each once; `sizes` stands for those that show what grows."""
    chosen: dict[str, None] = {}
    for row in rows:
        if row not in ROWS and row != "sizes":
            known = ", ".join((*ROWS, "sizes"))
            raise Invalid(
                f"there is no row {row!r}; known: {known}", code="unknown_row", field="rows"
            )
        chosen |= dict.fromkeys(SIZES if row == "sizes" else (row,))
    return [*chosen]


def _sizes(row: str, size: int) -> tuple[int, ...]:
    return (size,) if size else (*ROWS[row].also, ROWS[row].size)


def _measured(run: Run, row: str, count: int, bars: Mapping[str, Bar]) -> list[Record]:
    """Measure a row on a fresh ground."""
    began = time.monotonic()
    with _ground() as ground:
        here = machine(ground.version())
        measured = ROWS[row].measure(ground, count, lambda told: console.say(f"{row}: {told}"))
    console.say(f"{row}: measured in {time.monotonic() - began:.0f} s")
    records = []
    for one in measured:
        figure = judged(one, bar_of(one.bar, bars), count)
        records.append(run.record(figure, here))
    return records


@contextmanager
def _ground() -> Iterator[Ground]:
    """A fresh server on the disk where the real one is, or would be."""
    beside = real_home().path.parent
    beside.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="kesto-bench-", dir=beside))
    place = Home(folder)
    try:
        with boot.running(place):
            boot.migrate(place, FIRST)
            where = database.address(place)
            words = {**where.words, "user": "postgres", "password": place.secret("postgres")}
            with tempfile.TemporaryDirectory(prefix="kesto-bench-", dir=beside) as files:
                superuser = make_conninfo("", **words)
                fonts = font_folder(made.folder(place.cache))
                ready = partial(boot.boot, place, ROLES)
                served = partial(bench_serving.served, place)
                yield Ground(superuser, Path(files), ready, fonts, installed, bare, served)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """An installation of its own, from nothing: its tables are there, and this process ready."""
    place = Home(folder)
    with boot.running(place):
        boot.migrate(place)
        boot.boot(place, ROLES)
        yield


@contextmanager
def bare(folder: Path) -> Iterator[None]:
    """A database server that answers and has nothing of ours in it."""
    place = Home(folder)
    cluster.prepare(place)
    server, socket = postgres.start(cluster.install(place))
    words = {"host": socket, "port": database.PORT, "dbname": "postgres", "user": "postgres"}
    words["password"] = place.secret("postgres")
    try:
        while True:
            with suppress(psycopg.OperationalError), database.connect(words):
                break
            if server.poll() is not None:
                raise NotAllowed(f"the server ended: {postgres.log_path(place)} says why")
            time.sleep(0.01)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()
        shutil.rmtree(socket, ignore_errors=True)


VERDICTS = {True: "yes", False: "NO", None: ""}


def _tell(records: Sequence[Record], *, as_json: bool) -> None:
    """Say what a row came to: an object a figure for programs, a line a figure for people."""
    for one in records:
        if as_json:
            console.show_json(one)
            continue
        verdict = f", bar {one.bar}: {VERDICTS[one.met]}" if one.bar else ""
        beside = "" if one.baseline is None else f", {one.ratio:g} x {written(one.baseline)}"
        console.say(f"{one.row}: {written(one.value)} {one.unit}{beside}{verdict}")


def _show(records: Sequence[Record]) -> None:
    """The whole result as a table."""
    if not records:
        return
    console.show_table(
        ("row", ">size", ">value", ">baseline", ">ratio", "bar", "moonshot", "met"),
        [
            (
                *(one.row, f"{one.size:,}", written(one.value), written(one.baseline)),
                *(written(one.ratio), one.bar, one.moonshot, VERDICTS[one.met]),
            )
            for one in records
        ],
    )
    told = {_meaning(one): None for one in records}
    console.show_text("\n".join(told))
    last = records[-1]
    here = last.machine
    console.show_text(
        f"{last.commit}, {here.cores} x {here.processor}, load {here.load},"
        f" PostgreSQL {here.postgres}, Python {here.python}"
    )


def _meaning(record: Record) -> str:
    against = "" if record.baseline is None else f", against {record.against}"
    guide = f"; guide: {record.guide}" if record.guide else ""
    return f"{record.row}: {record.what}; {record.unit}{against}{guide}"
