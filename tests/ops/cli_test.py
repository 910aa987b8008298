"""Exit codes and messages of the command line."""

import json
import signal
import subprocess
import sys

import pytest
from typer.main import get_group

from kesto.core.refusals import Invalid
from kesto.ops import cli, console

HEAVY = {"django", "kesto.bench", "ninja", "psycopg", "pydantic", "rich.console", "typst"}


def run(monkeypatch: pytest.MonkeyPatch, failure: Exception, *words: str) -> object:
    def fail() -> None:
        raise failure

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["kesto", *words])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_refusal_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, Invalid("x is [bad]: give a good one", field="x")) == console.REFUSED
    assert capsys.readouterr() == ("", "error: x is [bad]: give a good one\n")


def test_refusal_for_a_program_is_an_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, Invalid("no", field="x"), "--json") == console.REFUSED
    wanted = {"error": {"code": "invalid", "field": "x", "detail": "no"}}
    assert json.loads(capsys.readouterr().out) == wanted


def test_trouble_shows_its_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, ValueError("a bug")) == console.TROUBLE
    assert "ValueError: a bug" in capsys.readouterr().err


def test_table_prints_what_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_table(("name", ">euros"), [("[b]Aino[/b]", 5), ("x" * 200, 10)])
    shown = capsys.readouterr().out
    assert "[b]Aino[/b]" in shown
    assert shown.count("x") == 200


def loaded_by(*modules: str) -> set[str]:
    words = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    line = [sys.executable, "-c", words]
    return set(subprocess.run(line, capture_output=True, text=True, check=True).stdout.split())


def test_what_help_says_is_what_each_command_says_first() -> None:
    own = {name: one.help.split("\n\n")[0] for name, one in get_group(cli.app).commands.items()}
    assert {name: " ".join(words.split()) for name, words in own.items()} == cli.COMMANDS


def test_a_command_loads_no_other() -> None:
    assert loaded_by("kesto.ops.cli", "kesto.ops.commands.up") & HEAVY == set()


def test_what_up_becomes_stays_small() -> None:
    assert loaded_by("kesto.ops.keep") & HEAVY == {"psycopg"}
