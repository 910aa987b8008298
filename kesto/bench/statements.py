"""How many statements go to the database for something, as the wire itself tells."""

import re
from collections.abc import Callable
from tempfile import TemporaryFile

from django.db import connections

SENT = re.compile(rb"\tF\t\d+\t(?:Execute|Query)\t")


def statements(work: Callable[[], object]) -> int:
    """Count what this thread's connection is told to do by some work, BEGIN and COMMIT too.

    The connection stands before, and has to be the same after.
    """
    connections["default"].ensure_connection()
    wire = connections["default"].connection.pgconn
    with TemporaryFile() as told:
        wire.trace(told.fileno())
        try:
            work()
        finally:
            wire.untrace()
        told.seek(0)
        return len(SENT.findall(told.read()))
