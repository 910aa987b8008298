"""Make a key of the API, for a merchant's own systems; it is shown once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.adapters.files import checks
from kesto.core.api_keys import key_of, known_scopes, shown_prefix
from kesto.core.ids import shown
from kesto.core.refusals import Invalid, NotAllowed
from kesto.flows.start_billing import may_start
from kesto.store import api_keys, audit, merchants
from kesto.store.ids import new_key_secret
from kesto.store.session import writing


class MadeKey(Struct, frozen=True):
    """A new key: the only time that `key` is known."""

    id: UUID
    name: str
    prefix: str
    key: str


def make_key(
    merchant_id: UUID, name: str, scopes: Sequence[str], now: datetime, actor: str
) -> MadeKey:
    """Make a key of the merchant's mode; only its hash is kept.

    Raises Invalid, and NotAllowed for staff that gives a key more than it may do with money itself.
    """
    name, wanted = _checked_name(name), known_scopes(scopes)
    with writing(merchant_id) as session:
        if "approve" in wanted and not may_start(session, actor):
            raise NotAllowed(
                "only who may start billing runs makes a key that approves them: leave out approve",
                code="scope_not_yours",
                field="scopes",
            )
        key = key_of(merchants.merchant(session).mode, new_key_secret())
        key_id = api_keys.add_key(session, key, name, wanted, now, actor)
        data = {"key": shown("api_key", key_id), "name": name, "scopes": wanted}
        audit.record(session, "make_key", data, now, actor)
    return MadeKey(key_id, name, shown_prefix(key), key)


def _checked_name(name: str) -> str:
    name = checks.tidied(name)
    if not name:
        raise Invalid("give a name", code="missing", field="name")
    try:
        checks.words(checks.printable(name))
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_name", field="name") from None
    return name
