"""Keys carry their merchant: no key reaches, or tells, what another merchant has."""

from typing import Any

import psycopg
import pytest
from django.apps import apps

from kesto.store.ids import new_id
from kesto.store.session import writing
from tests.contracts import walls
from tests.town import Town

# Keys that do not begin with the merchant, each with its reason.
EXCEPTIONS = {
    "api_key_once": "the hash of an API key is looked up before the merchant is known",
    "merchant_pkey": "the merchant's own id",
    "merchant_code_key": "a code names one merchant of the whole installation",
    "merchant.live_merchant_id": "a test environment names its live merchant",
    "entry_pkey": "a hash is looked up before the merchant is known",
    "sign_in_attempt_pkey": "attempts are counted before the merchant is known",
    "web_session_pkey": "the hash of a visit's key is looked up before the merchant is known",
    "django_migrations_pkey": "no merchant's table",
}
# What runs write is checked set-based, by triggers, by the flows and by verify.
WRITTEN_BY_RUNS = {
    "claim",
    "event_key",
    "explanation",
    "invoice",
    "invoice_line",
    "invoice_tax",
    "issued",
    "journal_entry",
    "outbox",
    "posting",
    "subscription_event",
    "usage_event",
    "usage_rollup",
}
UNIQUE = """
    select c.relname, x.relname, (select attname from pg_attribute
        where attrelid = i.indrelid and attnum = i.indkey[0])
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
    where (i.indisunique or i.indisprimary or i.indisexclusion)
      and c.relnamespace = 'public'::regnamespace
"""
REFERENCES = """
    select c.conrelid::regclass::text, c.confrelid::regclass::text,
        array(select a.attname::text from unnest(c.conkey) with ordinality k(number, place)
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
              order by place),
        array(select a.attname::text from unnest(c.confkey) with ordinality k(number, place)
              join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number
              order by place),
        c.convalidated
    from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace
"""


def crossing_keys(connection: psycopg.Connection[Any]) -> set[str]:
    """Unique keys and references that could reach across merchants."""
    found = {name for _, name, first in connection.execute(UNIQUE) if first != "merchant_id"}
    for table, target, columns, wanted, is_valid in connection.execute(REFERENCES):
        is_ours = columns[0] == "merchant_id" and is_valid
        if target == "merchant":
            is_right = is_ours and wanted == ["id"]
        else:
            is_right = is_ours and wanted[0] == "merchant_id"
        if not is_right:
            found.add(f"{table}.{columns[0]}")
    return found


def test_every_key_begins_with_the_merchant(superuser: psycopg.Connection) -> None:
    assert crossing_keys(superuser) == set(EXCEPTIONS)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("create unique index loose on customer (external_id) where false", "loose"),
        ("create unique index loose on customer (external_id, merchant_id)", "loose"),
        ("create unique index loose on job (key) where false", "loose"),
        ("create unique index loose on person (lower(id::text), merchant_id)", "loose"),
        ("create table loose (merchant_id uuid, id uuid primary key)", "loose_pkey"),
        (
            """create table loose (merchant_id uuid, other uuid, plan_id uuid,
                foreign key (other, plan_id) references plan (merchant_id, id))""",
            "loose.other",
        ),
        ("create table loose (parent uuid references merchant (id))", "loose.parent"),
        (
            """create table loose (merchant_id uuid); alter table loose
                add foreign key (merchant_id) references merchant (id) not valid""",
            "loose.merchant_id",
        ),
    ],
)
def test_a_key_that_leaves_the_merchant_out_is_found(
    superuser: psycopg.Connection, change: str, found: str
) -> None:
    superuser.execute(change.encode())
    assert crossing_keys(superuser) - set(EXCEPTIONS) == {found}


def test_every_table_of_a_merchant_has_a_primary_key(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "select c.relname from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary"
    )
    keyed = {name for (name,) in rows}
    assert set(walls.merchant_tables(superuser)) <= keyed


def test_every_reference_of_a_model_is_a_key_of_the_database(
    superuser: psycopg.Connection,
) -> None:
    """Of what runs write, none is: see guards_test for a line's invoice, a posting's entry."""
    keys = {
        (table, tuple(columns), target)
        for table, target, columns, _, _ in superuser.execute(REFERENCES)
    }
    missing = set()
    for model in apps.get_app_config("store").get_models():
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            if table in WRITTEN_BY_RUNS or field.related_model is None:
                continue
            target, column = field.related_model._meta.db_table, str(field.column)
            columns = (column,) if target == "merchant" else ("merchant_id", column)
            if (table, columns, target) not in keys:
                missing.add(f"{table}.{field.column}")
    assert missing == set()
    by_runs = {(table, target) for table, _, target in keys if table in WRITTEN_BY_RUNS}
    assert by_runs == set()


def test_a_reference_into_another_merchant_is_refused(town: Town) -> None:
    other = Town.founded()
    aino, eino = town.customer("Aino"), other.customer("Eino")
    row = (
        "insert into payment_method (merchant_id, id, customer_id, kind, is_default, created_at)"
        " values (%s, %s, %s, 'card', false, now())"
    )
    with writing(town.merchant_id) as session:
        session.execute(row, town.merchant_id, new_id(), aino.customer.id)
    with (
        pytest.raises(psycopg.errors.ForeignKeyViolation, match="payment_method_customer_fk"),
        writing(town.merchant_id) as session,
    ):
        session.execute(row, town.merchant_id, new_id(), eino.customer.id)


def test_the_same_words_are_free_in_every_merchant(town: Town) -> None:
    other = Town.founded()
    for one in (town, other):
        aino = one.customer("Aino")
        aino.subscribes("basic", on="2026-10-01")
        (invoice,) = one.bill(on="2026-11-01")
        assert invoice.number == "2026-000001"
