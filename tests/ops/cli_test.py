"""Exit codes and messages of the command line."""

import json
import signal
import sys

import pytest

from kesto.core.refusals import Invalid
from kesto.ops import cli, console


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
