"""The set-up: what it refuses, and that a finished environment is left alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup
from tests.tidy.sources import ROOT


def find_python(*words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    command = ["/bin/sh", str(ROOT / "scripts" / "setup"), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def fake_python(folder: Path, name: str, body: str) -> None:
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    script.chmod(0o755)


def test_a_python_that_does_not_start_is_refused() -> None:
    answer = find_python(".venv-none", "no-such-python")
    assert answer.returncode == 1
    assert answer.stderr == "setup: no-such-python does not start or is older than Python 3.11\n"


def test_further_locks_are_handed_on(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", '[ "$1" = -c ] || echo "$@"')
    path = f"{tmp_path}:/bin:/usr/bin"
    assert find_python(".venv", path=path).stdout.endswith("setup.py .venv\n")
    assert find_python(".venv", "", path=path).stdout.endswith("setup.py .venv\n")
    assert find_python(".venv", "", "a.lock", path=path).stdout.endswith("setup.py .venv a.lock\n")


def test_without_any_python_the_remedy_is_named(tmp_path: Path) -> None:
    answer = find_python(".venv-none", path=str(tmp_path))
    assert answer.returncode == 1
    assert "no Python 3.11 or newer found" in answer.stderr


def test_the_first_python_that_can_make_environments_is_taken(tmp_path: Path) -> None:
    is_old = "exit 1"
    lacks_pip = 'case "$2" in *ensurepip*) exit 1;; esac; [ "$1" = -c ] || echo "3.11: $@"'
    is_whole = '[ "$1" = -c ] || echo "3.12: $@"'
    for name, body in (("python3", is_old), ("python3.11", lacks_pip), ("python3.12", is_whole)):
        fake_python(tmp_path, name, body)
    path = f"{tmp_path}:/bin:/usr/bin"
    assert find_python(".venv", path=path).stdout.startswith("3.12: ")
    fake_python(tmp_path, "python3.12", is_old)
    for name in ("python3.13", "python3.14"):
        fake_python(tmp_path, name, is_old)
    assert find_python(".venv", path=path).stdout.startswith("3.11: ")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lock and nothing else, as the set-up's own."""
    (tmp_path / "requirements.lock").write_text("django==5.2.19\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "LOCK", tmp_path / "requirements.lock")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the set-up would have run, in order."""
    ran: list[list[str]] = []

    def note(command: list[str], remedy: str, environment: object = None) -> None:
        assert remedy
        assert environment is None or "PIP_TARGET" not in str(environment)
        ran.append(command)

    monkeypatch.setattr(setup, "run", note)
    return ran


def finished(clone: Path) -> None:
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.symlink_to(sys.executable)


def test_a_finished_environment_is_left_alone(clone: Path, commands: list[list[str]]) -> None:
    finished(clone)
    setup.main(".venv")
    assert [command[1:4] for command in commands] == [
        ["-m", "venv", "--clear"],
        ["-I", "-m", "pip"],
        ["-I", "-m", "pip"],
        ["-I", "-m", "kesto.web.ui.made"],
    ]
    assert "--require-hashes" in commands[1]
    assert "--no-index" in commands[2]
    commands.clear()
    setup.main(".venv")
    assert commands == []


def test_another_lock_is_installed(clone: Path, commands: list[list[str]]) -> None:
    finished(clone)
    setup.main(".venv")
    commands.clear()
    (clone / "requirements.lock").write_text("django==5.2.20\n", encoding="utf-8")
    setup.main(".venv")
    assert len(commands) == 4


def test_a_second_lock_is_installed_beside_the_first(
    clone: Path, commands: list[list[str]]
) -> None:
    finished(clone)
    (clone / "more.lock").write_text("mutmut==3.8.1\n", encoding="utf-8")
    setup.main(".venv", "more.lock")
    assert commands[1][-4:] == ["-r", "requirements.lock", "-r", "more.lock"]
    commands.clear()
    setup.main(".venv", "more.lock")
    assert commands == []
    (clone / "more.lock").write_text("mutmut==3.8.2\n", encoding="utf-8")
    setup.main(".venv", "more.lock")
    assert len(commands) == 4


def test_a_failed_install_leaves_no_stamp(
    clone: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(clone)
    setup.main(".venv")
    (clone / "requirements.lock").write_text("django==5.2.20\n", encoding="utf-8")

    def fail(command: list[str], remedy: str, environment: object = None) -> None:
        commands.append(command)
        setup.refuse(f"{remedy} {environment is None}")

    monkeypatch.setattr(setup, "run", fail)
    with pytest.raises(SystemExit):
        setup.main(".venv")
    assert not (clone / ".venv" / setup.STAMP).exists()


def test_the_folder_of_another_is_refused_with_the_way_out(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (clone, os.W_OK))
    with pytest.raises(SystemExit, match="clone it into a folder of your own"):
        setup.main(".venv")


def test_an_ordinary_user_is_told_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    wanted = f"apt-get install python3.{sys.version_info.minor}-venv"
    with pytest.raises(SystemExit, match=wanted):
        setup.require_ensurepip()


def test_root_has_the_missing_package_installed(
    monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    setup.require_ensurepip()
    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert commands[1][-1] == f"python3.{sys.version_info.minor}-venv"
