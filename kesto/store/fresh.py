"""An empty database gets all tables in one go: what the migrations would do, written down.

`sql/fresh.sql` holds the statements that the migrations run on an empty database, in their order;
`make schema` writes it, and a test runs the migrations and compares. A migration that the file does
not know yet runs after it, as anywhere else.
"""

import re
from pathlib import Path

from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from kesto.store.migration_names import missing

STATEMENTS = Path(__file__).parent / "sql" / "fresh.sql"
DONE = "-- with migration "


def make_tables(alias: str) -> None:
    """Make all tables where there are none."""
    connection = connections[alias]
    with transaction.atomic(alias), connection.cursor() as cursor:
        cursor.execute("select to_regclass('django_migrations') is null")
        row = cursor.fetchone()
        if row is None or not row[0]:
            return
        text = STATEMENTS.read_text(encoding="utf-8")
        cursor.execute(text)
        recorder = MigrationRecorder(connection)
        for name in re.findall(f"^{DONE}(.+)$", text, re.MULTILINE):
            recorder.record_applied("store", name)


def missing_migrations(alias: str) -> list[str]:
    """The migrations that the database has not had, without asking Django to load each of them."""
    done = MigrationRecorder(connections[alias]).applied_migrations()
    return missing(name for app, name in done if app == "store")
