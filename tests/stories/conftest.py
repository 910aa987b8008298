"""Each story has a town of its own; the superuser comes to break things."""

from collections.abc import Iterator

import psycopg
import pytest

from kesto.ops import database
from kesto.ops.home import Home
from tests.town import Town


@pytest.fixture
def town(booted: Home) -> Town:
    assert booted
    return Town.founded()


@pytest.fixture
def superuser(booted: Home, database_name: str) -> Iterator[psycopg.Connection]:
    """One whom neither row-level security nor a frozen table stops."""
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection
