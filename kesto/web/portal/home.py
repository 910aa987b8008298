"""The first page: what the next invoice will be and why, what is open, what was agreed."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from msgspec import Struct

from kesto.core.item import Pause
from kesto.flows.preview_next import NextInvoice, preview_next
from kesto.flows.show_subscription import running_pauses
from kesto.flows.show_usage import UsedSoFar, used_by_subscription
from kesto.store import grants
from kesto.store import portal as store
from kesto.store.office import invoices as listed
from kesto.store.portal import Subscribed
from kesto.store.session import reading
from kesto.web.portal import words
from kesto.web.portal.bills import bill_of_next
from kesto.web.portal.gate import Customer, PortalRequest, page, portal
from kesto.web.portal.rows import Row, invoice_row
from kesto.web.portal.wishes import wish_facts
from kesto.web.portal.written import day, money, named, until
from kesto.web.ui.grants import grant_rows
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill
from kesto.web.ui.usage import UsedCard, last_day_of_usage, used_cards

SOON = timedelta(days=7)
LOOKED_AT = 12
LATEST_GRANTS = 12


class Next(Struct, frozen=True):
    """The next invoice as the page shows it, or what comes back."""

    anchor: str
    title: str
    sum: str
    note: str
    bill: Bill
    is_checked: bool
    grows_until: date | None


class Contract(Struct, frozen=True):
    """A subscription in facts; `tone` and `state` say whether it runs."""

    anchor: str
    title: str
    add_ons: str
    tone: str
    state: str
    subscribed: Subscribed
    payment_method: str
    may_change: bool
    may_cancel: bool
    last_on: date | None
    is_over: bool
    used: Sequence[UsedCard]


class Due(Struct, frozen=True):
    """The open invoice that is to be paid first, or all that are overdue."""

    tone: str
    title: str
    text: str
    deed: str
    href: str


@portal()
def home(request: PortalRequest) -> HttpResponse:
    """Show the customer's subscriptions, the next invoice, what is open, how we reach them."""
    customer = request.customer
    with reading(customer.merchant_id) as session:
        coming = preview_next(session, customer.id, customer.today, words_language())
        subscribed = store.subscriptions(session, customer.id, customer.today)
        invoices = listed.of_customer(session, customer.id, LOOKED_AT)
        unpaid = listed.unpaid(session, customer.id)
        credit = grants.of_customer(session, customer.id, LATEST_GRANTS)
        used = grants.uses(session, [granted.id for granted in credit])
        wishes = store.preferences(session, customer.id)
        so_far = used_by_subscription(session, [one.id for one in subscribed], customer.now)
        pauses = running_pauses(session, [one.id for one in subscribed], customer.today)
    rows = [invoice_row(one, customer.today) for one in invoices]
    open_rows = [invoice_row(one, customer.today) for one in unpaid]
    contracts = [
        _contract(place, one, customer, so_far.get(one.id, ()), pauses.get(one.id))
        for place, one in enumerate(subscribed)
    ]
    contracts.sort(key=lambda one: one.is_over)  # what runs comes first
    return page(
        request,
        "home",
        "home",
        coming=[_next(place, one, customer) for place, one in enumerate(coming)],
        pays=any(one.is_payer for one in subscribed),
        contracts=contracts,
        lead=", ".join(dict.fromkeys(one.title for one in contracts)),
        due=_due(open_rows, customer),
        open_rows=open_rows,
        last=next((row for row in rows if not row.is_credit_note), None),
        credit=grant_rows(credit, used),
        wishes=wish_facts(wishes, customer.visitor),
    )


def _next(place: int, coming: NextInvoice, customer: Customer) -> Next:
    view = coming.view
    facts = {
        "bill_on": day(coming.bill_on),
        "due_on": day(view.due_on),
        "until": until(coming.bill_on, customer.today),
    }
    comes_back = view.total_minor < 0
    if comes_back:
        note = gettext("By a credit note on %(bill_on)s, %(until)s.") % facts
    else:
        note = gettext("Billed on %(bill_on)s, %(until)s. Due on %(due_on)s.") % facts
    if view.credit_used_minor:
        left = {"left": money(coming.to_pay_minor, view.currency)}
        note = f"{note} {gettext('%(left)s is left to pay after your credit.') % left}"
    return Next(
        f"next-{place}",
        gettext("You get back") if comes_back else pgettext("portal", "Next invoice"),
        money(abs(view.total_minor), view.currency),
        note,
        bill_of_next(view),
        coming.is_checked,
        last_day_of_usage(view, customer.today),
    )


def _contract(
    place: int,
    one: Subscribed,
    customer: Customer,
    so_far: Sequence[UsedSoFar],
    pause: Pause | None,
) -> Contract:
    def href_of(used: UsedSoFar) -> str:
        return reverse("portal:usage", args=[one.id, used.price.id])

    plans = [named(item.names) for item in one.items if item.is_plan]
    add_ons = [named(item.names) for item in one.items if not item.is_plan]
    tone, state = _state(one, customer, pause)
    is_over = one.end_on is not None and one.end_on <= customer.today
    may_change = one.is_holder and not is_over
    return Contract(
        f"contract-{place}",
        ", ".join(dict.fromkeys(plans)) or one.external_id,
        ", ".join(dict.fromkeys(add_ons)),
        tone,
        state,
        one,
        words.said(words.PAYMENT_METHODS, one.payment_method) if one.payment_method else "",
        may_change,
        may_change and one.end_on is None,
        one.end_on - timedelta(days=1) if one.end_on else None,
        is_over,
        used_cards(so_far, customer.now, href_of),
    )


def _state(one: Subscribed, customer: Customer, pause: Pause | None) -> tuple[str, str]:
    if one.start_on > customer.today:
        return "info", gettext("Begins %(day)s") % {"day": day(one.start_on)}
    if pause is not None and (one.end_on is None or customer.today < one.end_on):
        if pause.end is None:
            return "warn", gettext("Paused")
        return "warn", gettext("Paused until %(day)s") % {"day": day(pause.end - timedelta(days=1))}
    if one.end_on is None:
        return "ok", gettext("In force")
    last_on = one.end_on - timedelta(days=1)
    if one.end_on <= customer.today:
        return "", gettext("Ended %(day)s") % {"day": day(last_on)}
    return "warn", gettext("Ends %(day)s") % {"day": day(last_on)}


def _due(rows: Sequence[Row], customer: Customer) -> Due | None:
    """The earliest open invoice, or all that are overdue; what is due within a week stands out."""
    overdue = [row for row in rows if row.due_on < customer.today]
    if len(overdue) > 1:
        return _overdue(overdue)
    first = rows[0] if rows else None
    if first is None:
        return None
    facts = {"number": first.number, "until": until(first.due_on, customer.today)}
    is_late = first.due_on < customer.today
    title = (
        gettext("Invoice %(number)s is overdue.") % facts
        if is_late
        else gettext("Invoice %(number)s is due %(until)s.") % facts
    )
    owed = money(first.open_minor, first.currency)
    is_soon = first.due_on <= customer.today + SOON
    return Due(
        "bad" if is_late else "warn" if is_soon else "info",
        title,
        gettext("%(sum)s · due on %(day)s") % {"sum": owed, "day": day(first.due_on)},
        gettext("Pay %(sum)s") % {"sum": owed},
        reverse("portal:invoice", args=[first.number]) + "#pay",
    )


def _overdue(rows: Sequence[Row]) -> Due:
    """How many invoices are overdue and what they come to, by currency."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.open_minor
    owed = " + ".join(money(minor, currency) for currency, minor in sums.items())
    facts = {"sum": owed, "day": day(rows[0].due_on)}
    return Due(
        "bad",
        gettext("%(n)d invoices are overdue.") % {"n": len(rows)},
        gettext("%(sum)s in all · the oldest was due on %(day)s") % facts,
        gettext("See the open invoices"),
        "#open",
    )
