"""The months that usage events lie in: made ahead, and detached when nobody needs them."""

from datetime import UTC, date, datetime

from kesto.store.session import Session

STANDING = """
    select to_date(right(c.relname, 7), 'YYYY_MM') from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'usage_event'::regclass and c.relname ~ '[0-9]{4}_[0-9]{2}$' order by 1
"""
USERS = """
    select m.id, m.usage_months from merchant m
    where exists (select from usage_event e
        where e.merchant_id = m.id and e.at >= %s and e.at < %s limit 1)
"""
# Days of subscriptions reach a day beyond the month, whatever their zone.
BILLED = """
    select from claim where merchant_id = %s and kind = 'usage'
        and period_start <= %s::date + 1 and period_end >= %s::date - 1 limit 1
"""
UNBILLED = """
    select from billing_group g
        join subscription_item i on i.merchant_id = g.merchant_id and i.billing_group_id = g.id
    where g.merchant_id = %s and (g.next_due_on is not null or g.dirty_from is not null)
        and (g.billed_through is null or g.billed_through <= %s::date + 1
            or g.dirty_from <= %s::date + 1)
        and exists (select from usage_event e
            where e.merchant_id = g.merchant_id and e.subscription_id = i.subscription_id
                and e.at >= %s and e.at < %s limit 1)
    limit 1
"""


def make(session: Session, month: date) -> bool:
    """Make a month; whether it was not there."""
    row = session.row("select make_usage_month(%s)", month)
    return bool(row and row[0])


def standing(session: Session) -> list[date]:
    """The first days of the months that are there, the oldest first."""
    return [row[0] for row in session.rows(STANDING)]


def is_needed(session: Session, month: date, now: datetime) -> bool:
    """Whether any merchant wishes to keep what is in a month, was billed for it, or will be."""
    start_at, end_at = _moment(month), _moment(later(month, 1))
    for merchant_id, kept_months in session.rows(USERS, start_at, end_at):
        if kept_months is None or later(month, kept_months + 1) > now.date():
            return True
        if session.row(BILLED, merchant_id, end_at, start_at) is not None:
            return True
        values = (merchant_id, end_at, end_at, start_at, end_at)
        if session.row(UNBILLED, *values) is not None:
            return True
    return False


def detach(session: Session, month: date) -> bool:
    """Take a month away from the events, with its keys and what was kept of it."""
    session.execute(
        "delete from usage_rollup where start_at < %s and end_at > %s",
        *(_moment(later(month, 1)), _moment(month)),
    )
    row = session.row("select detach_usage_month(%s)", month)
    return bool(row and row[0])


def later(month: date, months: int) -> date:
    """The first day of the month that comes so many after another."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
