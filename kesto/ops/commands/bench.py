"""`kesto bench`: the speed figures, each beside a baseline of the same run."""

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import psycopg
import typer
from msgspec import Struct
from psycopg.conninfo import make_conninfo

from kesto.adapters.documents.fonts import font_folder
from kesto.bench import ROWS
from kesto.bench.figure import BARS, Figure, judged, read_bars
from kesto.bench.ground import FIRST, Ground
from kesto.bench.machine import Machine, commit, machine
from kesto.core.refusals import Invalid, NotAllowed
from kesto.ops import bench_serving, boot, clock, cluster, console, database, postgres
from kesto.ops.home import ROLES, Home, real_home
from kesto.web.ui import made


class Result(Struct, frozen=True):
    """Figures with where and when they were measured."""

    commit: str
    measured_at: str
    machine: Machine
    figures: list[Figure]


def bench(
    rows: Annotated[list[str] | None, typer.Argument(help="Which rows; without: all.")] = None,
    *,
    size: Annotated[int, typer.Option(min=0, help="How many; 0: each row's usual size.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Add the result to bench/history.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Measure speed on a database of its own, which is removed afterwards.

    Exit status 1 when a bar is not met.
    """
    chosen = rows or list(ROWS)
    for row in chosen:
        if row not in ROWS:
            known = ", ".join(ROWS)
            raise Invalid(
                f"there is no row {row!r}; known: {known}", code="unknown_row", field="rows"
            )
    bars = read_bars()
    figures: list[Figure] = []
    for row in chosen:
        with _ground() as ground:
            here = machine(ground.version())
            count = size or ROWS[row].size
            measured = ROWS[row].measure(ground, count, console.say)
        figures += [judged(one, bars[one.bar], count) for one in measured]
    result = Result(commit(), clock.now().isoformat(timespec="seconds"), here, figures)
    _show(result, as_json=as_json)
    if keep:
        _keep(result)
    if any(figure.met is False for figure in figures):
        raise typer.Exit(console.FINDINGS)


@contextmanager
def _ground() -> Iterator[Ground]:
    """A fresh server on the disk where the real one is, or would be."""
    if database.external_url():
        raise NotAllowed(
            "the bench measures on a database server of its own: unset KESTO_DATABASE_URL",
            code="external_database",
            field="KESTO_DATABASE_URL",
        )
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


def _show(result: Result, *, as_json: bool) -> None:
    about = {"commit": result.commit, "machine": result.machine}
    if as_json:
        for figure in result.figures:
            console.show_json({**msgspec.structs.asdict(figure), **about})
        return
    verdicts = {True: "yes", False: "NO", None: ""}
    console.show_table(
        ("row", ">size", ">value", ">baseline", ">ratio", "bar", "moonshot", "met"),
        [
            (
                *(one.row, f"{one.size:,}", f"{one.value:,.0f}", f"{one.baseline:,.0f}"),
                *(one.ratio, one.bar, one.moonshot, verdicts[one.met]),
            )
            for one in result.figures
        ],
    )
    for one in result.figures:
        console.show_text(f"{one.row}: {one.what}; {one.unit}, against {one.against}")
    here = result.machine
    console.show_text(
        f"{result.commit}, {here.cores} x {here.processor}, load {here.load},"
        f" PostgreSQL {here.postgres}, Python {here.python}"
    )


def _keep(result: Result) -> None:
    moment = result.measured_at.replace(":", "").partition("+")[0]
    path = BARS.parent / "history" / f"{moment}-{result.commit.rstrip('+')}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    console.say(f"Kept in {path.relative_to(BARS.parents[1])}")
