"""No merchant sees or changes a row of another; the walls are read from the catalogue itself."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from kesto.core.refusals import NotFound
from kesto.flows.show_invoice import show_invoice
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store.ids import new_id
from kesto.store.session import reading, writing
from tests.contracts import walls
from tests.town import Town

REFUSED_BY_ROW_SECURITY = "new row violates row-level security policy"


class TwoMerchants(NamedTuple):
    """Two merchants with a row each in every table."""

    ours: UUID
    theirs: UUID
    tables: dict[str, str]
    login: dict[str, str]


@pytest.fixture(scope="module")
def two(booted: Home, database_name: str) -> Iterator[TwoMerchants]:
    ours, theirs = new_id(), new_id()
    where = database.address(booted)
    with database.as_superuser(booted, where, database_name) as connection:
        with connection.transaction():
            walls.fill(connection, ours)
            walls.fill(connection, theirs)
        tables = walls.merchant_tables(connection)
        yield TwoMerchants(ours, theirs, tables, where.login(booted, "app", database_name))
        with connection.transaction():
            walls.empty(connection, ours)
            walls.empty(connection, theirs)


@pytest.fixture
def app(two: TwoMerchants) -> Iterator[psycopg.Connection]:
    """A transaction of kesto_app in which our merchant is set."""
    with database.connect(two.login) as connection, connection.transaction(force_rollback=True):
        connection.execute("select set_config('app.merchant', %s, true)", [str(two.ours)])
        yield connection


def test_every_table_is_walled_off(superuser: psycopg.Connection) -> None:
    assert walls.gaps(superuser) == []
    assert len(walls.merchant_tables(superuser)) > 40


GUARD = "alter table loose enable row level security; alter table loose force row level security;"
LOOSE = "create table loose (merchant_id uuid not null, id uuid);"
RIGHT = "using (merchant_id = current_setting('app.merchant')::uuid)"
GAPS = {
    "a new table": (LOOSE, "loose: row-level security is off"),
    "not forced": (
        f"{LOOSE} alter table loose enable row level security",
        "loose: row-level security does not hold its owner",
    ),
    "no policy": (LOOSE + GUARD, "loose: policies []"),
    "a policy for some": (
        f"{LOOSE}{GUARD} create policy p on loose to kesto_app {RIGHT}",
        "loose: policies",
    ),
    "a policy for reading only": (
        f"{LOOSE}{GUARD} create policy p on loose for select {RIGHT}",
        "loose: policies",
    ),
    "a policy that lets rows of others in": (
        f"{LOOSE}{GUARD} create policy p on loose {RIGHT} with check (true)",
        "loose: policies",
    ),
    "a second policy": ("create policy wide on invoice using (true)", "invoice: policies"),
    "switched off": (
        "alter table invoice disable row level security",
        "invoice: row-level security is off",
    ),
    "not forced any more": (
        "alter table posting no force row level security",
        "posting: row-level security does not hold its owner",
    ),
    "no merchant": ("create table loose (id uuid)", "loose: no merchant_id that must be given"),
    "a merchant that may be left out": (
        "create table loose (merchant_id uuid)",
        "loose: no merchant_id that must be given",
    ),
    "a view": (
        "create view loose as select * from customer; grant select on loose to kesto_app",
        "loose: a view that kesto_app may read",
    ),
    "a materialised view": (
        "create materialized view loose as table person; grant select on loose to kesto_run",
        "loose: a view that kesto_run may read",
    ),
    "in another schema": (
        "create schema aside; create table aside.loose (merchant_id uuid not null)",
        "loose: row-level security is off",
    ),
}


@pytest.mark.parametrize(("change", "gap"), GAPS.values(), ids=GAPS)
def test_each_kind_of_gap_is_found(superuser: psycopg.Connection, change: str, gap: str) -> None:
    superuser.execute(change.encode())
    found = walls.gaps(superuser)
    assert len([one for one in found if one.startswith(gap)]) == 1
    assert {one.partition(":")[0] for one in found} == {gap.partition(":")[0]}


def test_a_view_that_asks_as_its_caller_is_no_gap(superuser: psycopg.Connection) -> None:
    superuser.execute(
        "create view loose with (security_invoker = true) as select * from customer;"
        " grant select on loose to kesto_app"
    )
    assert walls.gaps(superuser) == []


PARTED = """
    set local role kesto_owner;
    create table parted (merchant_id uuid not null, day date not null, value int)
        partition by range (day);
    create table parted_2026 partition of parted for values from ('2026-01-01') to ('2027-01-01');
    select guard_table('parted', false);
    reset role;
"""


def test_a_partition_is_reached_through_its_parent_only(
    superuser: psycopg.Connection, two: TwoMerchants
) -> None:
    superuser.execute(PARTED)
    assert walls.gaps(superuser) == []
    for merchant_id in (two.ours, two.theirs):
        superuser.execute("insert into parted values (%s, '2026-10-01', 1)", [merchant_id])
    for role in walls.SERVING_ROLES:
        superuser.execute(f"set local role {role}".encode())
        superuser.execute("select set_config('app.merchant', %s, true)", [str(two.ours)])
        seen = superuser.execute("select distinct merchant_id from parted").fetchall()
        assert (seen == [(two.ours,)]) == (role == "kesto_app")
        for statement in ("select from parted_2026", "delete from parted_2026"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), superuser.transaction():
                superuser.execute(statement.encode())
        superuser.execute("reset role")


@pytest.mark.parametrize("right", ["select", "insert", "update (value)"])
@pytest.mark.parametrize("role", walls.SERVING_ROLES)
def test_a_right_on_a_partition_is_found(
    superuser: psycopg.Connection, right: str, role: str
) -> None:
    superuser.execute(PARTED)
    superuser.execute(f"grant {right} on parted_2026 to {role}".encode())
    assert walls.gaps(superuser) == [f"parted_2026: a partition that {role} may address directly"]


def test_without_its_own_right_a_partition_would_show_all(
    superuser: psycopg.Connection, two: TwoMerchants
) -> None:
    """Why the walk looks for such rights: the policy of the parent does not hold."""
    superuser.execute(PARTED)
    superuser.execute("insert into parted values (%s, '2026-10-01', 1)", [two.theirs])
    superuser.execute("grant select on parted_2026 to kesto_app; set local role kesto_app")
    superuser.execute("select set_config('app.merchant', %s, true)", [str(two.ours)])
    assert superuser.execute("select from parted").rowcount == 0
    assert superuser.execute("select from parted_2026").rowcount == 1


def test_every_table_shows_our_rows_and_no_others(
    two: TwoMerchants, app: psycopg.Connection
) -> None:
    for table, key in two.tables.items():
        found = app.execute(_("select distinct {key} from {table}", table, key)).fetchall()
        assert found == [(two.ours,)], table


def test_no_row_of_another_merchant_is_changed_or_deleted(
    two: TwoMerchants, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    before = rows_of(superuser, two, two.theirs)
    assert all(len(rows) == 1 for rows in before.values())
    for table, key in two.tables.items():
        for words in ("update {table} set {key} = {key}", "delete from {table}"):
            for condition in ("", " where {key} = {theirs}"):
                statement = _(words + condition, table, key, theirs=two.theirs)
                touched = attempt(app, statement)
                # Refused, or nothing of theirs: without a condition our own row alone.
                assert touched in ({None, 0} if condition else {None, 1}), (table, words)
    app.execute("rollback")
    assert rows_of(superuser, two, two.theirs) == before


def test_no_row_is_written_for_another_merchant(
    two: TwoMerchants, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    rows = rows_of(superuser, two, two.theirs)
    for table, key in two.tables.items():
        columns = _given(superuser, table)
        insert = "insert into {table} (columns) select columns from "
        source = "jsonb_populate_record(null::{table}, %s::jsonb)"
        added = _(insert.replace("columns", columns) + source, table, key)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(added, [rows[table][0]])
        moved = _("update {table} set {key} = {theirs}", table, key, theirs=two.theirs)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(moved)


def _given(connection: psycopg.Connection, table: str) -> str:
    """The columns whose values are given, not generated."""
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'public'"
        " and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
        [table],
    )
    return ", ".join(f'"{name}"' for (name,) in rows)


def test_where_the_right_to_write_is_given_row_security_refuses(
    two: TwoMerchants, app: psycopg.Connection
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED_BY_ROW_SECURITY):
        app.execute(
            "insert into outbox (merchant_id, topic, subject_id, created_at)"
            " values (%s, 'invoice.issued', gen_random_uuid(), now())",
            [two.theirs],
        )


def test_nothing_comes_in_by_copy(two: TwoMerchants, app: psycopg.Connection) -> None:
    for table, key in two.tables.items():
        statement = _("copy {table} from stdin", table, key)
        with (
            pytest.raises(
                (psycopg.errors.FeatureNotSupported, psycopg.errors.InsufficientPrivilege)
            ),
            app.transaction(),
            app.cursor().copy(statement) as copy,
        ):
            copy.write(b"")


def test_without_a_merchant_every_table_answers_with_an_error(two: TwoMerchants) -> None:
    with database.connect(two.login) as connection:
        for _round in ("never set", "set in an earlier transaction"):
            for table, key in two.tables.items():
                for words in (
                    "select from {table}",
                    "update {table} set {key} = {key}",
                    "delete from {table}",
                    "insert into {table} ({key}) values ({theirs})",
                ):
                    with pytest.raises(psycopg.Error):
                        connection.execute(_(words, table, key, theirs=two.theirs))
            with connection.transaction():
                connection.execute("select set_config('app.merchant', %s, true)", [str(two.ours)])


def test_the_door_table_is_asked_through_its_functions_only(
    two: TwoMerchants, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    subject = new_id()
    for statement in (
        "select from entry",
        "delete from entry",
        "update entry set kind = ''",
        "insert into entry values ('', '', gen_random_uuid(), gen_random_uuid())",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement.encode())
    app.execute("select entry_add('a hash', 'api_key', %s)", [subject])
    app.execute("select set_config('app.merchant', '', true)")
    wanted = "select * from entry_of(%s, 'api_key')"
    assert app.execute(wanted, [b"a hash"]).fetchall() == [(two.ours, subject)]
    assert app.execute(wanted, [b"another"]).fetchall() == []
    assert app.execute("select * from entry_of('a hash', 'login')").fetchall() == []
    with pytest.raises(psycopg.Error), app.transaction():
        app.execute("select entry_add('more', 'api_key', %s)", [subject])
    columns = superuser.execute(
        "select column_name, udt_name from information_schema.columns where table_name = 'entry'"
    )
    # Hashes and ids: nothing in it says who anybody is.
    assert dict(columns.fetchall()) == {
        "sha256": "bytea",
        "kind": "text",
        "merchant_id": "uuid",
        "subject_id": "uuid",
    }


def test_a_session_of_the_store_forgets_its_merchant(town: Town) -> None:
    with reading(town.merchant_id) as session:
        assert session.row("select code from merchant") == (town.code,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading(town.merchant_id) as session:
        session.execute("update merchant set name = 'x'")
    with connections["default"].cursor() as cursor, pytest.raises(Exception, match="uuid"):
        cursor.execute("select code from merchant")


def test_the_papers_of_one_town_are_unknown_in_another(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    other = Town.founded()
    with pytest.raises(NotFound):
        show_invoice(other.merchant_id, invoice.number, "en")
    other.customer("Aino").subscribes("basic", on="2026-10-01")
    imported = other.pays(invoice)
    assert (imported.matched, imported.unmatched) == (0, 1)
    with writing(other.merchant_id) as session:
        assert session.execute("update settlement set paid_minor = 0") == 0


def _(words: str, table: str, key: str, **values: UUID) -> sql.Composed:
    """A statement about a table; the words are those of this file."""
    return sql.SQL(words).format(
        table=sql.Identifier(table),
        key=sql.Identifier(key),
        **{name: sql.Literal(str(value)) for name, value in values.items()},
    )


def attempt(connection: psycopg.Connection, statement: sql.Composed) -> int | None:
    """How many rows a statement touches (and takes back), or None when it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return None


def rows_of(
    connection: psycopg.Connection, two: TwoMerchants, merchant_id: UUID
) -> dict[str, list[Any]]:
    """Every row of a merchant by table, as JSON."""
    return {
        table: [
            row
            for (row,) in connection.execute(
                _(
                    "select to_jsonb(t)::text from {table} t where {key} = {own}",
                    table,
                    key,
                    own=merchant_id,
                )
            )
        ]
        for table, key in two.tables.items()
    }
