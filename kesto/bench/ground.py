"""What the bench stands on: a database server of its own, made and given by the command line."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo

from kesto.core.refusals import NotFound

FIRST = "kesto"
"""The database in which everything is prepared; each round works on a copy of it."""


Made = Callable[[Path], AbstractContextManager[None]]
"""Makes something in an empty folder, and takes it down again."""


def _no_server(database: str, front: str) -> AbstractContextManager[int]:
    raise NotFound(f"no web process can be run here: {front} on {database}", field="bench")


class Ground(Struct, frozen=True):
    """A fresh server with its superuser, a folder on the same disk, and the fonts of documents.

    `boot` makes the calling process ready to work in the database that it names. `installed` makes
    an installation whose tables are there and its process ready, `bare` a database server and
    nothing in it. All can be sent to another process. `serve` runs a web process on a database, by
    the front that it names, and says its port.
    """

    superuser: str
    folder: Path
    boot: Callable[[str], None]
    fonts: Path
    installed: Made
    bare: Made
    serve: Callable[[str, str], AbstractContextManager[int]] = _no_server

    @contextmanager
    def connected(self, database: str) -> Iterator[psycopg.Connection]:
        """A superuser's connection that commits each statement."""
        words = make_conninfo(self.superuser, dbname=database)
        with psycopg.connect(words, autocommit=True) as connection:
            yield connection

    @contextmanager
    def empty_folder(self) -> Iterator[Path]:
        """A folder on the same disk, for something that is made anew."""
        folder = Path(mkdtemp(prefix="kesto-bench-", dir=self.folder.parent))
        try:
            yield folder
        finally:
            rmtree(folder, ignore_errors=True)

    @contextmanager
    def copied(self, template: str, name: str) -> Iterator[str]:
        """A copy of a database that nobody uses, for one measurement; dropped afterwards."""
        copy, original = sql.Identifier(name), sql.Identifier(template)
        with self.connected("postgres") as connection:
            connection.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(copy, original)
            )
            connection.execute("checkpoint")
            try:
                yield name
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(copy))

    def version(self) -> str:
        """The server's version, such as 18.1."""
        with self.connected("postgres") as connection:
            shown = connection.execute("show server_version").fetchone()
        found = re.match(r"[\d.]+", shown[0] if shown else "")
        return found[0] if found else "unknown"
