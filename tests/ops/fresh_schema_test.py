"""A new installation gets its tables in one go: the very ones that the migrations make."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from kesto.ops import binaries, boot, database
from kesto.ops.home import ROLES, Home
from kesto.store.fresh import STATEMENTS, missing_migrations
from scripts.fresh_schema import statements

MIGRATED, AT_ONCE = "made_by_migrations", "made_at_once"


@pytest.fixture(scope="module")
def said(booted: Home, database_name: str) -> Iterator[str]:
    """What the migrations did in one database; another one was made in one go."""
    with database.as_superuser(booted, database.address(booted)) as connection:
        for name in (MIGRATED, AT_ONCE):
            database.create(connection, name)
        try:
            boot.boot(booted, ("owner",), MIGRATED)
            found = statements("owner")
            for name in (MIGRATED, AT_ONCE):
                boot.migrate(booted, name)
            boot.boot(booted, ROLES, database_name)
            yield found
        finally:
            for name in (MIGRATED, AT_ONCE):
                connection.execute(f"drop database {name} with (force)")


def dumped(place: Home, name: str) -> list[str]:
    """The whole schema of a database, with rights and without marks of chance."""
    words = database.address(place).words
    command = [binaries.find().program("pg_dump"), "--schema-only", "--username", "postgres"]
    command += ["--host", words["host"], "--port", words["port"], name]
    secret = {**os.environ, "PGPASSWORD": place.secret("postgres")}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=secret)
    lines = answer.stdout.splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_the_file_says_what_the_migrations_do(said: str) -> None:
    assert said == STATEMENTS.read_text(encoding="utf-8"), "run `make schema`"


@pytest.mark.usefixtures("said")
def test_both_ways_make_the_same_tables(booted: Home) -> None:
    by_migrations = dumped(booted, MIGRATED)
    assert len(by_migrations) > 1_000
    assert dumped(booted, AT_ONCE) == by_migrations


def test_what_was_made_at_once_knows_its_migrations(
    said: str, booted: Home, database_name: str
) -> None:
    assert said
    try:
        boot.boot(booted, ("owner",), AT_ONCE)
        assert missing_migrations("owner") == []
        boot.migrate(booted, AT_ONCE)  # nothing is made twice
    finally:
        boot.boot(booted, ROLES, database_name)
