"""Where the database answers, and the four roles that may enter it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from kesto.core.refusals import Invalid, NotAllowed, NotFound
from kesto.ops.home import ROLES, Home, write_private

DATABASE = "kesto"
PORT = "5432"
CONNECT_SECONDS = 5

ATTRIBUTES: dict[str, LiteralString] = {
    "owner": "nosuperuser nobypassrls nocreatedb nocreaterole",
    "app": "nosuperuser nobypassrls nocreatedb nocreaterole",
    "run": "nosuperuser bypassrls nocreatedb nocreaterole",
    "audit": "nosuperuser bypassrls nocreatedb nocreaterole",
}

# PostgreSQL's own limits are "never". A chunk of a run thinks in Python between its statements.
LIMITS = {
    "owner": {"statement_timeout": "1h", "lock_timeout": "5s"},
    "app": {"statement_timeout": "15s", "lock_timeout": "5s"},
    "run": {"statement_timeout": "10min", "lock_timeout": "1min"},
    "audit": {"statement_timeout": "1h", "lock_timeout": "1min"},
}
IDLE_LIMITS = {"owner": "10min", "app": "30s", "run": "10min", "audit": "10min"}


BYPASSING: LiteralString = (
    "select current_user from pg_roles"
    " where (rolsuper or rolbypassrls) and pg_has_role(current_user, oid, 'member') limit 1"
)
"""Asks for the name of the role that asks, if row-level security does not hold it."""


class Address(msgspec.Struct, frozen=True):
    """Where the roles connect; the server's own options such as sslmode among the words."""

    words: dict[str, str]

    def login(self, place: Home, role: str, database: str = "") -> dict[str, str]:
        """The words of a connection as one of the roles."""
        login = {**self.words, "user": f"kesto_{role}", "password": place.secret(f"kesto_{role}")}
        return {**login, "dbname": database} if database else login


def embedded_address(socket: str) -> Address:
    """The address of the server that we run ourselves."""
    return Address({"host": socket, "port": PORT, "dbname": DATABASE})


def address(place: Home) -> Address:
    """Where this home's database answers; refuse while it is not running."""
    try:
        return msgspec.json.decode((place.run / "database.json").read_bytes(), type=Address)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        raise NotFound(
            f"The database of {place.path} is not running: start it with `kesto up`",
            code="not_running",
            field="KESTO_HOME",
        ) from None


def publish(place: Home, where: Address) -> None:
    """Tell everyone who uses this home where the database answers."""
    write_private(place.run / "database.json", msgspec.json.encode(where).decode())


def withdraw(place: Home) -> None:
    """Say that the database no longer answers."""
    (place.run / "database.json").unlink(missing_ok=True)


def answers(place: Home) -> bool:
    """Whether the database can be used by this home's roles right now."""
    try:
        connect(address(place).login(place, "app")).close()
    except (NotFound, psycopg.OperationalError):
        return False
    return True


@contextmanager
def as_superuser(
    place: Home, where: Address, database: str = "postgres"
) -> Iterator[psycopg.Connection]:
    """Connect as the embedded server's superuser: the supervisor and tests only."""
    words = {**where.words, "dbname": database, "user": "postgres"}
    words["password"] = place.secret("postgres")
    with connect(words) as connection:
        yield connection


def connect(login: dict[str, str]) -> psycopg.Connection:
    """Open a connection that commits each statement."""
    text = make_conninfo("", **login)
    return psycopg.connect(text, autocommit=True, connect_timeout=CONNECT_SECONDS)


def external_url() -> str:
    """The server to use instead of the embedded one, or nothing."""
    return os.environ.get("KESTO_DATABASE_URL", "")


def prepare_external(place: Home, url: str) -> None:
    """Make the roles on a given server, or find that they are there and let us in."""
    words = _read_url(url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            is_superuser = connection.info.parameter_status("is_superuser") == "on"
            database = connection.info.dbname
            if is_superuser:
                make_roles(place, connection)
                own(connection, database)
    except psycopg.OperationalError as error:
        raise NotAllowed(
            f"The server of KESTO_DATABASE_URL does not let us in: {str(error).strip()}",
            code="database_unreachable",
            field="KESTO_DATABASE_URL",
        ) from error
    kept = {name: value for name, value in words.items() if name not in {"user", "password"}}
    where = Address({**kept, "dbname": database})
    if not is_superuser:
        _refuse_missing_roles(place, where)
    publish(place, where)


def make_roles(place: Home, connection: psycopg.Connection) -> None:
    """Create the four roles, or bring them up to date: attributes, secret and limits."""
    connection.execute("select pg_advisory_lock(hashtext('kesto roles'))")  # until it is closed
    found = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role in ROLES:
        name = sql.Identifier(f"kesto_{role}")
        if f"kesto_{role}" not in found:
            connection.execute(sql.SQL("create role {}").format(name))
        secret = sql.Literal(place.keep_secret(f"kesto_{role}"))
        attributes = sql.SQL(ATTRIBUTES[role])
        connection.execute(
            sql.SQL("alter role {} login noinherit {} password {}").format(name, attributes, secret)
        )
        for setting, value in _settings(role).items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    name, sql.Identifier(setting), sql.Literal(value)
                )
            )


def create(connection: psycopg.Connection, database: str, template: str = "template0") -> None:
    """Create a database that belongs to kesto_owner, if it is not there."""
    query = "select from pg_database where datname = %s"
    if connection.execute(query, [database]).fetchone() is None:
        connection.execute(
            sql.SQL("create database {} owner kesto_owner template {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
    own(connection, database)


def own(connection: psycopg.Connection, database: str) -> None:
    """Leave the database to our roles: the owner may build in it, nobody else may enter."""
    name = sql.Identifier(database)
    connection.execute(sql.SQL("alter database {} owner to kesto_owner").format(name))
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    connection.execute(
        sql.SQL("grant connect on database {} to kesto_app, kesto_run, kesto_audit").format(name)
    )


def refuse_bypassing(found: Sequence[str] | None) -> None:
    """Refuse to serve as a role that row-level security does not hold: what BYPASSING found."""
    if found is not None:
        raise NotAllowed(
            f"The database role {found[0]} can pass row-level security:"
            " web pages and the API are served as kesto_app only",
            code="bypassing_role",
        )


def _read_url(url: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError as error:
        raise Invalid(
            f"KESTO_DATABASE_URL cannot be read ({str(error).strip()}):"
            " write postgresql://user:password@host:port/database",
            code="bad_database_url",
            field="KESTO_DATABASE_URL",
        ) from error


def _settings(role: str) -> dict[str, str]:
    settings = {**LIMITS[role], "idle_in_transaction_session_timeout": IDLE_LIMITS[role]}
    if role == "audit":
        settings["default_transaction_read_only"] = "on"
    return settings


def _refuse_missing_roles(place: Home, where: Address) -> None:
    for role in ROLES:
        place.keep_secret(f"kesto_{role}")
        try:
            connect(where.login(place, role)).close()
        except psycopg.OperationalError as error:
            raise NotAllowed(
                f"The user of KESTO_DATABASE_URL may not create roles and kesto_{role} cannot log"
                f" in: give a superuser once, or create kesto_{role}"
                f" ({ATTRIBUTES[role]}) with the password in {place.secrets / f'kesto_{role}'}",
                code="roles_missing",
                field="KESTO_DATABASE_URL",
            ) from error
