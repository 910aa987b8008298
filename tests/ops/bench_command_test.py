"""`kesto bench`: figures as they come, failed rows named, a history that can be read again."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from msgspec.structs import replace

from kesto.bench import ROWS, SIZES, Row, history
from kesto.bench.figure import ABSOLUTE, Bar, Measured, read_bars
from kesto.bench.history import BadHistory, Run, read_history
from kesto.core.refusals import Invalid, NotAllowed
from kesto.ops import clock
from kesto.ops.commands import bench as command

KEYS = {"row", "value", "baseline", "ratio", "bar", "moonshot", "met", "samples", "commit"}
KEYS |= {"machine", "measured_at", "size", "unit", "what", "against", "guide"}
NOW = datetime(2026, 11, 26, 21, 5, 9, tzinfo=UTC)
SAMPLES: list[dict[str, object]] = [{"ratio": 0.5}]
SOURCES = sorted(Path(history.__file__).parent.glob("*.py"))

Measure = Callable[..., list[Measured]]


class _Bare:
    """A ground on which nothing stands."""

    def version(self) -> str:
        return "18.1"


def measured(bar: str, ratio: float) -> Measure:
    return lambda _ground, _size, _tell: [Measured(bar, "things/s", 100, 200, ratio, SAMPLES)]


def fails(_ground: object, _size: int, _tell: object) -> list[Measured]:
    raise AssertionError("rows differ")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where made-up rows of a made-up bench are kept: x good, y bad, z failing, w two sizes."""

    @contextmanager
    def ground() -> Iterator[_Bare]:
        yield _Bare()

    half = Bar("what", "base", at_least=Decimal("0.4"), moonshot=Decimal("0.6"))
    rows = {
        "x": Row(measured("x", 0.5), 10),
        "y": Row(measured("y", 0.3), 10),
        "z": Row(fails, 10),
        "w": Row(measured("w", 0.3), 1_000, also=(100,)),
        "v": Row(measured("no_such_bar", 0.5), 10),
        "u": Row(measured("u", 1), 10),
    }
    monkeypatch.delenv("KESTO_DATABASE_URL", raising=False)
    monkeypatch.setattr(command, "ROWS", rows)
    monkeypatch.setattr(command, "SIZES", ("w",))
    monkeypatch.setattr(command, "_ground", ground)
    bars = {"x": half, "y": half, "w": replace(half, size=1_000), "u": Bar("u", ABSOLUTE)}
    monkeypatch.setattr(command, "read_bars", lambda: bars)
    monkeypatch.setattr(command, "commit", lambda: "abc1234")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(history.keep, "__defaults__", (tmp_path,))
    return tmp_path


@pytest.mark.usefixtures("kept")
def test_a_figure_for_programs_has_all_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    command.bench(["x", "u"], as_json=True)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(first) == set(second) == KEYS
    assert (first["row"], first["bar"], first["moonshot"]) == ("x", ">= 0.4", ">= 0.6")
    assert (first["value"], first["baseline"], first["ratio"], first["met"]) == (
        100,
        200,
        0.5,
        True,
    )
    assert (first["samples"], first["commit"]) == (SAMPLES, "abc1234")
    assert first["measured_at"] == "2026-11-26T21:05:09Z"
    assert first["machine"]["postgres"] == "18.1"
    assert (second["baseline"], second["ratio"], second["met"]) == (None, 100, None)


@pytest.mark.usefixtures("kept")
def test_a_row_that_fails_is_named_and_the_others_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        command.bench(["z", "v", "x"], as_json=True)
    said = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert [json.loads(line)["row"] for line in said.out.splitlines()] == ["x"]
    assert "row z failed: AssertionError: rows differ" in said.err
    assert "bars.toml has no bar 'no_such_bar'" in said.err
    assert "Failed: z, v" in said.err


@pytest.mark.usefixtures("kept")
def test_a_missed_bar_ends_in_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        command.bench(["x", "y"])
    said = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert "x: 100 things/s, 0.5 x 200, bar >= 0.4: yes" in said.err
    assert re.search(r"^y +10 +100 +200 +0.3 +>= 0.4 +>= 0.6 +NO$", said.out, re.MULTILINE)


def test_a_size_that_the_bar_is_not_for_is_shown_and_not_judged(kept: Path) -> None:
    with pytest.raises(typer.Exit):
        command.bench(["sizes"], keep=True)
    beside, usual = read_history(kept)
    assert (beside.size, beside.bar, beside.met) == (100, "", None)
    assert (usual.size, usual.bar, usual.met) == (1_000, ">= 0.4", False)


def test_what_was_kept_is_read_again(kept: Path) -> None:
    with pytest.raises(typer.Exit):
        command.bench(["x", "z", "y"], keep=True)
    (path,) = kept.iterdir()
    assert path.name == "2026-11-26T210509Z-abc1234.jsonl"
    assert [(one.row, one.met, one.measured_at) for one in read_history(kept)] == [
        ("x", True, NOW),
        ("y", False, NOW),
    ]


def test_runs_are_read_by_their_moment(kept: Path) -> None:
    command.bench(["x"], keep=True)
    (path,) = kept.iterdir()
    line = json.loads(path.read_bytes()) | {"measured_at": "2026-11-20T00:00:00Z"}
    (kept / "2026-11-20T000000Z-abc1234.jsonl").write_text(json.dumps(line) + "\n")
    assert [one.measured_at.day for one in read_history(kept)] == [20, 26]
    assert read_history(kept / "none") == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ratio": None}, "Expected `float`, got `null` - at `$.ratio`"),
        ({"surprise": 1}, "unknown field `surprise`"),
        ({"row": "A b"}, "row: 'A b' is no name of a row"),
        ({"size": 0}, "size: 0 is less than one"),
        ({"value": -1.0}, "value: -1.0 is no measured figure"),
        ({"baseline": 0.0}, "baseline: 0.0 is no measured figure"),
        ({"baseline": None}, "there is one exactly where `against` names it"),
        ({"bar": "fast"}, "bar: 'fast' is no limit"),
        ({"moonshot": "0.6"}, "moonshot: '0.6' is no limit"),
        ({"met": None}, "there is a verdict exactly where there is a bar"),
        ({"samples": []}, "samples: a figure without its samples"),
        ({"measured_at": "2026-11-26T21:05:09"}, "measured_at: say the zone"),
        ({"measured_at": "2026-11-27T21:05:09Z"}, "named by another moment or commit"),
        ({"commit": "fff0000"}, "named by another moment or commit"),
        ({"machine": {}}, "missing required field `processor` - at `$.machine`"),
    ],
)
def test_a_line_that_no_run_wrote_is_refused(
    kept: Path, change: dict[str, object], problem: str
) -> None:
    command.bench(["x"], keep=True)
    (path,) = kept.iterdir()
    line = json.loads(path.read_bytes())
    path.write_text(f"{json.dumps(line)}\n{json.dumps({**line, 'size': 7, **change})}\n")
    with pytest.raises(BadHistory, match=re.escape(problem)) as refused:
        read_history(kept)
    assert f"bench/history/{path.name}, line 2: " in refused.value.detail


@pytest.mark.parametrize("text", ["", "{", "\xff", '{"row": "x"}', "[]"])
def test_a_file_that_is_no_history_is_refused(kept: Path, text: str) -> None:
    (kept / "2026-11-26T210509Z-abc1234.jsonl").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadHistory, match=r"2026-11-26T210509Z-abc1234\.jsonl, line 1: "):
        read_history(kept)


def test_a_figure_stands_once_in_a_run(kept: Path) -> None:
    command.bench(["x"], keep=True)
    (path,) = kept.iterdir()
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(BadHistory, match="line 2: x of this size stands in line 1 too"):
        read_history(kept)


def test_the_history_of_the_repository_can_be_read() -> None:
    rows = {record.row for record in read_history()}
    assert rows <= set(read_bars())


def test_only_usual_sizes_are_kept(kept: Path) -> None:
    with pytest.raises(Invalid, match="leave out --size") as refused:
        command.bench(["x"], size=5, keep=True)
    assert (refused.value.code, refused.value.field) == ("unusual_size", "size")
    assert list(kept.iterdir()) == []


@pytest.mark.usefixtures("kept")
def test_it_refuses_before_it_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match=r"no row 'q'; known: x, y, .*, sizes"):
        command.bench(["x", "q"])
    monkeypatch.setenv("KESTO_DATABASE_URL", "postgresql://example/kesto")
    with pytest.raises(NotAllowed, match="unset KESTO_DATABASE_URL"):
        command.bench(["x"])


def test_a_run_of_changed_files_says_so_in_its_name() -> None:
    assert Run("abc1234+", NOW).file_name == "2026-11-26T210509Z-abc1234+.jsonl"
    assert Run("", NOW).file_name == "2026-11-26T210509Z-unknown.jsonl"


def test_each_figure_has_its_bar_and_each_bar_its_row() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    measured_as = set(re.findall(r'(?:Measured|_measured)\(\s*\*?\(?"(\w+)"', text))
    bars = set(read_bars()) - {"spread"}
    assert measured_as - bars == set()
    assert {bar for bar in bars if bar.split("_")[0] not in ROWS} == {"h", "i"}
    assert {row for row in ROWS if row not in bars} == set()
    assert set(SIZES) <= set(ROWS)
