"""Revoke a key of the API: from now on it opens nothing."""

from datetime import datetime
from uuid import UUID

from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.store import api_keys, audit
from kesto.store.api_keys import ApiKey
from kesto.store.session import writing


def revoke_key(merchant_id: UUID, key_id: UUID, now: datetime, actor: str) -> ApiKey:
    """Revoke a key. Raises NotFound for one that is not there or revoked already."""
    with writing(merchant_id) as session:
        revoked = api_keys.revoke(session, key_id, now)
        if revoked is None:
            raise NotFound(
                "there is no such key, or it is revoked already", code="unknown_key", field="key"
            )
        audit.record(session, "revoke_key", {"key": shown("api_key", key_id)}, now, actor)
    return revoked
