"""The six figures of a day with their past, and the money that came in."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.money import major
from kesto.store.office.figures import Figures
from kesto.web.office import words, written
from kesto.web.office.gate import Staff
from kesto.web.office.months import (
    WEEK,
    levels,
    months_until,
    next_month,
    sum_within,
    weeks_until,
)
from kesto.web.ui import charts
from kesto.web.ui.charts import Bar

MONTHS, WEEKS, MONEY_WEEKS = 12, 13, 6
FOUR_WEEKS_BACK = -5
DAY = timedelta(days=1)
THOUSAND = 1000


class Tile(Struct, frozen=True):
    """One of the six figures, with a link to what it counts."""

    label: str
    value: str
    change: str
    spark: SafeString
    href: str


def tiles(staff: Staff, found: Figures) -> Iterator[Tile]:
    """The six figures of a merchant."""
    invoices, month = reverse("office:invoices"), f"{staff.today:%Y-%m}"
    payments = reverse("office:payments") if staff.may("money") else ""
    yield _level(staff, gettext("Open receivables"), found.open_minor, f"{invoices}?state=open")
    yield _level(staff, gettext("Overdue"), found.overdue_minor, f"{invoices}?state=overdue")
    yield _monthly(
        staff, gettext("Invoiced this month"), found.invoiced_minor, f"{invoices}?month={month}"
    )
    yield _monthly(
        staff,
        gettext("Paid this month"),
        found.paid_minor,
        payments and f"{payments}?month={month}",
    )
    yield _subscriptions(staff, found)
    yield _unmatched(staff, found)


def _level(staff: Staff, label: str, days: Mapping[date, int], href: str) -> Tile:
    values = levels(days, weeks_until(staff.today, WEEKS))
    difference = written.whole_change(values[-1] - values[FOUR_WEEKS_BACK], staff.currency)
    return Tile(
        label,
        written.whole(values[-1], staff.currency),
        gettext("%(change)s in four weeks") % {"change": difference},
        charts.spark(values),
        href,
    )


def _monthly(staff: Staff, label: str, days: Mapping[date, int], href: str) -> Tile:
    months = months_until(staff.today, MONTHS)
    sums = [sum_within(days, first_on, next_month(first_on)) for first_on in months]
    before = {
        "sum": written.whole(sums[-2], staff.currency),
        "month": words.month(months[-2]),
    }
    value = written.whole(sums[-1], staff.currency)
    return Tile(label, value, gettext("%(month)s: %(sum)s") % before, charts.spark(sums), href)


def _subscriptions(staff: Staff, found: Figures) -> Tile:
    months = months_until(staff.today, MONTHS)
    values = levels(found.subscriptions, [*(on - DAY for on in months), staff.today])
    difference = written.signed(values[-1] - values[-2])
    return Tile(
        gettext("Active subscriptions"),
        written.number(values[-1]),
        gettext("%(change)s this month") % {"change": difference},
        charts.spark(values),
        f"{reverse('office:customers')}?filter=active",
    )


def _unmatched(staff: Staff, found: Figures) -> Tile:
    values = levels(found.unmatched, weeks_until(staff.today, WEEKS))
    waiting = written.whole(sum(found.unmatched_minor.values()), staff.currency)
    return Tile(
        gettext("Unmatched payments"),
        written.number(values[-1]),
        gettext("%(sum)s in all") % {"sum": waiting},
        charts.spark(values),
        reverse("office:bank") if staff.may("money") else "",
    )


def money_by_week(staff: Staff, found: Figures) -> dict[date, int]:
    """The money of each of the last weeks, by the week's last day."""
    ends = weeks_until(staff.today, MONEY_WEEKS)
    return {end: sum_within(found.paid_minor, end - WEEK + DAY, end + DAY) for end in ends}


def money_chart(staff: Staff, sums: Mapping[date, int]) -> charts.Chart:
    """The money that came in, week by week, in thousands."""
    bars = [_bar(staff, end, minor) for end, minor in sums.items()]
    sentence = gettext("Money in by week, the last six weeks, in thousands: %(sums)s")
    told = charts.Words(
        sentence % {"sums": ", ".join(bar.written for bar in bars)},
        gettext("Money in by week, thousands"),
        (gettext("Week"), gettext("Thousands")),
    )
    return charts.bars(bars, told, sizes=(charts.SIDE, charts.SIDE), has_axis=False)


def _bar(staff: Staff, end: date, minor: int) -> Bar:
    first_on = end - WEEK + DAY
    tenths = int(major(minor, staff.currency) * 10 / THOUSAND)
    value = Decimal(tenths) / 10
    row = written.period(first_on, end + DAY)
    return Bar(words.short_day(first_on), value, written.number(value, 1), row=row)
