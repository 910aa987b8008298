"""What items are of: plan versions, add-ons and products, which stay as they were published."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session

SOLD = """
    select v.id, p.code, v.version, v.phases from plan_version v
        join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id
        where v.merchant_id = %(merchant)s and v.id = any(%(ids)s)
    union all select id, code, version, '[]' from add_on
        where merchant_id = %(merchant)s and id = any(%(ids)s)
    union all select id, code, null, '[]' from product
        where merchant_id = %(merchant)s and id = any(%(ids)s)
"""
MOST_KEPT = 10_000


class Sold(Struct, frozen=True):
    """A plan version, an add-on or a product; `trials` are the places of its trial phases."""

    code: str
    version: int | None
    trials: frozenset[int]


def sold(session: Session, ids: Iterable[UUID]) -> dict[UUID, Sold]:
    """What those are; what was asked once is known, for nobody may change it."""
    own = session.merchant_id
    found = {one: _known.get((own, one)) for one in ids}
    if missing := [one for one, known in found.items() if known is None]:
        if len(_known) > MOST_KEPT:
            _known.clear()
        for row in session.prepared(SOLD, {"merchant": own, "ids": missing}):
            _known[own, row[0]] = found[row[0]] = _read(row)
    return {one: known for one, known in found.items() if known is not None}


def _read(row: tuple[Any, ...]) -> Sold:
    _, code, version, phases = row
    trials = frozenset(place for place, phase in enumerate(phases) if phase.get("is_trial"))
    return Sold(code, version, trials)


_known: dict[tuple[UUID, UUID], Sold] = {}
