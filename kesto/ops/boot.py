"""Makes this process ready to work: Django set up with exactly the roles that it needs."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from kesto.ops import config, database, supervisor
from kesto.ops.home import ROLES, Home
from kesto.ops.locks import FileLock
from kesto.ops.web import set_up_web
from kesto.store import fresh
from kesto.store.usage.clickhouse_http import HttpServer

SETTINGS = "kesto.ops.settings"
ALIASES = {"app": "default", "run": "run", "audit": "audit", "owner": "owner"}
NO_DATABASE: dict[str, object] = {"ENGINE": "django.db.backends.dummy"}


def boot(
    place: Home,
    roles: Sequence[str] = ("app",),
    database_name: str = "",
    *,
    has_models: bool = True,
) -> None:
    """Set up Django for this process; its connections are those of the roles named, no others.

    The roles are app (alias "default"), run, audit and owner; without any the database need not
    run yet. May be called again, with other roles or another home; in a child process made by
    spawning it must be. Who runs no migrations needs no models: the store speaks SQL, and they take
    4 MiB and a part of each start.
    """
    databases = {"default": NO_DATABASE}
    if roles:
        where = database.address(place)
        logins = {ALIASES[role]: where.login(place, role, database_name) for role in roles}
        databases |= {alias: _connection(login) for alias, login in logins.items()}
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    settings.SECRET_KEY = place.keep_secret("django")
    set_up_web(place)
    _set_up_usage()
    _replace_connections(databases)
    if not apps.ready:
        settings.INSTALLED_APPS = settings.INSTALLED_APPS if has_models else []
        django.setup()


def _set_up_usage() -> None:
    """Tell the store where usage events are kept."""
    address = config.usage_address()
    settings.KESTO_USAGE = HttpServer(address) if address else None
    settings.KESTO_USAGE_WAITING = config.usage_waiting()


@contextmanager
def running(place: Home) -> Iterator[None]:
    """Have the database running for as long as it is needed; our connections end before it does."""
    with supervisor.running(place):
        try:
            yield
        finally:
            if apps.ready:
                connections.close_all()


def migrate(place: Home, database_name: str = "") -> None:
    """Bring the tables up to date as kesto_owner, one process at a time.

    The process holds the roles that it held before.
    """
    before = dict(connections.settings) if apps.ready else {"default": NO_DATABASE}
    lock = FileLock(place.run / "migrate.lock")
    lock.acquire()
    try:
        boot(place, ("owner",), database_name)
        fresh.make_tables("owner")
        if fresh.missing_migrations("owner"):
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        MigrationRecorder(connections["owner"]).ensure_schema()
        with connections["owner"].cursor() as cursor:
            readers = ", ".join(f"kesto_{role}" for role in ROLES if role != "owner")
            cursor.execute(f"grant select on django_migrations to {readers}")
    finally:
        _replace_connections(before)
        lock.release()


def refuse_bypassing(alias: str = "default") -> None:
    """Refuse to serve as a role that row-level security does not hold."""
    with connections[alias].cursor() as cursor:
        cursor.execute(database.BYPASSING)
        database.refuse_bypassing(cursor.fetchone())


def _connection(login: dict[str, str]) -> dict[str, object]:
    named = {"host", "port", "user", "password", "dbname"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": login["dbname"],
        "USER": login["user"],
        "PASSWORD": login["password"],
        "HOST": login.get("host", ""),
        "PORT": login.get("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": database.CONNECT_SECONDS,
            "application_name": login["user"],
            **{name: value for name, value in login.items() if name not in named},
        },
    }


def _replace_connections(databases: dict[str, dict[str, object]]) -> None:
    # Django reads DATABASES once; a process that is booted again must forget what it read.
    for connection in connections.all(initialized_only=True):
        connection.close()
        del connections[connection.alias]
    settings.DATABASES = databases
    connections.settings = connections.configure_settings(databases)
