"""What the doctor finds, with the remedy."""

from pathlib import Path

import pytest
from django.db import connections

from kesto.ops import checks, disk
from kesto.ops.home import Home


def finding(place: Home, name: str) -> checks.Finding:
    (found,) = [found for found in checks.examine(place) if found.check == name]
    return found


def test_new_home_is_not_made_by_looking(tmp_path: Path) -> None:
    place = Home(tmp_path / "new")
    assert finding(place, "database") == checks.Finding(
        "database", is_fine=False, detail="not made yet", remedy="run `kesto up`"
    )
    assert not place.path.exists()


def test_folder_of_something_else_is_found(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    found = finding(Home(tmp_path), "home")
    assert (found.is_fine, "letter.txt" in found.detail) == (False, True)
    assert "KESTO_HOME" in found.remedy


def test_full_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: 0)
    found = finding(Home(tmp_path), "disk")
    assert (found.is_fine, found.remedy) == (False, f"free some space on the disk of {tmp_path}")


def test_wrong_programs_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KESTO_PG_BIN", str(tmp_path))
    found = finding(Home(tmp_path / "new"), "programs")
    assert (found.is_fine, "KESTO_PG_BIN" in found.remedy) == (False, True)


def test_old_programs_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
    program.chmod(0o755)
    monkeypatch.setenv("KESTO_PG_BIN", str(tmp_path))
    assert "holds PostgreSQL 14" in finding(Home(tmp_path / "new"), "programs").detail


def test_table_without_a_guard_is_found(booted: Home) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("create table forgotten (merchant_id uuid)")
        try:
            with pytest.raises(checks.Problem, match="forgotten"):
                checks.DATABASE_CHECKS["row security"](booted)
        finally:
            cursor.execute("drop table forgotten")
    assert checks.DATABASE_CHECKS["row security"](booted) == "forced on every merchant's table"


def test_role_that_was_changed_is_found(booted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "kesto_audit" in checks.DATABASE_CHECKS["roles"](booted)
    too_mighty = checks.ROLE_FACTS.replace("rolbypassrls", "true")
    monkeypatch.setattr(checks, "ROLE_FACTS", too_mighty)
    with pytest.raises(checks.Problem, match="kesto_owner, kesto_app"):
        checks.DATABASE_CHECKS["roles"](booted)
