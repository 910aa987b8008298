"""Today: what waits for somebody, six figures with their past, and what goes as it should."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.store.messages import held_up
from kesto.store.office.figures import Figures, figures
from kesto.store.office.waiting import Health, Overdue, Waiting, health, overdue, waiting
from kesto.store.session import reading
from kesto.store.usage import letters
from kesto.web.office import words, written
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.months import month_start, next_month
from kesto.web.office.tiles import money_by_week, money_chart, tiles

DAY = timedelta(days=1)


class Task(Struct, frozen=True):
    """Something that waits: what, how much, and where it is done."""

    icon: str
    tone: str
    title: str
    note: str
    amount: str
    href: str
    deed: str


class Good(Struct, frozen=True):
    """Something that goes as it should, or does not."""

    is_good: bool
    title: str
    note: str


@office("customers")
def today(request: OfficeRequest) -> HttpResponse:
    """Show where the day's work begins."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        found = figures(session, staff.currency)
        waits = waiting(session, staff.today, staff.now)
        late = overdue(session, staff.currency, staff.today)
        held = held_up(session)
        rejected = sum(letters.counts(session).values())
        state = health(session) if staff.may("money") else None
    by_week = money_by_week(staff, found)
    return page(
        request,
        "today",
        "today",
        tiles=[*tiles(staff, found)],
        is_due=waits.due > 0,
        tasks=[*_held_tasks(staff, held), *_tasks(staff, found, waits, late, rejected)],
        money_chart=money_chart(staff, by_week),
        money_in=written.money(sum(by_week.values()), staff.currency),
        good=[*_good(staff, state, waits)] if state else [],
    )


def _tasks(
    staff: Staff, found: Figures, waits: Waiting, late: Overdue, rejected: int
) -> Iterator[Task]:
    """What waits, the most urgent first."""
    if staff.may("money"):
        yield from _run_tasks(waits)
    if late.count:
        title = ngettext("%(n)s overdue invoice", "%(n)s overdue invoices", late.count)
        yield Task(
            *("invoice", "bad", title % {"n": written.number(late.count)}),
            gettext("The oldest was due on %(day)s") % {"day": written.day(late.oldest_due_on)},
            written.money(late.open_minor, staff.currency),
            f"{reverse('office:invoices')}?state=overdue",
            gettext("View"),
        )
    unmatched = sum(found.unmatched.values())
    if staff.may("money") and unmatched:
        title = ngettext(
            "%(n)s bank payment without an invoice",
            "%(n)s bank payments without an invoice",
            unmatched,
        )
        yield Task(
            *("bank", "info", title % {"n": written.number(unmatched)}),
            gettext("The oldest came on %(day)s") % {"day": written.day(min(found.unmatched))},
            written.money(sum(found.unmatched_minor.values()), staff.currency),
            reverse("office:bank"),
            gettext("Match"),
        )
    if waits.troubled_messages:
        title = ngettext(
            "%(n)s message did not arrive", "%(n)s messages did not arrive", waits.troubled_messages
        )
        yield Task(
            *("mail", "warn", title % {"n": written.number(waits.troubled_messages)}),
            gettext("Look at the address, or reach the customer another way"),
            "",
            f"{reverse('office:messages')}?state=troubled",
            gettext("View"),
        )
    if rejected:
        title = ngettext(
            "%(n)s usage event was rejected", "%(n)s usage events were rejected", rejected
        )
        yield Task(
            *("usage", "warn", title % {"n": written.number(rejected)}),
            gettext("Mend what is wrong and send them again; they are not billed before"),
            *("", reverse("office:rejected"), gettext("View")),
        )
    if staff.may("money"):
        yield from _month_tasks(staff, waits)


def _held_tasks(staff: Staff, held: Mapping[str, int]) -> Iterator[Task]:
    """What keeps many messages back at once; nothing reaches anybody before it is mended."""
    page = "settings_delivery" if staff.may("change_settings") else "messages"
    for reason, count in held.items():
        title = ngettext("%(n)s message is held up", "%(n)s messages are held up", count)
        yield Task(
            *("mail", "bad", title % {"n": written.number(count)}),
            *(words.message_reason(reason), "", reverse(f"office:{page}"), gettext("View")),
        )


def _run_tasks(waits: Waiting) -> Iterator[Task]:
    runs = reverse("office:runs")
    if waits.parked:
        title = ngettext(
            "%(n)s invoice was set aside", "%(n)s invoices were set aside", waits.parked
        )
        yield Task(
            *("pause", "bad", title % {"n": written.number(waits.parked)}),
            gettext("Nothing is billed to these customers before you decide"),
            *("", f"{runs}#parked", gettext("Decide")),
        )
    if waits.approval_id:
        yield Task(
            *("pause", "bad", gettext("A billing run waits for approval")),
            gettext("It is above the limit; nothing is billed before somebody approves it"),
            *("", reverse("office:approval", args=[waits.approval_id]), gettext("Decide")),
        )
    if waits.dead_jobs:
        title = ngettext("%(n)s run gave up", "%(n)s runs gave up", waits.dead_jobs)
        yield Task(
            *("error", "bad", title % {"n": written.number(waits.dead_jobs)}),
            gettext("It was tried three times"),
            *("", runs, gettext("View")),
        )
    if waits.due:
        title = ngettext(
            "%(n)s invoice is due to be made", "%(n)s invoices are due to be made", waits.due
        )
        yield Task(
            *("run", "warn", title % {"n": written.number(waits.due)}),
            gettext("Due since %(day)s") % {"day": written.day(waits.due_since)},
            *("", runs, gettext("Bill")),
        )


def _month_tasks(staff: Staff, waits: Waiting) -> Iterator[Task]:
    month = next_to_close(waits.closed_through, waits.first_booked_on)
    if month is not None and next_month(month) <= staff.today:
        yield Task(
            *(
                "month",
                "",
                gettext("%(month)s can be closed") % {"month": words.month_title(month)},
            ),
            gettext("The month is over; closing it keeps its books as they are"),
            *("", reverse("office:close_month", args=[f"{month:%Y-%m}"]), gettext("Check")),
        )


def next_to_close(closed_through: date | None, first_booked_on: date | None) -> date | None:
    """The first month that is not closed; None while nothing is booked."""
    if closed_through is not None:
        return month_start(closed_through + DAY)
    return month_start(first_booked_on) if first_booked_on else None


def _good(staff: Staff, state: Health, waits: Waiting) -> Iterator[Good]:
    if state.file_name and state.file_at and state.file_entries is not None:
        matched = state.file_entries - (state.file_waiting or 0)
        note = gettext("%(day)s, %(matched)s of %(all)s payments found their invoice") % {
            "day": written.day(state.file_at.date()),
            "matched": written.number(matched),
            "all": written.number(state.file_entries),
        }
        yield Good(is_good=True, title=gettext("Bank file read"), note=note)
    if state.run_through:
        is_done = state.run_finished_at is not None
        title = gettext("Billed through %(day)s") % {"day": written.day(state.run_through)}
        note = gettext("the run is finished") if is_done else gettext("the run is not finished")
        yield Good(is_good=is_done, title=title, note=note)
    yield Good(
        is_good=state.ledger_minor == 0,
        title=gettext("Ledger balances"),
        note=gettext("difference %(sum)s")
        % {"sum": written.money(state.ledger_minor, staff.currency)},
    )
    if waits.to_send:
        note = ngettext("%(n)s is on its way", "%(n)s are on their way", waits.to_send)
        title = gettext("Messages go out")
        yield Good(is_good=True, title=title, note=note % {"n": written.number(waits.to_send)})
