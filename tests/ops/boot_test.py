"""Roles, limits and what a process may hold."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.utils.connection import ConnectionDoesNotExist

from kesto.core.refusals import NotAllowed, NotFound
from kesto.ops import boot, database
from kesto.ops.home import ROLES, Home, demo_home, real_home
from kesto.store.fresh import missing_migrations

ALIASES = {"default": "kesto_app", "run": "kesto_run", "audit": "kesto_audit"}


def value(alias: str, query: str, *words: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, words or None)
        row = cursor.fetchone()
    return row[0] if row else None


@pytest.fixture
def login(booted: Home, database_name: str) -> Iterator[dict[str, dict[str, str]]]:
    where = database.address(booted)
    yield {role: where.login(booted, role, database_name) for role in ROLES}
    boot.boot(booted, ROLES, database_name)


@pytest.mark.usefixtures("booted")
def test_each_alias_is_its_role() -> None:
    assert {alias: value(alias, "select current_user") for alias in ALIASES} == ALIASES
    assert value("owner", "select current_user") == "kesto_owner"


@pytest.mark.parametrize(
    ("role", "bypasses"), [("owner", False), ("app", False), ("run", True), ("audit", True)]
)
@pytest.mark.usefixtures("booted")
def test_only_runs_and_audits_bypass(role: str, *, bypasses: bool) -> None:
    query = (
        "select array[rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls]"
        " from pg_roles where rolname = %s"
    )
    assert value("default", query, f"kesto_{role}") == [False, False, False, False, bypasses]


@pytest.mark.parametrize("alias", ["default", "run", "audit", "owner"])
@pytest.mark.usefixtures("booted")
def test_every_role_has_limits(alias: str) -> None:
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert value(alias, f"show {setting}") != "0"


@pytest.mark.parametrize("role", ["app", "run", "audit"])
@pytest.mark.parametrize(
    "statement",
    [
        "create table theirs (n int)",
        "create schema theirs",
        "create temporary table theirs (n int)",
        "create role theirs",
        "alter role kesto_app bypassrls",
        "set role kesto_owner",
        "drop table django_migrations",
    ],
)
def test_only_the_owner_builds(login: dict[str, dict[str, str]], role: str, statement: str) -> None:
    with (
        database.connect(login[role]) as connection,
        pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
        ),
    ):
        connection.execute(statement.encode())


def test_audit_reads_only(login: dict[str, dict[str, str]]) -> None:
    with (
        database.connect(login["audit"]) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("update django_migrations set name = name")


@pytest.mark.usefixtures("booted")
def test_server_is_durable_and_deaf() -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
    }
    assert {name: value("default", f"show {name}") for name in wanted} == wanted


@pytest.mark.usefixtures("booted")
def test_text_compares_by_code_point_but_knows_letters() -> None:
    assert value("default", "select upper('äö') || ('Z' < 'a')::text") == "ÄÖtrue"


def test_process_holds_only_the_roles_it_asked_for(
    booted: Home, login: dict[str, dict[str, str]], database_name: str
) -> None:
    boot.boot(booted, ("app",), database_name)
    assert set(connections) == {"default"}
    with pytest.raises(ConnectionDoesNotExist):
        connections["run"].ensure_connection()
    assert login["run"]["password"] not in repr(connections.settings)


def test_serving_as_a_role_that_bypasses_is_refused(
    booted: Home, login: dict[str, dict[str, str]], database_name: str
) -> None:
    boot.boot(booted, ROLES, database_name)
    boot.refuse_bypassing("default")
    for alias in ("run", "audit"):
        with pytest.raises(NotAllowed, match=login[alias]["user"]):
            boot.refuse_bypassing(alias)


def test_serving_as_a_member_of_a_bypassing_role_is_refused(
    booted: Home, login: dict[str, dict[str, str]]
) -> None:
    assert login
    where = database.address(booted)
    with database.as_superuser(booted, where) as connection:
        connection.execute("grant kesto_run to kesto_app with inherit false")
        try:
            with pytest.raises(NotAllowed, match="kesto_app"):
                boot.refuse_bypassing()
        finally:
            connection.execute("revoke kesto_run from kesto_app")


@pytest.mark.usefixtures("booted")
def test_migrations_are_current_and_readable_by_all() -> None:
    assert [missing_migrations(alias) for alias in ALIASES] == [[], [], []]


def test_spawned_child_boots_itself(booted: Home, database_name: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(role_in_child, (booted, database_name)) == "kesto_run"


def role_in_child(place: Home, name: str) -> object:
    boot.boot(place, ("run",), name)
    return value("run", "select current_user")


def test_database_that_does_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="kesto up"):
        boot.boot(Home(tmp_path))


def test_home_is_the_one_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KESTO_HOME", str(tmp_path / "shop"))
    assert real_home().path == tmp_path / "shop"
    assert demo_home().path.parent == tmp_path
    assert demo_home().path.name.startswith("kesto-demo-")


def test_settings_need_no_database() -> None:
    line = "import django.conf; django.conf.settings.DATABASES"
    surroundings = {"DJANGO_SETTINGS_MODULE": "kesto.ops.settings"}
    surroundings["PYTHONPATH"] = os.pathsep.join((".", *sys.path))
    subprocess.run([sys.executable, "-c", line], env=surroundings, check=True)
