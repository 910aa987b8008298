"""The baseline of a billing run: its very rows, brought in by COPY with nothing else to do.

What the product wrote is taken out as COPY files, one a chunk and table. Two processes bring them
into tables that have primary keys and nothing more: no policy, no trigger, no foreign key, no
second index. They commit once a chunk, as the product does.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo

from kesto.bench import crew
from kesto.bench.crew import Worked
from kesto.bench.ground import Ground
from kesto.store.invoice_writer import COLUMNS

# The column that says to which invoice a row belongs.
INVOICE_ID = {"invoice": "id", "journal_entry": "id", "posting": "entry_id", "outbox": "subject_id"}


class Share(Struct, frozen=True):
    """What one process brings in: a login, and the folders of its chunks."""

    login: str
    chunks: list[Path]


def take_out(connection: psycopg.Connection, folder: Path, chunk_invoices: int) -> None:
    """Write the rows of all invoices to files, a folder a chunk and a file a table."""
    ranges = connection.execute(
        "select chunk, (array_agg(id order by id))[1], (array_agg(id order by id desc))[1]"
        " from (select id, (row_number() over (order by id) - 1) / %s as chunk from invoice) t"
        " group by chunk order by chunk",
        [chunk_invoices],
    ).fetchall()
    for chunk, first, last in ranges:
        place = folder / f"{chunk:05}"
        place.mkdir(parents=True)
        for table in COLUMNS:
            with connection.cursor().copy(_rows_of(table, first, last)) as rows:
                (place / table).write_bytes(b"".join(rows))


def bare_tables(connection: psycopg.Connection) -> list[str]:
    """The statements that make the tables of a run with their primary keys only."""
    return [_bare(connection, table) for table in COLUMNS]


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table of a run has."""
    counts = {}
    for table in COLUMNS:
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def bring_in(ground: Ground, database: str, folder: Path) -> Worked:
    """Bring all files into the bare tables of a database."""
    login = make_conninfo(ground.superuser, dbname=database)
    chunks = sorted(folder.iterdir())
    shares = [Share(login, chunks[n :: crew.PROCESSES]) for n in range(crew.PROCESSES)]
    return crew.work(partial(_connect, login), _copy, lambda: shares)


def copy_chunks(connection: psycopg.Connection, chunks: Sequence[Path]) -> None:
    """Bring in chunks, each in a transaction."""
    for chunk in chunks:
        with connection.transaction():
            for table in COLUMNS:
                with connection.cursor().copy(_into(table)) as rows:
                    rows.write((chunk / table).read_bytes())


_connections: dict[str, psycopg.Connection] = {}


def _connect(login: str) -> None:
    _connections[login] = psycopg.connect(login, autocommit=True)


def _copy(share: Share) -> None:
    copy_chunks(_connections[share.login], share.chunks)


def _into(table: str) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(table), _columns(table)
    )


def _rows_of(table: str, first: UUID, last: UUID) -> sql.Composed:
    """A query for the rows of a range of invoices, in the order in which the product wrote them."""
    key = sql.Identifier(INVOICE_ID.get(table, "invoice_id"))
    order = [key, sql.Identifier("line_no")] if "line_no" in COLUMNS[table] else [key]
    return sql.SQL(
        "copy (select {columns} from {table} where {key} between {first} and {last}"
        " order by {order}) to stdout (format binary)"
    ).format(
        columns=_columns(table),
        table=sql.Identifier(table),
        key=key,
        first=sql.Literal(first),
        last=sql.Literal(last),
        order=sql.SQL(", ").join(order),
    )


def _columns(table: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))


def _bare(connection: psycopg.Connection, table: str) -> str:
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    ).fetchall()
    types: dict[str, str] = dict(rows)
    key = connection.execute(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = %s::regclass and contype = 'p'",
        [table],
    ).fetchone()
    columns = ", ".join(f"{name} {types[name]}" for name in COLUMNS[table])
    return f"create table {table} ({columns}, {key[0] if key else ''})"
