"""The checks of `kesto doctor`: each says what it found, and the remedy where it is no good."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import psycopg
from django.db import connections

from kesto.core.refusals import EventsAway, Refused
from kesto.ops import accounts, binaries, boot, clock, config, database, disk
from kesto.ops import home as homes
from kesto.ops.home import ROLES, Home
from kesto.store.fresh import missing_migrations
from kesto.store.usage import moves, spool
from kesto.store.usage.chosen import clickhouse

OLDEST_PYTHON = (3, 11)
LONGEST_WAIT = timedelta(minutes=5)
"""So long events may wait for ClickHouse before the doctor speaks of it."""

ROLE_FACTS = "select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'kesto\\_%'"
CONNECTIONS = """
    select sum(case name when 'max_connections' then setting::int else -setting::int end)
    from pg_settings
    where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
"""
UNGUARDED = """
    select pg_class.relname from pg_class
    join pg_attribute on attrelid = pg_class.oid and attname = 'merchant_id' and attnum > 0
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'entry'
      and not (relrowsecurity and relforcerowsecurity
               and exists (select from pg_policy where polrelid = pg_class.oid))
    order by 1
"""


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    check: str
    is_fine: bool
    detail: str
    remedy: str = ""


class Problem(Exception):  # noqa: N818 - a finding, not a bug
    """Something is not as it should be."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


def examine(place: Home) -> Iterator[Finding]:
    """Run all checks; those that need the database have it running meanwhile."""
    for name, check in PLACE_CHECKS.items():
        yield _finding(name, check, place)
    if not database.external_url() and not place.data.is_dir():
        yield Finding("database", is_fine=False, detail="not made yet", remedy="run `kesto up`")
        return
    try:
        with boot.running(place):
            boot.boot(place, ("app", "run"))
            for name, check in DATABASE_CHECKS.items():
                yield _finding(name, check, place)
    except Refused as refusal:
        yield Finding("database", is_fine=False, detail=refusal.detail, remedy="see the sentence")


def _finding(name: str, check: Callable[[Home], str], place: Home) -> Finding:
    try:
        return Finding(name, is_fine=True, detail=check(place))
    except Problem as problem:
        return Finding(name, is_fine=False, detail=problem.detail, remedy=problem.remedy)
    except Refused as refusal:
        what, _, remedy = refusal.detail.partition(": ")
        return Finding(name, is_fine=False, detail=what, remedy=remedy)


def _python(_place: Home) -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(version, "install Python 3.11 or newer")
    return version


def _programs(_place: Home) -> str:
    found = binaries.find()
    return f"PostgreSQL {found.major} in {found.folder}"


def _home(place: Home) -> str:
    homes.refuse_unusable(place)
    return str(place.path) if place.path.is_dir() else f"{place.path} (is made at the first start)"


def _account(place: Home) -> str:
    account = accounts.server_account(place.data)
    if account is None:
        return "the server runs as this user"
    accounts.refuse_unreachable(place.path, account)
    return f"the server runs as {account.name}"


def _disk(place: Home) -> str:
    folder = next(path for path in (place.path, *place.path.parents) if path.is_dir())
    free, mark = disk.free_bytes(folder), disk.ballast_bytes()
    text = f"{free // disk.MEBIBYTE} MB free, new work needs {mark // disk.MEBIBYTE} MB"
    if free < mark:
        raise Problem(text, f"free some space on the disk of {folder}")
    return text


def _socket(place: Home) -> str:
    return str(homes.socket_folder(place))


def _database(_place: Home) -> str:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("select current_setting('server_version')")
            return f"answers, version {(cursor.fetchone() or ['?'])[0]}"
    except psycopg.Error as error:
        raise Problem(f"does not answer: {error}", "see logs/postgres.log in the home") from error


def _connections(_place: Home) -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(CONNECTIONS)
        (allowed,) = cursor.fetchone() or (0,)
    needed = config.connections()
    text = f"{allowed} allowed, Kesto may need {needed}"
    if allowed < needed:
        first = "raise its max_connections" if database.external_url() else "start Kesto anew"
        raise Problem(text, f"{first}, or name fewer in KESTO_WEB_PROCESSES")
    return text


def _migrations(_place: Home) -> str:
    missing = missing_migrations("default")
    if missing:
        raise Problem(f"missing: {', '.join(missing)}", "run `kesto up`, which brings them in")
    return "all there"


def _roles(_place: Home) -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(ROLE_FACTS)
        found = {name: (is_super, bypasses) for name, is_super, bypasses in cursor.fetchall()}
    wanted = {f"kesto_{role}": (False, role in {"run", "audit"}) for role in ROLES}
    wrong = [name for name in wanted if found.get(name) != wanted[name]]
    if wrong:
        raise Problem(f"not as they must be: {', '.join(wrong)}", "restart with `kesto up`")
    return ", ".join(wanted)


def _row_security(_place: Home) -> str:
    boot.refuse_bypassing()
    with connections["default"].cursor() as cursor:
        cursor.execute(UNGUARDED)
        open_tables = [name for (name,) in cursor.fetchall()]
    if open_tables:
        raise Problem(f"not forced on: {', '.join(open_tables)}", "a migration must guard them")
    return "forced on every merchant's table"


def _usage_store(_place: Home) -> str:
    store, waits = clickhouse(), spool.waiting()
    if store is None:
        if waits.events or moves.merchants_there():
            raise Problem("usage is kept in ClickHouse, which is not named", "set KESTO_USAGE_URL")
        return "PostgreSQL"
    told = f"{waits.events:,} events wait in the spool"
    if waits.since is not None:
        told += f", the oldest for {(clock.now() - waits.since).total_seconds():.0f} s"
    try:
        version = store.version()
    except EventsAway as trouble:
        remedy = (
            "see that it runs, that KESTO_USAGE_URL is right, and run `kesto usage ddl --apply`"
        )
        raise Problem(f"{trouble}; {told}", remedy) from None
    unmoved = moves.merchants_unmoved()
    if unmoved:
        raise Problem(
            f"ClickHouse {version}; usage of before is not there yet: {', '.join(unmoved)}",
            "run `kesto usage move` for each",
        )
    if waits.since is not None and clock.now() - waits.since > LONGEST_WAIT:
        raise Problem(f"ClickHouse {version}; {told}", "see that a worker runs: `kesto up`")
    return f"ClickHouse {version}; {told}"


PLACE_CHECKS: dict[str, Callable[[Home], str]] = {
    "python": _python,
    "programs": _programs,
    "home": _home,
    "account": _account,
    "disk": _disk,
    "socket": _socket,
}
DATABASE_CHECKS: dict[str, Callable[[Home], str]] = {
    "database": _database,
    "connections": _connections,
    "migrations": _migrations,
    "roles": _roles,
    "row security": _row_security,
    "usage store": _usage_store,
}
