"""One database server for the whole run; each worker has a database of its own in it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation

from kesto.ops import boot, database
from kesto.ops.home import ROLES, Home
from kesto.ops.locks import FileLock
from tests.contracts.chdb_server import chdb_server

TEST_HOME = "KESTO_TEST_HOME"
CLICKHOUSE = "KESTO_TEST_CLICKHOUSE"


def pytest_configure(config: pytest.Config) -> None:
    # The API's framework asks for the settings when it is imported, which may be before `boot`.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kesto.ops.settings")
    os.environ.pop("KESTO_USAGE_URL", None)
    if TEST_HOME not in os.environ:
        folder = tempfile.mkdtemp(prefix="kesto-test-")
        config.add_cleanup(lambda: _remove(folder))
        os.environ |= {TEST_HOME: folder, "KESTO_BALLAST_MB": "1"}


def _remove(folder: str) -> None:
    os.environ.pop(TEST_HOME, None)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_spoken() -> Iterator[None]:
    """A page speaks its reader's language until the next one: no test hears that of another."""
    yield
    if settings.configured:
        translation.deactivate()
        timezone.deactivate()


@pytest.fixture(autouse=True)
def _usage_in_clickhouse(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep usage in the engine of ClickHouse where `make clickhouse` asks for it."""
    if os.environ.get(CLICKHOUSE) and "booted" in request.fixturenames:
        request.getfixturevalue("booted")
        server = chdb_server()
        monkeypatch.setattr(server, "is_restless", True)
        monkeypatch.setattr(settings, "KESTO_USAGE", server)


@pytest.fixture(scope="session")
def server_home() -> Iterator[Home]:
    """A home whose database runs while any worker of this test run needs it."""
    place = Home(Path(os.environ[TEST_HOME]))
    with boot.running(place):
        yield place


@pytest.fixture(scope="session")
def database_name(server_home: Home, worker_id: str) -> str:
    """This worker's database, cloned from one that was migrated once."""
    name = f"kesto_{worker_id}"
    lock = FileLock(server_home.run / "template.lock")
    lock.acquire()
    if not (server_home.run / "migrated").exists():
        boot.migrate(server_home)
        (server_home.run / "migrated").touch()
    with database.as_superuser(server_home, database.address(server_home)) as connection:
        database.create(connection, name, template=database.DATABASE)
    lock.release()
    return name


@pytest.fixture(scope="session")
def booted(server_home: Home, database_name: str) -> Home:
    """Django with the connections of all four roles, on this worker's database."""
    boot.boot(server_home, ROLES, database_name)
    return server_home
