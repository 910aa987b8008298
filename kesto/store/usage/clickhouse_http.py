"""The way to a ClickHouse server over HTTP: one question or one insert at a time.

Each thread keeps its connection. A question that failed because a kept connection was closed
meanwhile is asked again once; an insert too, since the server knows it by its token. Only `boot`
imports this: what serves the API is given a server and can reach no other.
"""

import base64
import contextlib
import http.client
import ssl
from threading import local
from urllib.parse import urlencode

from kesto.core.refusals import EventsAway
from kesto.store.usage.clickhouse_server import Address, Server

OK = 200
MOST_TOLD = 500
AWAY = "ClickHouse at {} {}; events are taken in all the same and wait for it. See `kesto doctor`"


class HttpServer(Server):
    """A ClickHouse server, or any node of a cluster, by its HTTP interface."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._own = local()
        login = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {login}",
            "Content-Type": "text/plain; charset=utf-8",
            "User-Agent": "kesto",
        }
        # The answer is begun when the query is done: no half answer looks like a whole one.
        words = {
            "database": address.database,
            "default_format": "JSONCompactEachRow",
            "wait_end_of_query": 1,
            "max_execution_time": address.seconds,
        }
        self._path = f"/?{urlencode(words)}"

    def ask(self, query: str) -> bytes:
        """The rows of a query, each a JSON array on a line of its own."""
        return self._post(query.encode())

    def tell(self, statement: str, rows: bytes = b"") -> None:
        """Run a statement that answers nothing; rows follow an insert."""
        self._post(b"\n".join((statement.encode(), rows)) if rows else statement.encode())

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        kept = getattr(self._own, "connection", None)
        if kept is not None:
            kept.close()
        self._own.connection = None

    def _post(self, body: bytes) -> bytes:
        kept = getattr(self._own, "connection", None)
        try:
            if kept is not None:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    return self._send(kept, body)
                self.close()
            self._own.connection = self._connection()
            return self._send(self._own.connection, body)
        except (OSError, http.client.HTTPException) as trouble:
            self.close()
            words = f"does not answer ({type(trouble).__name__}: {trouble})"
            raise EventsAway(AWAY.format(self.address.shown, words)) from trouble

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> bytes:
        connection.request("POST", self._path, body, self._headers)
        answer = connection.getresponse()
        found = answer.read()
        if answer.status != OK or answer.getheader("X-ClickHouse-Exception-Code"):
            said = found.decode("utf-8", "replace").strip()[:MOST_TOLD]
            words = f"refuses with status {answer.status}: {said}"
            raise EventsAway(AWAY.format(self.address.shown, words))
        return found

    def _connection(self) -> http.client.HTTPConnection:
        where = self.address
        if where.is_secure:
            trusted = ssl.create_default_context()
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                where.host, where.port, timeout=where.connect_seconds, context=trusted
            )
        else:
            made = http.client.HTTPConnection(where.host, where.port, timeout=where.connect_seconds)
        made.connect()
        made.sock.settimeout(where.seconds + where.connect_seconds)
        return made
