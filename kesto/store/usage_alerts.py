"""Alerts of usage in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kesto.core.alerts import Alert
from kesto.core.exact import plain
from kesto.store.session import Session, across_merchants

COLUMNS = "a.id, a.subscription_id, t.code, a.kind, a.threshold, a.set_by"
WITH_METER = "usage_alert a join meter t on t.merchant_id = a.merchant_id and t.id = a.meter_id"
# Whether something came that was not looked at yet. The rollup of the running period knows its
# newest batch, and a mark stands for what came of days that are over, which may be of another
# period. Where no rollup is open as of the present history, events are looked through: a running
# period began less than 13 months ago. Of what went on to ClickHouse the spool notes it.
UNSEEN = (
    "(coalesce((select max(r.newest_no) > a.seen from usage_rollup r"
    "   join subscription s on s.merchant_id = r.merchant_id and s.id = r.subscription_id"
    "   join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id"
    "  where r.merchant_id = a.merchant_id and r.subscription_id = a.subscription_id"
    "   and r.meter_id = a.meter_id and r.end_at > %(now)s::timestamptz"
    "   and r.start_at <= %(now)s::timestamptz and cardinality(r.labels) = 0 and r.is_filled"
    "   and r.history_seq >= g.history_seq),"
    " a.came_no > a.seen or exists (select from usage_event e where e.merchant_id = a.merchant_id"
    "  and e.subscription_id = a.subscription_id and e.meter_id = a.meter_id"
    "  and e.at > %(now)s::timestamptz - interval '400 days' and e.ingest_no > a.seen)"
    " or exists (select from usage_spool s where s.merchant_id = a.merchant_id"
    "  and s.ingest_no > a.seen and a.subscription_id = any(s.subscriptions)))"
    " or exists (select from usage_late l where l.merchant_id = a.merchant_id"
    "  and l.subscription_id = a.subscription_id and l.ingest_no > a.seen))"
)


def add(session: Session, alert: Alert, meter_id: UUID, now: datetime) -> bool:
    """Keep an alert; answers whether there was none like it."""
    added = session.execute(
        "insert into usage_alert (merchant_id, id, subscription_id, meter_id, kind, threshold,"
        " set_by, created_at, seen, came_no) values (%s, %s, %s, %s, %s, %s, %s, %s, 0,"
        " (select count(*) from usage_move where merchant_id = %s)) on conflict do nothing",
        *(session.merchant_id, alert.id, alert.subscription_id, meter_id, alert.kind),
        # Whether anything came before can't be seen here once it is in ClickHouse: look once.
        *(alert.threshold, alert.set_by, now, session.merchant_id),
    )
    return added > 0


def drop(session: Session, subscription_id: UUID, alert_id: UUID) -> bool:
    """Forget an alert; answers whether it was there."""
    gone = session.execute(
        "delete from usage_alert where merchant_id = %s and subscription_id = %s and id = %s",
        *(session.merchant_id, subscription_id, alert_id),
    )
    return gone > 0


def of_subscription(session: Session, subscription_id: UUID) -> list[Alert]:
    """The alerts of a subscription, by meter and threshold."""
    rows = session.rows(
        f"select {COLUMNS} from {WITH_METER} where a.merchant_id = %s and a.subscription_id = %s"
        " order by t.code, a.kind, a.threshold",
        *(session.merchant_id, subscription_id),
    )
    return [_alert(row) for row in rows]


def unseen(session: Session, now: datetime, limit: int) -> list[Alert]:
    """Alerts of meters that something came for since they were looked at; locked."""
    rows = session.named(
        f"select {COLUMNS} from {WITH_METER} where a.merchant_id = %(own)s and {UNSEEN}"
        " order by a.id limit %(limit)s for update of a skip locked",
        {"own": session.merchant_id, "now": now, "limit": limit},
    )
    return [_alert(row) for row in rows]


def mark_seen(session: Session, ids: Sequence[UUID], batch: int) -> None:
    """Note up to which batch alerts were looked at."""
    session.execute(
        "update usage_alert set seen = %s where merchant_id = %s and id = any(%s)",
        *(batch, session.merchant_id, list(ids)),
    )


def merchants_to_watch(now: datetime) -> list[UUID]:
    """Merchants with alerts that something came for; a test merchant goes by its own clock."""
    query = (
        "select m.id from merchant m where exists (select from usage_alert a"
        f" where a.merchant_id = m.id and {UNSEEN})"
    ).replace("%(now)s::timestamptz", "coalesce(m.clock_at, %(now)s)")
    with across_merchants() as connection:
        return [row[0] for row in connection.execute(query, {"now": now})]


def _alert(row: tuple[Any, ...]) -> Alert:
    own, subscription_id, meter, kind, threshold, set_by = row
    return Alert(own, subscription_id, meter, kind, plain(threshold), set_by)
