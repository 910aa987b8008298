"""What moved: subscriptions that changed since a snapshot of the database.

The triggers of `placing` note every change in its own transaction, so nobody who changes anything
has to say so here. A job names the snapshot that its changes reach up to, and the next job goes on
from there: a change that was on its way is found as soon as it can be seen, and none twice. More
than a hundred at once are noted as one, without names; they are nobody's here.
"""

from uuid import UUID

from kesto.store.session import Session, across_merchants

EVER = "1:1:"
"""A snapshot in which nothing is there yet."""

CHANGED = """
    from placing_change c
        join subscription s on s.merchant_id = c.merchant_id and s.id = c.own
    where c.merchant_id = {merchant}
        and c.xid >= pg_snapshot_xmin({since}::pg_snapshot)::text::bigint
        and not pg_visible_in_snapshot(c.xid::text::xid8, {since}::pg_snapshot)
"""
# A database that was restored may count its transactions from lower numbers: all is new to it.
MERCHANTS = f"""
    select m.merchant_id, t.since, pg_current_snapshot()::text
    from (select distinct merchant_id from meter) m
        left join lateral (
            select payload->>'seen' as seen from job j
            where j.merchant_id = m.merchant_id and j.kind = %s order by j.key desc limit 1
        ) last on true
        cross join lateral (
            select case when pg_snapshot_xmax(last.seen::pg_snapshot)
                <= pg_snapshot_xmax(pg_current_snapshot()) then last.seen else '{EVER}' end as since
            offset 0
        ) t
    where exists (select {CHANGED.format(merchant="m.merchant_id", since="t.since")})
"""
SUBSCRIPTIONS = f"""
    select distinct s.id {CHANGED.format(merchant="%(merchant)s", since="%(since)s")} order by s.id
"""


def merchants_with_moves(kind: str) -> list[tuple[UUID, str, str]]:
    """Merchants that meter and in which a subscription changed since their last job of a kind.

    With the snapshot that the job reached up to, and that of now.
    """
    with across_merchants() as connection:
        return connection.execute(MERCHANTS, [kind]).fetchall()


def moved_since(session: Session, since: str) -> list[UUID]:
    """The subscriptions that changed since a snapshot and can be seen by now."""
    values = {"merchant": session.merchant_id, "since": since}
    return [row[0] for row in session.named(SUBSCRIPTIONS, values)]
