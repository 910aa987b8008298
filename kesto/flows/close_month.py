"""Close a month: when its books agree, nothing is dated or booked into it any more."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.merchant import Merchant
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.store import audit, bank, billing, journal, merchants
from kesto.store.journal import Turnover
from kesto.store.session import Session, crash_point, reading, writing


class MonthReport(Struct, frozen=True):
    """What was closed: the turnover by account; `waiting` payments stay in the queue."""

    month: str
    closed_through: date
    accounts: tuple[Turnover, ...]
    waiting: int


class MonthLook(Struct, frozen=True):
    """A month before it is closed: its report, and what may stand in the way.

    `unbilled` groups have work in it since `unbilled_since`.
    """

    report: MonthReport
    is_over: bool
    is_closed: bool
    unbilled: int
    unbilled_since: date | None

    @property
    def can_close(self) -> bool:
        """Whether nothing stands in the way."""
        return self.is_over and not self.is_closed and not self.unbilled


def look_at_month(merchant_id: UUID, month: str, now: datetime) -> MonthLook:
    """What closing a month would close; reads only. Raises Invalid for what is no month."""
    with reading(merchant_id) as session:
        return _look(session, merchants.merchant(session), month, now)


def close_month(merchant_id: UUID, month: str, now: datetime, actor: str) -> MonthReport:
    """Close a month, given as 2026-10; months close in order and only once they are over.

    Raises Invalid for what is no month, NotAllowed for one that is not over or closed already,
    Conflict while something due in it is not billed.
    """
    with writing(merchant_id) as session:
        look = _look(session, merchants.merchant(session, lock=True), month, now)
        _refuse(look)
        report = look.report
        merchants.close_through(session, report.closed_through)
        crash_point("close_month.after_close")
        data = {"month": month, "accounts": report.accounts}
        audit.record(session, "close_month", data, now, actor)
        crash_point("close_month.before_commit")
    crash_point("close_month.after_commit")
    return report


def _look(session: Session, merchant: Merchant, month: str, now: datetime) -> MonthLook:
    first, last = _month(month)
    zone = merchants.billing_entities(session)[0].zone
    closed_through = merchant.closed_through
    unbilled, unbilled_since = billing.due_days(session, last, merchant.grace_days)
    report = MonthReport(
        month,
        last,
        tuple(journal.turnover(session, first, last)),
        sum(one.entry.booked_on <= last for one in bank.queue(session)),
    )
    return MonthLook(
        report,
        is_over=local_date(now, zone) > last,
        is_closed=closed_through is not None and closed_through >= last,
        unbilled=unbilled,
        unbilled_since=unbilled_since,
    )


def _refuse(look: MonthLook) -> None:
    month = look.report.month
    if not look.is_over:
        raise NotAllowed(f"{month} is not over yet", code="month_open", field="month")
    if look.is_closed:
        raise NotAllowed(f"{month} is closed already", code="month_closed", field="month")
    if look.unbilled:
        raise Conflict(
            f"{look.unbilled} billing groups still wait for their invoice, the first since"
            f" {look.unbilled_since}; run the billing first",
            code="unbilled",
            field="month",
        )


def _month(text: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{text}-01")
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{text!r} is not a month; write it as 2026-10", code="bad_month", field="month"
        ) from None
    return first, following - timedelta(days=1)
