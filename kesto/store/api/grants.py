"""Credit grants as the API shows them."""

import contextlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.store.api.listing import Window, listed
from kesto.store.grants import GRANTS, Granted
from kesto.store.session import Session

IS_LEFT = "(g.left_minor > 0) = %s"
"""The condition that something is left of a grant, or nothing."""


def grants(session: Session, wanted: Mapping[str, object], window: Window) -> list[Granted]:
    """Grants in a list."""
    return [Granted(*row) for row in listed(session, GRANTS, wanted, window, "g.id")]


def by_id(session: Session, ids: Sequence[UUID]) -> dict[UUID, Granted]:
    """Grants by their ids."""
    query = f"{GRANTS} where g.merchant_id = %s and g.id = any(%s)"
    rows = session.rows(query, session.merchant_id, list(ids))
    return {row[0]: Granted(*row) for row in rows}


def grant(session: Session, text: str) -> Granted:
    """A grant by its id. Raises NotFound."""
    found: dict[UUID, Granted] = {}
    with contextlib.suppress(Invalid):  # answered as what is not there
        found = by_id(session, [parsed("credit_grant", text)])
    if not found:
        raise NotFound(
            f"there is no credit grant {text!r}",
            code="unknown_credit_grant",
            field="credit_grant",
        )
    return next(iter(found.values()))
