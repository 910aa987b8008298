"""Forget placing: changes of subscribers that every process has taken note of."""

from uuid import UUID

from kesto.store.session import writing
from kesto.store.usage.placing import forget_changes

BATCH = 5_000


def forget_placing(merchant_id: UUID) -> int:
    """Delete them in parts, each committed; says how many. They are nobody's but the machine's."""
    count = 0
    while True:
        with writing(merchant_id, "run") as session:
            found = forget_changes(session, BATCH)
        count += found
        if found < BATCH:
            return count
