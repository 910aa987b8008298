"""Close a month: when its books agree, nothing is dated or booked into it any more."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.store import audit, bank, billing, journal, merchants
from kesto.store.session import crash_point, writing


class AccountTurnover(Struct, frozen=True):
    """An account in the month: turnover on both sides and the balance at its end."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


class MonthReport(Struct, frozen=True):
    """What was closed: the turnover by account; `waiting` payments stay in the queue."""

    month: str
    closed_through: date
    accounts: tuple[AccountTurnover, ...]
    waiting: int


def close_month(merchant_id: UUID, month: str, now: datetime, actor: str) -> MonthReport:
    """Close a month, given as 2026-10; months close in order and only once they are over.

    Raises Invalid for what is no month, NotAllowed for one that is not over or closed already,
    Conflict while something due in it is not billed.
    """
    first, last = _month(month)
    with writing(merchant_id) as session:
        merchant = merchants.merchant(session, lock=True)
        zone = merchants.billing_entities(session)[0].zone
        if local_date(now, zone) <= last:
            raise NotAllowed(f"{month} is not over yet", code="month_open", field="month")
        if merchant.closed_through is not None and merchant.closed_through >= last:
            raise NotAllowed(f"{month} is closed already", code="month_closed", field="month")
        groups, due_on = billing.due_days(session, last)
        if groups:
            raise Conflict(
                f"{groups} billing groups still wait for their invoice, the first since {due_on};"
                " run the billing first",
                code="unbilled",
                field="month",
            )
        turnover = journal.turnover(session, first, last)
        report = MonthReport(
            month,
            last,
            tuple(_accounts(turnover, journal.balances(session, last))),
            sum(one.entry.booked_on <= last for one in bank.queue(session)),
        )
        merchants.close_through(session, last)
        crash_point("close_month.after_close")
        data = {"month": month, "accounts": report.accounts}
        audit.record(session, "close_month", data, now, actor)
        crash_point("close_month.before_commit")
    crash_point("close_month.after_commit")
    return report


def _month(text: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{text}-01")
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{text!r} is not a month; write it as 2026-10", code="bad_month", field="month"
        ) from None
    return first, following - timedelta(days=1)


def _accounts(
    turnover: list[tuple[str, str, int, int]], balances: list[tuple[str, str, int]]
) -> list[AccountTurnover]:
    moved = {(row[0], row[1]): (row[2], row[3]) for row in turnover}
    found = []
    for account, currency, balance in balances:
        debit, credit = moved.get((account, currency), (0, 0))
        found.append(AccountTurnover(account, currency, debit, credit, balance))
    return found
