"""Write the page of the speed figures, its charts and the README's part: `make bench-page`.

Everything on it comes out of `bench/history`, nothing from the machine or the clock: so the page
says what was kept, and a test compares the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import django
from django.utils import translation
from msgspec import Struct

from kesto.bench.figure import written
from kesto.bench.history import Record, read_history
from scripts.bench_charts import cost_chart, history_chart

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/speed.md"
CHARTS = "docs/bench"
README = "README.md"
MICROSECONDS = 1_000_000
VERDICTS = {True: "yes", False: "no", None: ""}
HEAD = """# Speed, as it was measured

**Each figure beside its baseline, its bar and its moonshot, and what grows with the size.**

Made from [the history](../bench/history) by `make bench-page`; do not edit it by hand. [How it is
measured](bench.md) says what each row does and against what; the bars stand in
[one file](../bench/bars.toml). A ratio compares the figure with a baseline of the same run; where
there is none, it is the figure itself.
"""
NONE = 'No run is kept yet: `make bench ARGS="--keep"` measures and keeps one.\n'
HEADLINES = ("a", "a_growth", "b", "b2", "c", "c2", "d", "d2", "e", "e2", "f", "g_core")
README_HEAD = """## Speed

Each figure is a ratio against a baseline that is measured in the same run, with `fsync` on:
[all of them with charts](docs/speed.md), [how they are measured](docs/bench.md), `make bench` to
measure them yourself.
"""

Named = tuple[str, int]


class Cost(Struct, frozen=True):
    """A row whose cost is shown against its size; `is_rate` when its value is so many a second."""

    row: str
    title: str
    size: str
    factor: int = 1
    is_rate: bool = False

    def of(self, value: float) -> float:
        """The microseconds that one costs."""
        return MICROSECONDS / value if self.is_rate else value

    def row_of(self, record: Record) -> list[str]:
        """A size, what one costs at it, and what it costs the baseline where there is one."""
        figures = [record.value] if record.baseline is None else [record.value, record.baseline]
        return [f"{record.size * self.factor:,}", *(written(self.of(one)) for one in figures)]


COSTS = (
    Cost("a_cost", "Billing run: microseconds an invoice", "subscriptions"),
    Cost("c2", "Usage for a run: microseconds a customer", "events", factor=100, is_rate=True),
)


def pages(history: Sequence[Record], readme: str) -> dict[str, str]:
    """The files of the page by their paths, the README with its part among them."""
    with translation.override("en"):
        runs = _by_figure(history)
        charts = dict(chain(_cost_charts(history), _history_charts(runs)))
        return {
            **{f"{CHARTS}/{name}.svg": chart for name, chart in charts.items()},
            PAGE: "\n".join(_page(history, runs)),
            README: _readme(runs, readme),
        }


def _by_figure(history: Sequence[Record]) -> dict[Named, list[Record]]:
    """The runs of each figure that is judged now, by row and size."""
    found: dict[Named, list[Record]] = {}
    for one in history:
        found.setdefault((one.row, one.size), []).append(one)
    return {named: runs for named, runs in sorted(found.items()) if runs[-1].bar}


def _cost_charts(history: Sequence[Record]) -> Iterator[tuple[str, str]]:
    for cost in COSTS:
        records = _costs(history, cost)
        if records:
            costs = [(one.size * cost.factor, cost.of(one.value)) for one in records]
            yield f"cost-{cost.row}", cost_chart(cost.title, costs)


def _costs(history: Sequence[Record], cost: Cost) -> list[Record]:
    """The row's figures of the last run that measured several sizes, by size."""
    runs: dict[object, list[Record]] = {}
    for one in history:
        if one.row == cost.row:
            runs.setdefault(one.measured_at, []).append(one)
    several = [run for run in runs.values() if len(run) > 1]
    return sorted(several[-1], key=lambda one: one.size) if several else []


def _history_charts(runs: Mapping[Named, Sequence[Record]]) -> Iterator[tuple[str, str]]:
    for named, records in runs.items():
        yield _name(named), history_chart(_title(named), records)


def _page(history: Sequence[Record], runs: Mapping[Named, Sequence[Record]]) -> Iterator[str]:
    yield HEAD
    if not history:
        yield NONE
        return
    yield from _latest([records[-1] for records in runs.values()])
    yield "## Cost against size\n"
    for cost in COSTS:
        yield from _cost_part(_costs(history, cost), cost)
    yield "## From run to run\n"
    for named, records in runs.items():
        yield from _history_part(named, records)


def _latest(records: Sequence[Record]) -> Iterator[str]:
    yield "## The latest of each\n"
    yield from _table(
        ("row", "what", ">size", ">measured", ">baseline", ">ratio", "bar", "moonshot", "met"),
        [
            (
                *(f"`{one.row}`", one.what, f"{one.size:,}", f"{written(one.value)} {one.unit}"),
                *(written(one.baseline), written(one.ratio), one.bar, one.moonshot),
                VERDICTS[one.met],
            )
            for one in records
        ],
    )
    machines = dict.fromkeys(_machine(one) for one in records)
    yield from (f"Measured on {machine}.\n" for machine in machines)


def _cost_part(records: Sequence[Record], cost: Cost) -> Iterator[str]:
    if not records:
        return
    yield f"### {cost.title}\n"
    told = ", ".join(
        f"{written(cost.of(one.value))} at {one.size * cost.factor:,}" for one in records
    )
    yield f"![{cost.title}: {told} {cost.size}](bench/cost-{cost.row}.svg)\n"
    rows = [cost.row_of(one) for one in records]
    heads = (f">{cost.size}", ">microseconds", ">those of the baseline")
    yield from _table(heads[: len(rows[0])], rows)


def _history_part(named: Named, records: Sequence[Record]) -> Iterator[str]:
    last = records[-1]
    against = "" if last.baseline is None else f" Against {last.against}."
    yield f"### {_title(named)}\n"
    yield f"{last.what[:1].upper()}{last.what[1:]}.{against}\n"
    told = f"{written(last.ratio)} at last, bar {last.bar}"
    yield f"![{_title(named)}: {told}](bench/{_name(named)}.svg)\n"
    yield from _table(
        ("measured", "commit", f">{last.unit}", ">baseline", ">ratio", "bar", "moonshot", "met"),
        [
            (
                *(f"{one.measured_at:%Y-%m-%d %H:%M}", f"`{one.commit}`", written(one.value)),
                *(written(one.baseline), written(one.ratio), one.bar, one.moonshot),
                VERDICTS[one.met],
            )
            for one in records
        ],
    )


def _readme(runs: Mapping[Named, Sequence[Record]], readme: str) -> str:
    """The README with its part about speed written again."""
    before, _, rest = readme.partition("## Speed\n")
    after = rest[rest.index("\n## ") + 1 :]
    latest = {row: records[-1] for (row, _), records in runs.items()}
    rows = [
        (
            *(one.what, f"{written(one.value)} {one.unit}", written(one.ratio)),
            *(one.bar, VERDICTS[one.met], one.moonshot),
        )
        for one in (latest[row] for row in HEADLINES if row in latest)
    ]
    table = (
        _table(("what", ">measured", ">ratio", "bar", "met", "moonshot"), rows) if rows else [NONE]
    )
    return "\n".join((f"{before}{README_HEAD}", *table, after))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table; heads that begin with > are of figures."""
    yield f"| {' | '.join(head.lstrip('>') for head in heads)} |"
    yield f"| {' | '.join('--:' if head[0] == '>' else '---' for head in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |".replace("|  |", "| |").replace("|  |", "| |")
    yield ""


def _title(named: Named) -> str:
    row, size = named
    return f"Row {row}, size {size:,}" if size > 1 else f"Row {row}"


def _name(named: Named) -> str:
    return f"{named[0]}-{named[1]}"


def _machine(one: Record) -> str:
    here = one.machine
    return (
        f"{here.cores} cores of {here.processor}, {here.memory_gib:g} GiB, {here.system},"
        f" PostgreSQL {here.postgres}, Python {here.python}"
    )


if __name__ == "__main__":
    django.setup()
    made = pages(read_history(), (ROOT / README).read_text("utf-8"))
    (ROOT / CHARTS).mkdir(exist_ok=True)
    for stale in (ROOT / CHARTS).glob("*.svg"):
        stale.unlink()
    for path, text in made.items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(f"{path} is written")
