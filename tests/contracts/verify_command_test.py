"""What `kesto verify` prints, and its exit status."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kesto import verify as proof
from kesto.core.merchant import Merchant
from kesto.ops import console
from kesto.ops.cli import app
from kesto.ops.commands import verify as command
from kesto.ops.desk import Desk
from kesto.ops.home import Home
from kesto.store import merchants
from kesto.verify import Finding
from tests.town import Town

FOUND = [
    Finding("L2", "It sums to zero.", {"currency": "EUR", "off_by_minor": 1}, "shop"),
    *(
        Finding("I10", "It comes out the same.", {"invoice": f"[{number}]", "differences": ["a"]})
        for number in range(12)
    ),
]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, booted: Home) -> None:
    """The command finds the database of the tests, and stays in it."""

    @contextmanager
    def installation() -> Iterator[Home]:
        yield booted

    @contextmanager
    def desk(code: str) -> Iterator[Desk]:
        yield Desk(booted, called(code), called(code).clock_at)  # type: ignore[arg-type]  # a town

    monkeypatch.setattr(command, "installation", installation)
    monkeypatch.setattr(command, "desk", desk)


def called(code: str) -> Merchant:
    found = merchants.merchant_called(code)
    assert found is not None
    return found


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["verify", *words])
    return int(ended.value.code or 0)


def test_a_merchant_without_findings(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--merchant", town.code) == console.FINE
    assert capsys.readouterr().out.startswith("Nothing found")
    assert run("--merchant", town.code, "--json") == console.FINE
    assert json.loads(capsys.readouterr().out) == {"findings": []}


def test_findings_are_a_table_for_each_invariant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proof, "verify_all", lambda _: FOUND)
    assert run() == console.FINDINGS
    shown = capsys.readouterr()
    assert shown.out.index("I10  It comes out the same.") < shown.out.index("L2  It sums to zero.")
    assert "invoice [4]" in shown.out
    assert "invoice [5]" not in shown.out
    assert "and 7 more" in shown.out
    assert "currency EUR, off_by_minor 1" in shown.out
    assert "13 findings" in shown.err


def test_findings_for_a_program_are_all_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proof, "verify_all", lambda _: FOUND)
    assert run("--json") == console.FINDINGS
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert len(findings) == 13
    assert findings[0] == {
        "invariant": "L2",
        "sentence": "It sums to zero.",
        "evidence": {"currency": "EUR", "off_by_minor": 1},
        "merchant": "shop",
    }
