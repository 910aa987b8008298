"""What commands look like: on a terminal, through a pipe, and when somebody stops them."""

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from datetime import date

import pytest

from kesto.core.refusals import Invalid, NotFound, RefusedTogether
from kesto.demo.bank_file import Credit, notification
from kesto.ops import console, postgres
from kesto.ops.home import Home
from tests.contracts.command_line import CommandLine, commands, opened, options
from tests.contracts.pages import Written, steps

FILES = {
    step.name: step.text for step in steps("docs/recipes/first-day.md") if isinstance(step, Written)
}
WAITING = 600
DAY = date(2026, 10, 20)
LONG_NAME = "Pohjois-Karjalan Esimerkkiyhdistysten Keskusjärjestö ry [/b]"


@pytest.fixture(scope="module")
def queue() -> Iterator[CommandLine]:
    """A merchant with 600 payments that nobody can place."""
    with opened() as kesto:
        for noun, name in (("merchant", "merchant.toml"), ("catalogue", "prices.toml")):
            kesto.fine("import", noun, kesto.file(name, FILES[name]))
        booked = [
            Credit(f"A{number}", DAY, 1_000_000 + number, LONG_NAME, "FI7944052020036082")
            for number in range(WAITING)
        ]
        data = notification("FI2112345600000785", "EUR", DAY, booked)
        kesto.fine("import", "bank", kesto.file("many.xml", data))
        yield kesto


def test_a_long_queue_is_readable_at_80_columns_and_through_a_pipe(queue: CommandLine) -> None:
    answer = queue("match")
    title, _, _, *rows = answer.out.splitlines()
    assert (answer.status, title) == (
        console.FINDINGS,
        "600 payments wait: 6001797.00 EUR",
    )
    assert all(len(line) <= 80 and line == line.rstrip() for line in [title, *rows])
    assert "\x1b" not in answer.out
    ids = [row.split()[0] for row in rows if row[0] != " "]
    assert len(set(ids)) == len(ids) == WAITING
    listed = queue("match", "--json").json
    assert [one["short"] for one in listed] == ids
    assert all(one["transaction"].endswith(one["short"]) for one in listed)


def test_an_old_terminal_shows_what_it_can(queue: CommandLine) -> None:
    answer = queue.typed("match", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert answer.status == console.FINDINGS
    assert "Keskusj?rjest?" in answer.out


def test_refusals_that_come_together_are_each_named(capsys: pytest.CaptureFixture[str]) -> None:
    together = RefusedTogether(
        [
            NotFound("there is no plan 'x'", field="plan", subject="S-1"),
            Invalid("a quantity is above zero", code="bad_quantity", field="quantity"),
        ]
    )
    console.show_refusal(together, as_json=False)
    assert capsys.readouterr().err.splitlines() == [
        "error: S-1, plan: there is no plan 'x'",
        "error: quantity: a quantity is above zero",
    ]
    console.show_refusal(together, as_json=True)
    errors = json.loads(capsys.readouterr().out)["error"]["errors"]
    assert [(one["code"], one["subject"]) for one in errors] == [
        ("not_found", "S-1"),
        ("bad_quantity", ""),
    ]


@pytest.mark.parametrize("words", [("match",), ("match", "--json")])
def test_a_reader_that_leaves_ends_it_quietly(queue: CommandLine, words: tuple[str, ...]) -> None:
    with started(queue, *words) as kesto:
        assert kesto.stdout is not None
        assert kesto.stderr is not None
        kesto.stdout.close()
        assert kesto.stderr.read() == b""
        assert kesto.wait() == console.NOBODY_READS


def test_a_bar_is_shown_on_a_terminal_only(queue: CommandLine) -> None:
    name = queue.file("customers.csv", FILES["customers.csv"])
    assert queue("import", "customers", name).messages == ""
    here, there = pty.openpty()
    with started(queue, "import", "customers", name, stderr=there) as kesto:
        os.close(there)
        seen = all_of(here)
        assert kesto.wait() == console.FINE
    assert b"Bringing in customers.csv" in seen


def all_of(terminal: int) -> bytes:
    """What is written to a terminal until its other side is closed, which Linux calls an error."""
    seen = b""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 1000):
            seen += data
    os.close(terminal)
    return seen


def test_ctrl_c_is_quiet_and_leaves_nothing_running(queue: CommandLine) -> None:
    home = queue.folder / "elsewhere"
    with started(queue, "demo", "--no-serve", KESTO_HOME=str(home)) as kesto:
        assert kesto.stderr is not None
        place = Home(queue.folder / kesto.stderr.readline().decode().split()[-1])
        assert kesto.stderr.readline().startswith(b"Importing")
        os.killpg(kesto.pid, signal.SIGINT)
        assert kesto.stderr.read() == b""
        assert kesto.wait() == console.INTERRUPTED
    assert place.path.parent == queue.folder
    assert postgres.alive(place) is None


def test_every_command_that_shows_facts_has_them_for_programs() -> None:
    without = [name for name, command in commands().items() if "--json" not in options(command)]
    assert without == ["calc", "usage ddl"]  # their answers are for programs: JSON, and SQL


def started(
    queue: CommandLine, *words: str, stderr: int = subprocess.PIPE, **surroundings: str
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        queue.line(*words),
        cwd=queue.folder,
        env=queue.surroundings(**surroundings),
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )
