"""Write down what the migrations do to an empty database: `make schema`.

A new installation runs `kesto/store/sql/fresh.sql` instead of migration after migration, for which
Django would build each state of all models in between: twenty times the work. A test compares.
"""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections

from kesto.ops import boot
from kesto.ops.home import Home
from kesto.store.fresh import DONE, STATEMENTS
from kesto.store.migration_names import migration_names

HEAD = "-- All tables of an empty database, made from the migrations by `make schema`.\n"
# What Django asks or remembers for itself.
ASIDE = re.compile(r'\s*SELECT|INSERT INTO "django_migrations"')


def statements(alias: str) -> str:
    """Run the migrations on an empty database; answers what they did, one statement after another.

    Ends with the names of the migrations that are done by then.
    """
    done: list[str] = []
    connection = connections[alias]

    def listen(execute: Callable[..., Any], sql: str, params: Any, *about: Any) -> Any:
        answer = execute(sql, params, *about)
        if not ASIDE.match(sql):
            cursor = about[-1]["cursor"].cursor
            said = connection.ops.last_executed_query(cursor, sql, params)
            done.append(said.strip().rstrip(";"))
        return answer

    with connection.execute_wrapper(listen):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    names = [f"{DONE}{name}" for name in migration_names()]
    return "\n".join([HEAD + "\n;\n".join(done), ";", *names, ""])


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory(prefix="kesto-schema-") as folder:
        Path(folder).chmod(0o755)
        place = Home(Path(folder) / "home")
        with boot.running(place):
            boot.boot(place, ("owner",))
            STATEMENTS.write_text(statements("owner"), encoding="utf-8")


if __name__ == "__main__":
    main()
