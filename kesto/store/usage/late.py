"""What came late: the groups that must look back, and the marks that say so."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kesto.store.session import Session

OF_GROUP = (
    "select distinct i.billing_group_id, l.since, l.ingest_no from usage_late l"
    " join subscription_item i on i.merchant_id = l.merchant_id"
    "  and i.subscription_id = l.subscription_id where l.merchant_id = %s"
)


def look_back(session: Session, batch: int, group_id: UUID | None = None) -> None:
    """Let groups look at their past again for what came late up to a batch; the marks are spent.

    A group that was not billed up to the day of an event yet counts it in its turn.
    """
    only, values = ("", ()) if group_id is None else (" and i.billing_group_id = %s", (group_id,))
    session.execute(
        "update billing_group g set dirty_from = least(g.dirty_from, t.since)"
        f" from (select billing_group_id, min(since) as since from ({OF_GROUP}{only}"
        "  and l.ingest_no <= %s) late group by billing_group_id) t"
        " where g.merchant_id = %s and g.id = t.billing_group_id and t.since < g.billed_through",
        *(session.merchant_id, *values, batch, session.merchant_id),
    )
    if group_id is None:
        session.execute(
            "delete from usage_late where merchant_id = %s and ingest_no <= %s",
            *(session.merchant_id, batch),
        )


def late_since(session: Session, groups: Sequence[UUID]) -> dict[UUID, date]:
    """The first day for which something came late, by group; nothing is spent."""
    if (
        session.row("select from usage_late where merchant_id = %s limit 1", session.merchant_id)
        is None
    ):
        return {}
    rows = session.rows(
        f"select billing_group_id, min(since) from ({OF_GROUP} and i.billing_group_id = any(%s)) t"
        " group by billing_group_id",
        *(session.merchant_id, list(groups)),
    )
    return dict(rows)
