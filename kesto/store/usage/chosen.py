"""Which event store is used: PostgreSQL, or the ClickHouse that KESTO_USAGE_URL names."""

from django.conf import settings

from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_server import Server
from kesto.store.usage.port import EventStore
from kesto.store.usage.postgres import PostgresEvents

POSTGRES = PostgresEvents()


def event_store() -> EventStore:
    """The event store of this installation."""
    return clickhouse() or POSTGRES


def clickhouse() -> ClickHouseEvents | None:
    """The ClickHouse store, where one was chosen."""
    server: Server | None = settings.KESTO_USAGE
    return None if server is None else ClickHouseEvents(server, settings.KESTO_USAGE_WAITING)
