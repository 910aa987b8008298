"""Billing runs that waited for approval, as the API lists them."""

import contextlib
from collections.abc import Mapping

from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.store import approvals as store
from kesto.store.api.listing import Window, listed
from kesto.store.approvals import FIELDS, Approval
from kesto.store.session import Session

APPROVALS = f"select {FIELDS} from run_approval a"


def approvals(session: Session, wanted: Mapping[str, object], window: Window) -> list[Approval]:
    """Approvals in a list, the run that was asked for last first."""
    return [Approval(*row) for row in listed(session, APPROVALS, wanted, window, "a.id")]


def approval(session: Session, text: str) -> Approval:
    """An approval by its id. Raises NotFound."""
    found = None
    with contextlib.suppress(Invalid):  # answered as what is not there
        found = store.approval(session, parsed("run_approval", text))
    if found is None:
        raise NotFound(
            f"there is no run approval {text!r}", code="unknown_approval", field="run_approval"
        )
    return found
