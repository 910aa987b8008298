"""Which event store is used."""

from kesto.store.usage.port import EventStore
from kesto.store.usage.postgres import PostgresEvents

POSTGRES = PostgresEvents()


def event_store() -> EventStore:
    """The event store of this installation."""
    return POSTGRES
