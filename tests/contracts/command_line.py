"""The real command line in a home of its own; the server runs meanwhile, so commands are quick."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql
from typer.main import get_group

from kesto.ops import boot, console, database
from kesto.ops.cli import app
from kesto.ops.home import Home
from tests.tidy.sources import ROOT

SURROUNDINGS = {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "KESTO_BALLAST_MB": "1"}
NOT_OURS = ("KESTO_HOME", "KESTO_MERCHANT", "KESTO_DATABASE_URL", "FORCE_COLOR", "NO_COLOR")


class Answer(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    messages: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """A home, a folder with files beside it, and the command `kesto`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder / "home")

    def __call__(self, *words: str, **surroundings: str) -> Answer:
        """Run a command by a fork of a Python that has loaded the product already."""
        terminal = [Path(os.devnull), self.folder / ".out", self.folder / ".err"]
        command = {
            "words": words,
            "folder": str(self.folder),
            "surroundings": self.surroundings(**surroundings),
            "terminal": [str(path) for path in terminal],
        }
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        self._warm.stdin.write(json.dumps(command) + "\n")
        self._warm.stdin.flush()
        status = int(self._warm.stdout.readline())
        return Answer(status, *(path.read_text(encoding="utf-8") for path in terminal[1:]))

    def typed(self, *words: str, **surroundings: str) -> Answer:
        """Run a command as a shell does, from the start of Python on."""
        ended = subprocess.run(
            self.line(*words),
            cwd=self.folder,
            env=self.surroundings(**surroundings),
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    def line(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "kesto.ops.cli", *words]

    def surroundings(self, **more: str) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if name not in NOT_OURS}
        return {**kept, **SURROUNDINGS, "KESTO_HOME": str(self.home.path), **more}

    def fine(self, *words: str) -> str:
        """Run a command that must go well; what it printed."""
        answer = self(*words)
        assert answer.status == console.FINE, answer
        return answer.out

    def refused(self, *words: str) -> str:
        """Run a command that must be refused in plain words and change nothing; its words."""
        before = self.contents()
        answer = self(*words)
        assert (answer.status, answer.out) == (console.REFUSED, ""), answer
        assert "Traceback" not in answer.messages
        assert self.contents() == before
        return answer.messages

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file beside the home; its name as commands take it."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)
        return name

    def contents(self) -> dict[str, tuple[int, str]]:
        """Every table of the database: how many rows, and a hash over all that stands in them."""
        where = database.address(self.home)
        with database.as_superuser(self.home, where, database.DATABASE) as connection:
            names = connection.execute(
                "select relname from pg_class where relkind in ('r', 'p')"
                " and relnamespace = 'public'::regnamespace order by relname"
            ).fetchall()
            one = sql.SQL(
                "select {text}, count(*), md5(coalesce(string_agg(t::text, ' ' order by t::text),"
                " '')) from {table} t"
            )
            query = sql.SQL(" union all ").join(
                one.format(text=sql.Literal(name), table=sql.Identifier(name)) for (name,) in names
            )
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def close(self) -> None:
        if "_warm" in self.__dict__:
            self._warm.communicate()

    @cached_property
    def _warm(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.warm_start"],
            cwd=ROOT,
            env=self.surroundings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@contextlib.contextmanager
def opened() -> Iterator[CommandLine]:
    """A new home whose database runs until the end."""
    with opened_folder() as kesto, boot.running(kesto.home):
        yield kesto


@contextlib.contextmanager
def opened_folder() -> Iterator[CommandLine]:
    """A folder in which there is no home yet."""
    folder = Path(tempfile.mkdtemp(prefix="kesto-cli-"))
    folder.chmod(0o755)  # the database's account must get to the home below it
    kesto = CommandLine(folder)
    try:
        yield kesto
    finally:
        kesto.close()
        shutil.rmtree(folder)


def commands() -> dict[str, Any]:
    """Every command by its words."""
    found: dict[str, Any] = {}
    for name, command in get_group(app).commands.items():
        inner = getattr(command, "commands", None)
        found |= (
            {f"{name} {word}": one for word, one in inner.items()} if inner else {name: command}
        )
    return found


def options(command: Any) -> set[str]:
    """The options of a command, but the one for help."""
    return {
        word
        for parameter in command.params
        if parameter.param_type_name == "option"
        for word in (*parameter.opts, *parameter.secondary_opts)
    } - {"--help"}
