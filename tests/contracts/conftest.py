"""For the contracts of the database: the superuser, and a town to look at."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kesto.ops import database
from kesto.ops.home import Home
from tests.contracts.delivery_office import Desk, PlainMaker, Server, serving
from tests.town import Town


@pytest.fixture
def town(booted: Home) -> Town:
    assert booted
    return Town.founded()


@pytest.fixture
def superuser(booted: Home, database_name: str) -> Iterator[psycopg.Connection]:
    """A transaction of one whom row-level security does not stop; what it did is taken back."""
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def desk(town: Town, server: Server, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(town, tmp_path, PlainMaker(), server)
    yield made
    made.close()
