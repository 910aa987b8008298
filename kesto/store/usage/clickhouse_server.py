"""What a ClickHouse server is to the event store, and where one is."""

from typing import Protocol

from msgspec import Struct

MOST_WAITING = 2_000_000
"""So many events of a merchant wait for ClickHouse at most; beyond that no more are taken in."""


class Server(Protocol):
    """Whatever runs ClickHouse's SQL."""

    def ask(self, query: str) -> bytes:
        """The rows of a query, each a JSON array on a line of its own. Raises EventsAway."""

    def tell(self, statement: str, rows: bytes = b"") -> None:
        """Run a statement that answers nothing; rows follow an insert. Raises EventsAway."""


class Address(Struct, frozen=True):
    """Where a server is, and who we are to it; `connect_seconds` and `seconds` bound the wait."""

    host: str
    port: int
    is_secure: bool
    user: str
    password: str
    database: str
    connect_seconds: int = 5
    seconds: int = 60

    @property
    def shown(self) -> str:
        """The address as people may see it."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}:{self.port}/{self.database}"
