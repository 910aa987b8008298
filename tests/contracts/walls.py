"""What the walls between merchants must be, read from the database's own catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

SERVING_ROLES = ("kesto_app", "kesto_run", "kesto_audit")

# Tables that are not a merchant's, each with its reason.
OUTSIDE = {
    "entry": "asked before the merchant is known; through two functions only",
    "sign_in_attempt": "counted before the merchant is known; hashes, through two functions only",
    "django_migrations": "which migrations ran",
}

# What lets more through than the merchant's own rows, each with its reason.
FURTHER_POLICIES = {
    "api_key": {
        # `key_of` reads as the owner, who serves nobody, before the merchant is known.
        "permissive r kesto_owner true"
    },
    "staff": {
        # `staff_of` reads as the owner, who serves nobody, before the merchant is known.
        "permissive r kesto_owner true"
    },
    "web_session": {
        # `session_of` reads as the owner, who serves nobody, before the merchant is known.
        "permissive r kesto_owner true"
    },
}

# Tables whose policy asks for the merchant once a statement, instead of with each row.
ASKED_ONCE = {"event_key", "usage_event", "usage_rollup"}

TABLE_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN"
COLUMN_RIGHTS = "SELECT, INSERT, UPDATE, REFERENCES"

RELATIONS = """
    select c.relname, c.relkind::text, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
        'security_invoker=true' = any(coalesce(c.reloptions, '{}')),
        (select a.attnotnull from pg_attribute a
         where a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped),
        array(select concat_ws(' ',
                case when polpermissive then 'permissive' else 'restrictive' end,
                polcmd,
                (select string_agg(case role when 0 then 'public' else pg_get_userbyid(role) end,
                    ' ') from unnest(polroles) role),
                pg_get_expr(polqual, polrelid),
                pg_get_expr(polwithcheck, polrelid))
              from pg_policy where polrelid = c.oid),
        array(select role from unnest(%s::text[]) role
              where has_table_privilege(role, c.oid, %s)
                 or has_any_column_privilege(role, c.oid, %s))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
      and n.nspname not like 'pg_temp_%%'
    order by c.relname
"""


class Relation(NamedTuple):
    """A table, partition or view; `is_merchant_given` None: it has no merchant_id."""

    name: str
    kind: str
    is_partition: bool
    has_row_security: bool
    is_forced: bool
    is_asked_as_caller: bool
    is_merchant_given: bool | None
    policies: Sequence[str]
    open_to: Sequence[str]


def relations(connection: psycopg.Connection[Any]) -> list[Relation]:
    """Everything that rows can be read from."""
    words = [list(SERVING_ROLES), TABLE_RIGHTS, COLUMN_RIGHTS]
    return [Relation(*row) for row in connection.execute(RELATIONS, words)]


def gaps(connection: psycopg.Connection[Any]) -> list[str]:
    """Every gap in the walls, by name; a new table is looked at like the others."""
    return [f"{one.name}: {gap}" for one in relations(connection) for gap in gaps_of(one)]


def gaps_of(relation: Relation) -> Iterator[str]:
    if relation.kind not in "rp":
        # A view shows what its owner sees, whatever stands on the tables.
        if relation.open_to and not relation.is_asked_as_caller:
            yield f"a view that {', '.join(relation.open_to)} may read"
        return
    if relation.is_partition:
        # Asked by its own name a partition ignores the policy of its parent.
        if relation.open_to:
            yield f"a partition that {', '.join(relation.open_to)} may address directly"
        return
    if relation.name in OUTSIDE:
        return
    if relation.name != "merchant" and not relation.is_merchant_given:
        yield "no merchant_id that must be given"
        return
    if not relation.has_row_security:
        yield "row-level security is off"
    if not relation.is_forced:
        yield "row-level security does not hold its owner"
    known = {policy(relation.name), *FURTHER_POLICIES.get(relation.name, ())}
    if set(relation.policies) != known:
        yield f"policies {list(relation.policies)}"


def policy(table: str) -> str:
    """The one policy that a merchant's table has."""
    column = "id" if table == "merchant" else "merchant_id"
    asked = "(current_setting('app.merchant'::text))::uuid"
    if table in ASKED_ONCE:
        asked = f"( SELECT {asked} AS current_setting)"
    return f"permissive * public ({column} = {asked})"


def merchant_tables(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The tables that rows of merchants are asked from, each with the column of the merchant."""
    return {
        one.name: "id" if one.name == "merchant" else "merchant_id"
        for one in relations(connection)
        if one.kind in "rp" and not one.is_partition and one.name not in OUTSIDE
    }


# Columns that a check looks at, when the usual value of their type would not pass it.
WANTED: Mapping[str, Mapping[str, str]] = {
    "allocation": {"amount_minor": "1"},
    "credit_grant": {"amount_minor": "1", "kind": "'given'"},
    "credit_taken": {"amount_minor": "1"},
    "payout": {"amount_minor": "1", "bank_transaction_id": "null", "clearing_id": "null"},
    "recovery": {"amount_minor": "1"},
    "run_approval": {"state": "'declined'", "decided_at": "now()"},
    "wallet_use": {"amount_minor": "1"},
    "usage_alert": {"threshold": "1"},
    "write_off": {"amount_minor": "1"},
    "merchant": {"portal_link_days": "60"},
    "price": {"plan_version_id": "gen_random_uuid()"},
    "subscription_item": {"add_on_id": "gen_random_uuid()"},
}
USUAL = {
    "bool": "true",
    "bytea": "uuid_send(gen_random_uuid())",
    "date": "date '2026-10-01'",
    "int2": "0",
    "int4": "0",
    "int8": "0",
    "json": "'{}'",
    "jsonb": "'{}'",
    "numeric": "0",
    "text": "gen_random_uuid()::text",
    "_text": "'{}'",
    "_uuid": "'{}'",
    "timestamptz": "timestamptz '2026-10-01 12:00+00'",
    "uuid": "gen_random_uuid()",
}


def fill(connection: psycopg.Connection[Any], merchant_id: object) -> None:
    """Give a merchant a row in every table, past foreign keys and triggers."""
    connection.execute("set local session_replication_role = replica")
    for table, key in merchant_tables(connection).items():
        columns = connection.execute(
            "select column_name, udt_name from information_schema.columns"
            " where table_name = %s and table_schema = 'public'"
            " and (is_nullable = 'NO' or column_name = any(%s))",
            [table, list(WANTED.get(table, ()))],
        ).fetchall()
        values = {name: WANTED.get(table, {}).get(name) or USUAL[kind] for name, kind in columns}
        values[key] = f"'{merchant_id}'"
        names = ", ".join(f'"{name}"' for name in values)
        row = f'insert into "{table}" ({names}) values ({", ".join(values.values())})'  # noqa: S608 - names out of the catalogue
        connection.execute(row.encode())
    connection.execute("set local session_replication_role = origin")


def empty(connection: psycopg.Connection[Any], merchant_id: object) -> None:
    """Take away what `fill` gave."""
    connection.execute("set local session_replication_role = replica")
    for table, key in merchant_tables(connection).items():
        connection.execute(f'delete from "{table}" where {key} = %s'.encode(), [merchant_id])  # noqa: S608 - names out of the catalogue
    connection.execute("set local session_replication_role = origin")
