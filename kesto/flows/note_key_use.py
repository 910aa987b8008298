"""Note that a key of the API is in use, so that people see which ones nobody needs any more."""

from datetime import datetime
from uuid import UUID

from kesto.store import api_keys
from kesto.store.session import writing


def note_key_use(merchant_id: UUID, key_id: UUID, now: datetime) -> None:
    """Write down when a key was last used; no entry of the audit log, as it changes nothing."""
    with writing(merchant_id) as session:
        api_keys.note_use(session, key_id, now)
