"""What each role may do, written down: a right more or less, anywhere, fails here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from kesto.core.refusals import NotAllowed
from kesto.ops import boot, database
from kesto.ops.home import Home
from kesto.store.session import reading, writing
from tests.contracts import walls
from tests.town import Town

# r select, a insert, w update, d delete; nobody has more. A frozen table has no w and no d.
RIGHTS = """
table                app   run   audit
add_on               ra    ra    r
allocation           ra    ra    r
api_key              raw   r     r
archived_document    ra    ra    r
audit                ra    ra    r
audit_head           raw   raw   r
bank_file            ra    ra    r
bank_transaction     raw   raw   r
billing_chunk        raw   raw   r
billing_entity       raw   raw   r
billing_group        raw   raw   r
billing_run          raw   raw   r
channel_preference   raw   raw   r
claim                ra    ra    r
contract_term        rawd  rawd  r
coupon               ra    r     r
coupon_code          ra    r     r
credit_grant         raw   raw   r
credit_taken         ra    ra    r
customer             raw   raw   r
dead_letter          rawd  rawd  r
delivery_address     ra    ra    r
delivery_event       ra    ra    r
delivery_setting     raw   raw   r
demo_truth           raw   raw   r
discount             rawd  rawd  r
django_migrations    r     r     r
entry                -     -     r
event_key            ra    ra    r
explanation          ra    ra    r
feature              ra    r     r
idempotency          rawd  rawd  r
invoice              ra    ra    r
invoice_line         ra    ra    r
invoice_tax          ra    ra    r
issued               ra    ra    r
job                  rawd  rawd  r
journal_entry        ra    ra    r
journey_event        raw   raw   r
letter_batch         raw   raw   r
merchant             r     r     r
message              raw   raw   r
meter                ra    r     r
notice               ra    ra    r
number_series        raw   raw   r
outbox               rawd  rawd  r
payment              raw   raw   r
payment_method       raw   raw   r
payout               raw   raw   r
person               raw   raw   r
placing_change       ra    rawd  r
plan                 raw   raw   r
plan_version         ra    ra    r
portal_link          raw   raw   r
portal_offer         rawd  raw   r
posting              ra    ra    r
price                ra    ra    r
price_series         ra    ra    r
price_value          ra    ra    r
product              raw   raw   r
quote                raw   raw   r
recovery             ra    ra    r
run_approval         raw   raw   r
settlement           raw   raw   r
sign_in_attempt      -     -     -
snapshot             ra    ra    r
staff                raw   raw   r
staff_secret         raw   -     -
subscription         raw   raw   r
subscription_event   ra    ra    r
subscription_item    rawd  rawd  r
usage_event          ra    ra    r
usage_alert          rawd  raw   r
usage_import         raw   raw   r
usage_late           rad   rad   r
usage_move           ra    raw   r
usage_rollup         raw   rawd  r
usage_spool          ra    rawd  r
wallet               raw   raw   r
wallet_use           ra    ra    r
web_session          rawd  raw   r
write_off            ra    ra    r
"""
LETTERS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
COLUMNS = {
    ("coupon", "names", "kesto_app", "UPDATE"),
    ("coupon", "valid_until", "kesto_app", "UPDATE"),
    ("feature", "names", "kesto_app", "UPDATE"),
    ("merchant", "billing_days", "kesto_app", "UPDATE"),
    ("merchant", "billing_hour", "kesto_app", "UPDATE"),
    ("merchant", "bills_by_hand", "kesto_app", "UPDATE"),
    ("merchant", "clock_at", "kesto_app", "UPDATE"),
    ("merchant", "closed_through", "kesto_app", "UPDATE"),
    ("merchant", "grace_days", "kesto_app", "UPDATE"),
    ("merchant", "invoice_limit_minor", "kesto_app", "UPDATE"),
    ("merchant", "name", "kesto_app", "UPDATE"),
    ("merchant", "notice_days", "kesto_app", "UPDATE"),
    ("merchant", "portal_link_days", "kesto_app", "UPDATE"),
    ("merchant", "run_limit_invoices", "kesto_app", "UPDATE"),
    ("merchant", "run_limit_minor", "kesto_app", "UPDATE"),
    ("merchant", "sends_confirmations", "kesto_app", "UPDATE"),
    ("merchant", "sends_reminders", "kesto_app", "UPDATE"),
    ("merchant", "service_credit_minor", "kesto_app", "UPDATE"),
    ("meter", "late", "kesto_app", "UPDATE"),
    ("meter", "names", "kesto_app", "UPDATE"),
    ("meter", "unit", "kesto_app", "UPDATE"),
    ("merchant", "usage_months", "kesto_app", "UPDATE"),
    ("merchant", "uses_credit", "kesto_app", "UPDATE"),
    # Verify asks whose a secret is, and cannot read it.
    ("staff_secret", "merchant_id", "kesto_audit", "SELECT"),
    ("staff_secret", "staff_id", "kesto_audit", "SELECT"),
}
# Functions that run with their owner's rights, and who may call them.
DEFINERS = {
    ("detach_usage_month", "kesto_run"),
    ("entry_add", "kesto_app kesto_run"),
    ("entry_of", "kesto_app kesto_run"),
    ("key_of", "kesto_app"),
    ("make_usage_month", "kesto_run"),
    ("session_of", "kesto_app"),
    ("sign_in_attempt", "kesto_app"),
    ("sign_in_succeeded", "kesto_app"),
    ("staff_of", "kesto_app"),
}
SEQUENCES = {
    ("bank_reference_seq", "kesto_app kesto_run"),
    ("history_seq", "kesto_app kesto_run"),
    ("usage_ingest", "kesto_app kesto_run"),
    ("usage_shipment", "kesto_run"),
}

REFUSED = psycopg.errors.InsufficientPrivilege
NO_RIGHT = (REFUSED, psycopg.errors.ReadOnlySqlTransaction)


def expected() -> dict[tuple[str, str], str]:
    head, *lines = RIGHTS.strip().splitlines()
    roles = [f"kesto_{role}" for role in head.split()[1:]]
    return {
        (table, role): letters.strip("-")
        for table, *rights in map(str.split, lines)
        for role, letters in zip(roles, rights, strict=True)
    }


def frozen_tables() -> list[str]:
    """Tables that runs write and nobody changes."""
    return [
        table
        for (table, role), letters in expected().items()
        if role == "kesto_run" and letters == "ra"
    ]


@contextmanager
def acting(superuser: psycopg.Connection, role: str) -> Iterator[psycopg.Connection]:
    """Act as a role until the end of the block; what it did is taken back."""
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"set local role {role}".encode())
        superuser.execute("select set_config('app.merchant', gen_random_uuid()::text, true)")
        yield superuser


def refused(connection: psycopg.Connection, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as error, connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
    return error.value


def test_the_rights_on_tables_are_these_and_no_others(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "select table_name, grantee, array_agg(privilege_type::text)"
        " from information_schema.table_privileges"
        " where table_schema = 'public' and grantee = any(%s) group by 1, 2",
        [list(walls.SERVING_ROLES)],
    )
    granted = {(table, role): sorted(rights) for table, role, rights in rows}
    wanted = {
        key: sorted(right for right, letter in LETTERS.items() if letter in letters)
        for key, letters in expected().items()
        if letters
    }
    assert granted == wanted
    found = {one.name for one in walls.relations(superuser) if not one.is_partition}
    assert found == {table for table, _ in expected()}


def test_no_right_comes_another_way(superuser: psycopg.Connection) -> None:
    """By membership, by PUBLIC or by a default: what holds is what was granted."""
    rows = superuser.execute(
        "select c.relname, role, array_agg(trim(kind)) from pg_class c"
        " cross join unnest(%s::text[]) role cross join regexp_split_to_table(%s, ',') kind"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')"
        "  and has_table_privilege(role, c.oid, trim(kind)) group by 1, 2",
        [list(walls.SERVING_ROLES), walls.TABLE_RIGHTS],
    )
    assert {
        (table, role): "".join(sorted(LETTERS.get(right, right) for right in rights))
        for table, role, rights in rows
    } == {key: "".join(sorted(letters)) for key, letters in expected().items() if letters}
    assert superuser.execute("select from pg_default_acl").rowcount == 0


def test_of_some_tables_only_these_columns_may_be_changed(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "select attrelid::regclass::text, attname, grantee::regrole::text, privilege_type"
        " from pg_attribute cross join aclexplode(attacl)"
        " where attrelid::regclass::text not like 'pg_%'"
    )
    assert set(rows) == COLUMNS


def test_functions_sequences_schemas_and_databases_are_open_to_these_only(
    superuser: psycopg.Connection,
) -> None:
    def open_to(catalogue: str, right: str, condition: str) -> set[tuple[Any, ...]]:
        name = {"pg_proc": "proname", "pg_class": "relname", "pg_namespace": "nspname"}[catalogue]
        noun = {"pg_proc": "function", "pg_class": "sequence", "pg_namespace": "schema"}[catalogue]
        query = (
            f"select {name}::text, string_agg(role, ' ' order by role) from {catalogue} o"  # noqa: S608 - the words of this test
            f" cross join unnest(%s::text[]) role where {condition}"
            f" and has_{noun}_privilege(role, o.oid, '{right}') group by 1"
        )
        return set(superuser.execute(query.encode(), [list(walls.SERVING_ROLES)]))

    here = "namespace = 'public'::regnamespace"
    assert open_to("pg_proc", "EXECUTE", f"pro{here} and prosecdef") == DEFINERS
    assert open_to("pg_proc", "EXECUTE", "proname = 'guard_table'") == set()
    assert open_to("pg_class", "USAGE", f"rel{here} and relkind = 'S'") == SEQUENCES
    assert open_to("pg_namespace", "CREATE", "nspname not like 'pg_%%'") == set()
    database_rights = superuser.execute(
        "select role, kind from unnest(%s::text[]) role cross join unnest(array['CREATE', 'TEMP'])"
        " kind where has_database_privilege(role, current_database(), kind)",
        [list(walls.SERVING_ROLES)],
    )
    assert database_rights.fetchall() == []


def test_functions_with_their_owners_rights_fix_their_search_path(
    superuser: psycopg.Connection,
) -> None:
    rows = superuser.execute(
        "select proname, proconfig from pg_proc"
        " where pronamespace = 'public'::regnamespace and prosecdef"
    )
    assert {path for _, (path,) in rows} == {"search_path=public, pg_temp"}


def test_the_roles_are_what_they_are(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolinherit,"
        " rolbypassrls from pg_roles where rolname like 'kesto%'"
    )
    assert set(rows) == {
        ("kesto_owner", False, False),
        ("kesto_app", False, False),
        ("kesto_run", False, True),
        ("kesto_audit", False, True),
    }


@pytest.mark.parametrize("role", walls.SERVING_ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "create table extra (id int)",
        "create temporary table extra (id int)",
        "create schema extra",
        "create view extra as select 1",
        "create function extra() returns int language sql as 'select 1'",
        "create index on invoice (total_minor)",
        "alter table invoice add column extra int",
        "alter table invoice disable row level security",
        "alter table invoice disable trigger frozen",
        "drop table outbox",
        "drop trigger frozen on invoice",
        "create policy extra on invoice using (true)",
        "set local role kesto_owner",
        "set local role postgres",
        "set local session_replication_role = replica",
        "alter role kesto_app bypassrls",
        "copy invoice to program 'cat'",
        "copy invoice to '/tmp/invoice'",
        "select pg_read_file('postgresql.conf')",
        "select guard_table('invoice', false)",
    ],
)
def test_no_serving_role_builds_anything(
    superuser: psycopg.Connection, booted: Home, database_name: str, role: str, statement: str
) -> None:
    assert superuser
    login = database.address(booted).login(booted, role.removeprefix("kesto_"), database_name)
    with database.connect(login) as connection:
        assert isinstance(refused(connection, statement), NO_RIGHT)


def test_the_run_changes_no_frozen_table_and_opens_no_merchant(
    superuser: psycopg.Connection,
) -> None:
    assert len(frozen_tables()) > 15
    with acting(superuser, "kesto_run") as connection:
        for table in frozen_tables():
            for statement in (
                f"update {table} set merchant_id = merchant_id",  # noqa: S608 - the table above
                f"delete from {table}",  # noqa: S608 - the table above
                f"truncate {table}",
            ):
                assert isinstance(refused(connection, statement), REFUSED), statement
        opened = (
            "insert into merchant (id, code, name, mode, invoice_limit_minor, created_at)"
            " values (gen_random_uuid(), 'x', 'x', 'test', 1, now())"
        )
        assert isinstance(refused(connection, opened), REFUSED)
        assert isinstance(refused(connection, "update merchant set name = 'x'"), REFUSED)


def test_the_audit_reads_everything_and_writes_nothing(
    superuser: psycopg.Connection, town: Town, booted: Home, database_name: str
) -> None:
    login = database.address(booted).login(booted, "audit", database_name)
    with database.connect(login) as connection:
        found = connection.execute("select name from merchant where id = %s", [town.merchant_id])
        assert found.fetchone() == ("Town",)
        assert isinstance(
            refused(connection, "delete from outbox"), psycopg.errors.ReadOnlySqlTransaction
        )
        # It may lift its own brake; the rights hold all the same.
        connection.execute("set default_transaction_read_only = off")
        for table in walls.merchant_tables(superuser):
            connection.execute(f"select from {table} limit 1".encode())
            for statement in (
                f"insert into {table} default values",
                f"update {table} set {'name' if table == 'merchant' else 'merchant_id'} = null",  # noqa: S608 - names out of the catalogue
                f"delete from {table}",  # noqa: S608 - names out of the catalogue
                f"truncate {table}",
            ):
                assert isinstance(refused(connection, statement), REFUSED), statement


def test_what_is_frozen_is_frozen_for_its_owner_too(superuser: psycopg.Connection) -> None:
    with acting(superuser, "kesto_owner") as connection:
        for table in frozen_tables():
            for statement in (
                f"update {table} set merchant_id = merchant_id",  # noqa: S608 - the table above
                f"delete from {table}",  # noqa: S608 - the table above
                f"truncate {table} cascade",
            ):
                error = refused(connection, statement)
                assert isinstance(error, psycopg.errors.IntegrityConstraintViolation), statement
                assert "are never changed; record what happened as a new row" in str(error)


def test_every_table_without_the_right_to_change_is_frozen_by_a_trigger(
    superuser: psycopg.Connection,
) -> None:
    rows = superuser.execute(
        "select tgrelid::regclass::text from pg_trigger"
        " where tgname = 'frozen' and tgenabled = 'O' and not tgisinternal"
    )
    assert sorted(table for (table,) in rows) == sorted(frozen_tables())


@pytest.mark.parametrize("alias", ["run", "audit"])
@pytest.mark.usefixtures("booted")
def test_nobody_serves_as_a_role_that_passes_row_security(alias: str) -> None:
    with pytest.raises(NotAllowed, match="can pass row-level security") as error:
        boot.refuse_bypassing(alias)
    assert error.value.code == "bypassing_role"


def test_a_flow_reads_and_writes_as_the_role_it_names(town: Town) -> None:
    asked = "select current_user::text"
    with writing(town.merchant_id) as session:
        assert session.row(asked) == ("kesto_app",)
    with writing(town.merchant_id, "run") as session:
        assert session.row(asked) == ("kesto_run",)
    with reading(town.merchant_id, "audit") as session:
        assert session.row(asked) == ("kesto_audit",)
